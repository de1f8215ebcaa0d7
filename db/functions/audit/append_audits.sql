-- Appends many rows of one operation in one statement: a third of the work of appending them one
-- by one. The chain is the same.
create or replace function plumb.append_audits(
    p_op text, p_relation text, p_key text, p_old_rows jsonb[], p_new_rows jsonb[]
)
returns void
language plpgsql
volatile
as $$
declare
    v_txid constant xid8 := pg_current_xact_id();
    v_occurred_at constant timestamptz := clock_timestamp();
    v_app_user constant text := coalesce(
        nullif(current_setting('plumb.app_user', true), ''), current_setting('application_name')
    );
    v_count constant integer := greatest(
        cardinality(p_new_rows), cardinality(p_old_rows)
    );
    v_actor constant text := session_user;
    v_state text [] := string_to_array(current_setting('plumb.audit_state', true), ' ');
    v_base_seal bigint;
    v_n integer;
    v_first_hash bytea;
    v_row_hash bytea;
begin
    if v_state[1] is distinct from v_txid::text then
        select array[v_txid::text, s.seal_id::text, '0', encode(s.seal_hash, 'hex'), gen_random_uuid()::text]
        into v_state
        from plumb.seals as s
        order by s.seal_id desc
        limit 1;
    end if;
    v_base_seal := v_state[2];
    v_n := v_state[3];
    v_first_hash := decode(v_state[4], 'hex');

    -- The offsets keep what is used more than once from being computed more than once.
    with given as (
        select
            r.old_row,
            r.new_row,
            (v_n + r.position)::integer as n,
            case
                when p_op <> 'UPDATE' then p_op
                when r.old_row is null then 'INSERT'
                when r.new_row is null then 'DELETE'
                else p_op
            end as op,
            case
                when left(p_key, 1) = '[' then plumb.audit_key(coalesce(r.old_row, r.new_row), p_key)
                else coalesce(r.old_row, r.new_row) ->> p_key
            end as record_key,
            sha256(convert_to(v_state[5] || (v_n + r.position), 'UTF8')) as salt
        from rows from (unnest(p_old_rows), unnest(p_new_rows))
        with ordinality as r (old_row, new_row, position)
        offset 0
    ),

    chained as (
        select
            g.*,
            plumb.chain_links(
                v_first_hash,
                plumb.link_bytes(
                    plumb.payload_digest(g.salt, g.record_key, g.old_row, g.new_row),
                    v_occurred_at,
                    1::smallint,
                    v_base_seal,
                    v_txid,
                    g.n,
                    g.op,
                    p_relation,
                    v_actor,
                    v_app_user
                )
            ) over (rows unbounded preceding) as hashes
        from given as g
        offset 0
    ),

    written as (
        insert into plumb.audit_log (
            base_seal,
            txid,
            occurred_at,
            n,
            format,
            op,
            relation,
            record_key,
            actor,
            app_user,
            old_row,
            new_row,
            salt,
            prev_hash,
            row_hash
        )
        select
            v_base_seal,
            v_txid,
            v_occurred_at,
            c.n,
            1,
            c.op,
            p_relation,
            c.record_key,
            v_actor,
            v_app_user,
            c.old_row,
            c.new_row,
            c.salt,
            substr(c.hashes, 1, 32),
            substr(c.hashes, 33)
        from chained as c
        returning n, row_hash
    )

    select w.row_hash into strict v_row_hash from written as w where w.n = v_n + v_count;

    perform set_config(
        'plumb.audit_state',
        concat_ws(' ', v_txid, v_base_seal, v_n + v_count, encode(v_row_hash, 'hex'), v_state[5]),
        true
    );
    if p_op = 'UPDATE' and p_key <> '' then
        perform plumb.append_audit(
            'REKEY', p_relation, 'key', null,
            jsonb_build_object(
                'key', plumb.audit_key(r.new_row, p_key), 'n', v_n + r.position
            )
        )
        from rows from (unnest(p_old_rows), unnest(p_new_rows))
        with ordinality as r (old_row, new_row, position)
        where plumb.audit_key(r.old_row, p_key) <> plumb.audit_key(r.new_row, p_key);
    end if;
end;
$$;
comment on function plumb.append_audits(text, text, text, jsonb[], jsonb[]) is
'Append rows of one operation to the current transaction''s chain, in the order given.';
