-- Judges the migrations of one application. All that the release needs are applied and none has
-- failed: clean. More may be applied, for a schema runs ahead of the code that needs it. What
-- cannot be read is unknown, with the reason, and never clean.
create or replace function plumb.judge_migrations(p_source text)
returns table (
    status text, applied_count bigint, pending text[], failed text[], reason text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_expected text[];
    v_pending text[];
    v_failed text[];
    v_applied_count bigint;
begin
    select e.expected into v_expected
    from plumb.expected_migrations as e
    where e.source = p_source;
    begin
        with found as materialized (
            select r.* from plumb.read_migrations(p_source) as r
        ),

        -- One that failed and was repeated has a row of either kind.
        applied as (
            select f.name from found as f where f.state = 'applied'
            union
            select f.alias from found as f where f.state = 'applied' and f.alias is not null
        )

        select
            coalesce(
                array(
                    select n.name
                    from unnest(v_expected) with ordinality as n (name, position)
                    where n.name not in (select a.name from applied as a where a.name is not null)
                    order by n.position
                ), '{}'
            ),
            array(select distinct f.name from found as f where f.state = 'failed' order by f.name),
            (select count(distinct f.name) from found as f where f.state = 'applied')
        into v_pending, v_failed, v_applied_count;
    exception
        when others then
            return query
            select
                'unknown',
                null::bigint,
                '{}'::text[],
                '{}'::text[],
                left('cannot be read: ' || sqlerrm, 500);
            return;
    end;
    return query
    select
        case
            when v_failed <> '{}' then 'failed'
            when v_pending <> '{}' then 'pending'
            else 'clean'
        end,
        v_applied_count,
        v_pending,
        v_failed,
        case
            when v_failed <> '{}'
            then 'failed or not finished: ' || plumb.shortened_list(v_failed)
            when v_pending <> '{}'
            then 'not applied: ' || plumb.shortened_list(v_pending)
            when cardinality(v_expected) = 1 then 'the expected migration is applied'
            else format('all %s expected migrations are applied', cardinality(v_expected))
        end;
end;
$$;
comment on function plumb.judge_migrations(text) is
'Whether the migrations of an application are clean, pending, failed or unknown, and which.';
