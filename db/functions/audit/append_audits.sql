-- Appends a few rows of one statement to the current transaction's chain, and leaves more than a
-- hundred to plumb.audit_insertion. Old and new rows of an UPDATE are paired by their position.
--
-- An update stands under the key the row had. When it changed the key, a second row stands
-- under the new one and says where to look, so that either key leads to the whole history.
--
-- Every line here is paid for by every audited row. All but the INSERT are simple expressions,
-- which PL/pgSQL prepares once per transaction and evaluates without a query; and it is an INSERT
-- of values because that is the statement which the executor begins and ends with least work.
create or replace function plumb.append_audits(
    p_op text,
    p_relation text,
    p_key text,
    p_old_rows jsonb[],
    p_new_rows jsonb[],
    p_excluded text default null,
    p_masked text default null
)
returns integer
language plpgsql
volatile
as $$
declare
    v_txid xid8;
    v_occurred_at constant timestamptz := clock_timestamp();
    v_app_user constant text := coalesce(
        nullif(left(current_setting('plumb.app_user', true), 200), ''), current_setting('application_name')
    );
    v_count constant integer := greatest(cardinality(p_old_rows), cardinality(p_new_rows));
    v_column constant text := case when left(p_key, 1) <> '[' then p_key end;
    v_state text := current_setting('plumb.audit_state', true);
    v_base_seal bigint;
    v_n integer;
    v_secret text;
    v_op text := p_op;
    v_record_key text;
    v_old_row jsonb;
    v_new_row jsonb;
    v_salt bytea;
    v_prev_hash bytea;
    v_row_hash bytea;
    v_moved jsonb [];
begin
    if v_count not between 1 and 100 then
        return case when v_count = 0 then 0 end;
    end if;
    v_txid := pg_current_xact_id();
    if split_part(v_state, ' ', 1) is distinct from v_txid::text then
        v_state := plumb.begin_chain();
    end if;
    v_base_seal := split_part(v_state, ' ', 2);
    v_n := split_part(v_state, ' ', 3);
    v_row_hash := decode(split_part(v_state, ' ', 4), 'hex');
    v_secret := split_part(v_state, ' ', 5);

    for v_position in 1..v_count loop
        v_old_row := p_old_rows[v_position];
        v_new_row := p_new_rows[v_position];
        if p_excluded is not null then
            v_old_row := plumb.audit_payload(v_old_row, p_excluded::text [], p_masked::text []);
            v_new_row := plumb.audit_payload(v_new_row, p_excluded::text [], p_masked::text []);
        end if;
        v_record_key := case
            when v_column is null then plumb.audit_key(coalesce(v_old_row, v_new_row), p_key)
            else coalesce(v_old_row, v_new_row) ->> v_column
        end;
        v_n := v_n + 1;
        v_prev_hash := v_row_hash;
        v_salt := sha256(convert_to(v_secret || v_n, 'UTF8'));
        if p_op = 'UPDATE' then
            v_op := plumb.update_op(v_old_row, v_new_row);
            if
                v_record_key <> (
                    case
                        when v_column is null then plumb.audit_key(v_new_row, p_key)
                        else v_new_row ->> v_column
                    end
                )
            then
                v_moved := v_moved || jsonb_build_object(
                    'key', plumb.audit_key(v_new_row, p_key), 'n', v_n
                );
            end if;
        end if;
        v_row_hash := sha256(
            v_prev_hash || plumb.link_bytes(
                plumb.payload_digest(v_salt, v_record_key, v_old_row, v_new_row),
                v_occurred_at,
                1::smallint,
                v_base_seal,
                v_txid,
                v_n,
                v_op,
                p_relation,
                session_user,
                v_app_user
            )
        );
        insert into plumb.audit_log
        values (
            v_base_seal, v_txid, v_occurred_at, v_n, 1, v_op, p_relation, v_record_key, session_user,
            v_app_user, v_old_row, v_new_row, v_salt, null, v_prev_hash, v_row_hash
        );
    end loop;

    v_state := set_config(
        'plumb.audit_state',
        concat_ws(' ', v_txid, v_base_seal, v_n, encode(v_row_hash, 'hex'), v_secret),
        true
    );
    if v_moved is not null then
        perform plumb.append_audits('REKEY', p_relation, 'key', null, v_moved);
    end if;
    return v_n;
end;
$$;
comment on function plumb.append_audits(text, text, text, jsonb[], jsonb[], text, text) is
'Append a few rows of one statement to the current transaction''s chain; returns the last n, null
if they are too many.';
