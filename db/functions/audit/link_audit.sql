-- Makes the next row of the current transaction's chain, for the caller to insert. Where the chain
-- stands (transaction, base seal, n, hash, and the secret its salts come from) lives in a setting
-- of this transaction: it vanishes at the end, a rolled-back savepoint takes it back together with
-- the rows, and nobody else ever reads or waits for it. Only the first row of a transaction reads
-- the newest seal.
--
-- An update stands under the key the row had. When it changed the key, a second row stands
-- under the new one and says where to look, so that either key leads to the whole history.
--
-- Every line here is paid for by every audited row. All but the reading of the seal are simple
-- expressions, which PL/pgSQL prepares once per transaction and evaluates without a query; that
-- is why the setting is written by an assignment.
create or replace function plumb.link_audit(
    p_op text, p_relation text, p_key text, p_old_row jsonb, p_new_row jsonb
)
returns plumb.audit_log
language plpgsql
volatile
as $$
declare
    v_txid constant xid8 := pg_current_xact_id();
    v_occurred_at constant timestamptz := clock_timestamp();
    v_app_user constant text := coalesce(
        nullif(current_setting('plumb.app_user', true), ''), current_setting('application_name')
    );
    v_record_key constant text := case
        when left(p_key, 1) = '[' then plumb.audit_key(coalesce(p_old_row, p_new_row), p_key)
        else coalesce(p_old_row, p_new_row) ->> p_key
    end;
    v_state text [] := string_to_array(current_setting('plumb.audit_state', true), ' ');
    v_n integer := 1;
    v_salt bytea;
    v_prev_hash bytea;
    v_row_hash bytea;
    v_written text;
begin
    if v_state[1] = v_txid::text then
        v_n := v_state[3]::integer + 1;
    else
        select
            array[
                v_txid::text, s.seal_id::text, '0', encode(s.seal_hash, 'hex'),
                gen_random_uuid()::text
            ]
        into v_state
        from plumb.seals as s
        order by s.seal_id desc
        limit 1;
        if not found then
            raise exception 'the audit log has no seal to start from'
                using errcode = 'PL005', hint = 'select plumb.open_audit_log();';
        end if;
    end if;
    v_prev_hash := decode(v_state[4], 'hex');
    v_salt := sha256(convert_to(v_state[5] || v_n, 'UTF8'));
    v_row_hash := sha256(
        v_prev_hash || plumb.link_bytes(
            plumb.payload_digest(v_salt, v_record_key, p_old_row, p_new_row),
            v_occurred_at,
            1::smallint,
            v_state[2]::bigint,
            v_txid,
            v_n,
            p_op,
            p_relation,
            session_user,
            v_app_user
        )
    );
    v_written := set_config(
        'plumb.audit_state',
        concat_ws(' ', v_txid, v_state[2], v_n, encode(v_row_hash, 'hex'), v_state[5]),
        true
    );
    if
        p_op = 'UPDATE'
        and v_record_key <> (
            case
                when left(p_key, 1) = '[' then plumb.audit_key(p_new_row, p_key)
                else p_new_row ->> p_key
            end
        )
    then
        perform plumb.append_audit(
            'REKEY',
            p_relation,
            'key',
            null,
            jsonb_build_object('key', plumb.audit_key(p_new_row, p_key), 'n', v_n)
        );
    end if;
    return row(
        v_state[2],
        v_txid,
        v_occurred_at,
        v_n,
        1,
        p_op,
        p_relation,
        v_record_key,
        session_user,
        v_app_user,
        p_old_row,
        p_new_row,
        v_salt,
        null,
        v_prev_hash,
        v_row_hash
    )::plumb.audit_log;
end;
$$;
comment on function plumb.link_audit(text, text, text, jsonb, jsonb) is
'The next row of the current transaction''s chain, yet to be inserted.';
