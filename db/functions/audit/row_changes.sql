-- Returns what happened to one row, for people: one line for each column that changed, with who and
-- when.
create or replace function plumb.row_changes(p_relation regclass, p_key text)
returns table (
    changed_at timestamptz,
    who text,
    op text,
    column_name text,
    old_value text,
    new_value text,
    txid xid8
)
language sql
stable
rows 10
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select
        e.occurred_at,
        case
            when e.app_user in ('', e.actor) then e.actor
            else format('%s (login %s)', e.app_user, e.actor)
        end,
        e.op,
        c.name,
        c.old_value,
        c.new_value,
        e.txid
    from plumb.row_events(p_relation, p_key) as e
    left join lateral (
        select
            coalesce(o.name, w.name) as name,
            coalesce(o.exact_text, o.value #>> '{}') as old_value,
            coalesce(w.exact_text, w.value #>> '{}') as new_value
        from plumb.row_values(e.old_row) as o
        full join plumb.row_values(e.new_row) as w on w.name = o.name
        -- As text, for 1.50 is no other number than 1.5.
        where
            (o.value::text, o.exact_text)
            is distinct from (w.value::text, w.exact_text)
    ) as c on true
    order by e.place, c.name
$$;
comment on function plumb.row_changes(regclass, text) is
'What changed in a row, column by column, by whom and when; the key as text or a JSON array.';
grant execute on function plumb.row_changes(regclass, text) to plumb_auditor;
