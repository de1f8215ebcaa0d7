-- Takes back what one user, or one login, changed in a time, as plumb.undo_transactions() does:
-- whole transactions, the newest first.
create or replace function plumb.undo_user(
    p_user text,
    p_from timestamptz,
    p_to timestamptz,
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
    from plumb.undo_transactions(
        array(
            select distinct l.txid
            from plumb.audit_log as l
            where
                p_user in (l.app_user, l.actor)
                and l.occurred_at between p_from and p_to
                and l.relation not like 'plumb.%'
        ),
        dry_run,
        p_by,
        p_overwrite,
        p_search_path
    ) as u
$$;
comment on function plumb.undo_user(
    text, timestamptz, timestamptz, boolean, text, text[], text
) is
'Show the statements that take back what a user changed in a time, or carry them out.';
revoke execute on function plumb.undo_user(
    text, timestamptz, timestamptz, boolean, text, text[], text
) from public;
grant execute on function plumb.undo_user(
    text, timestamptz, timestamptz, boolean, text, text[], text
) to plumb_auditor;
