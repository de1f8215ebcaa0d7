-- Lists every version of one row, oldest first: what it was, who made it so, when, in which
-- transaction. A row that came from another key, or went to one, shows both; what happened while
-- the table had another name is there too.
create or replace function plumb.row_history(p_relation regclass, p_key text)
returns table (
    version bigint,
    op text,
    old_row jsonb,
    new_row jsonb,
    changed_columns text[],
    actor text,
    app_user text,
    occurred_at timestamptz,
    seal_id bigint,
    txid xid8,
    n integer
)
language sql
stable
rows 10
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select
        e.place,
        e.op,
        e.old_row,
        e.new_row,
        case
            when e.op = 'UPDATE'
            then array(
                select coalesce(o.name, w.name)
                from plumb.row_values(e.old_row) as o
                full join plumb.row_values(e.new_row) as w on w.name = o.name
                -- As text, for 1.50 is no other number than 1.5.
                where
                    (o.value::text, o.exact_text)
                    is distinct from (w.value::text, w.exact_text)
                order by 1
            )
        end,
        e.actor,
        e.app_user,
        e.occurred_at,
        e.seal_id,
        e.txid,
        e.n
    from plumb.row_events(p_relation, p_key) as e
    order by e.place
$$;
comment on function plumb.row_history(regclass, text) is
'Each version of a row, by its key as text (a JSON array for a key of several columns).';
grant execute on function plumb.row_history(regclass, text) to plumb_auditor;
