-- What all rows of one statement share in the log, as one row.
create or replace function plumb.chain_head(
    out txid xid8,
    out base_seal bigint,
    out secret text,
    out occurred_at timestamptz,
    out app_user text
)
language plpgsql
volatile
as $$
declare
    v_state text := current_setting('plumb.audit_state', true);
begin
    txid := pg_current_xact_id();
    if split_part(v_state, ' ', 1) is distinct from txid::text then
        v_state := plumb.begin_chain();
    end if;
    base_seal := split_part(v_state, ' ', 2);
    secret := split_part(v_state, ' ', 5);
    occurred_at := clock_timestamp();
    app_user := coalesce(
        nullif(left(current_setting('plumb.app_user', true), 200), ''), current_setting('application_name')
    );
end;
$$;
comment on function plumb.chain_head() is
'The current transaction, the seal its chain starts from, its secret, the time, the application.';
