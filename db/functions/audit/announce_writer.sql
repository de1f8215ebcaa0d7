-- Says in the WAL who changes a captured table, and when, for plumb.tg_audit_statement(), with
-- whose rights and search_path it runs. Every statement of an application waits for this: it is
-- two plain expressions, which a transaction prepares once for all its tables, and no query.
create or replace function plumb.announce_writer(p_relation text)
returns pg_lsn
language plpgsql
volatile
as $$
declare
    v_said constant bytea := timestamptz_send(clock_timestamp())
    || int4send(length(p_relation))
    || int4send(length(session_user))
    || convert_to(p_relation || session_user || plumb.app_user(), 'UTF8');
begin
    return pg_logical_emit_message(
        true,
        'plumb',
        sha256(plumb.message_key() || xid8send(pg_current_xact_id()) || 'plumb' || v_said) || v_said
    );
end;
$$;
comment on function plumb.announce_writer(text) is
'Say in the WAL who changes a captured table; for its trigger only.';
revoke execute on function plumb.announce_writer(text) from public;
