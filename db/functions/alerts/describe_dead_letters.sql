-- Describes the dead letters for the HTTP service, the oldest first, because they are sent again
-- first.
create or replace function plumb.describe_dead_letters(p_limit integer default 100)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'deadLetters', coalesce(
            jsonb_agg(plumb.describe_delivery(d.delivery_id) order by d.delivery_id), '[]'
        ),
        'total', (select count(*) from plumb.deliveries as a where a.status = 'dead')
    )
    from (
        select l.delivery_id
        from plumb.deliveries as l
        where l.status = 'dead'
        order by l.delivery_id
        limit p_limit
    ) as d
$$;
comment on function plumb.describe_dead_letters(integer) is
'The oldest dead letters and how many there are, as JSON.';
grant execute on function plumb.describe_dead_letters(integer) to plumb_reader;
