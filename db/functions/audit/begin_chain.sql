-- Begins the current transaction's chain at the newest seal. Where a chain stands (transaction,
-- base seal, n, hash, and the secret its salts come from) lives in a setting of this transaction:
-- it vanishes at the end, a rolled-back savepoint takes it back together with the rows, and nobody
-- else ever reads or waits for it.
create or replace function plumb.begin_chain()
returns text
language plpgsql
volatile
as $$
declare
    v_state text;
begin
    select
        set_config(
            'plumb.audit_state',
            concat_ws(
                ' ', pg_current_xact_id(), s.seal_id, 0, encode(s.seal_hash, 'hex'), gen_random_uuid()
            ),
            true
        )
    into v_state
    from plumb.seals as s
    order by s.seal_id desc
    limit 1;
    if not found then
        raise exception 'the audit log has no seal to start from'
            using errcode = 'PL005', hint = 'select plumb.open_audit_log();';
    end if;
    return v_state;
end;
$$;
comment on function plumb.begin_chain() is
'Start the current transaction''s chain from the newest seal; returns plumb.audit_state.';
