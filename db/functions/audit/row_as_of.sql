-- Returns one row as it was at a given time: null when it did not exist then, or the log does not
-- reach back.
create or replace function plumb.row_as_of(p_relation regclass, p_key text, p_moment timestamptz)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select e.state
    from plumb.row_events(p_relation, p_key) as e
    where e.occurred_at <= p_moment
    order by e.place desc
    limit 1
$$;
comment on function plumb.row_as_of(regclass, text, timestamptz) is
'A row as it was at a moment, null when there was none.';
grant execute on function plumb.row_as_of(regclass, text, timestamptz) to plumb_auditor;
