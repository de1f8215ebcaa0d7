-- Takes back what one transaction changed in audited tables, as plumb.undo_transactions() does.
create or replace function plumb.undo_transaction(
    p_txid xid8,
    dry_run boolean default true,
    p_by text default session_user,
    p_overwrite text[] default '{}',
    p_search_path text default current_setting('search_path')
)
returns table (step bigint, statement text, problem text)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select u.step, u.statement, u.problem
    from plumb.undo_transactions(array[p_txid], dry_run, p_by, p_overwrite, p_search_path) as u
$$;
comment on function plumb.undo_transaction(xid8, boolean, text, text[], text) is
'Show the statements that take a transaction back, or carry them out (dry_run => false).';
revoke execute on function plumb.undo_transaction(xid8, boolean, text, text[], text) from public;
grant execute on function plumb.undo_transaction(xid8, boolean, text, text[], text)
to plumb_auditor;
