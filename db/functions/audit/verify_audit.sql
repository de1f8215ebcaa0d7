-- Verifies the log and lists where it is not what was written: a row for each finding, no row when
-- all is true. A quick look at everything says which transactions deserve an exact one, so what is
-- true costs one pass. It writes nothing, so it runs on a standby; every part sees the log as it
-- was when the statement began, so that nothing arriving in between can look wrong.
--
-- From a seal on, it reads what that seal and later ones closed and what is not sealed yet, by
-- the range of transaction numbers that the seal before had not seen. Up to a seal, it reads what
-- the seals of that range closed, so that old seals can be verified again a part at a time.
--
-- Its findings show hashes and counts, no row: so who may not read the log may verify it.
create or replace function plumb.verify_audit(
    p_from_seal bigint default 0, p_to_seal bigint default null
)
returns table (
    kind text, seal bigint, txid xid8, n integer, relation text, expected text, actual text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
    v_limit constant bigint := plumb.findings_limit();
    v_newest constant bigint := (select coalesce(max(s.seal_id), -1) from plumb.seals as s);
    v_to_seal constant bigint := coalesce(p_to_seal, v_newest);
    v_last constant bigint := coalesce(p_to_seal, 9223372036854775807);
    v_seal_ids bigint [];
    v_part record;
    v_txids xid8 [];
    v_base_seals bigint [];
begin
    if p_from_seal is null or p_from_seal < 0 then
        raise exception 'there is no seal %', coalesce(p_from_seal::text, 'null')
            using errcode = 'PL002', hint = 'select max(seal_id) from plumb.seals;';
    elsif p_from_seal > v_newest + 1 or p_to_seal > v_newest then
        raise exception 'there is no seal % yet, the newest is %',
            greatest(p_from_seal, p_to_seal), v_newest
            using errcode = 'PL001', hint = 'select max(seal_id) from plumb.seals;';
    elsif p_to_seal < p_from_seal then
        raise exception 'seal % is before seal %', p_to_seal, p_from_seal
            using errcode = 'PL002', hint = 'The second number is the last seal to verify.';
    end if;

    return query
    select f.kind, f.seal_id, null::xid8, null::integer, null::text, f.expected, f.actual
    from plumb.verify_seals(p_from_seal, v_to_seal) as f
    order by f.seal_id
    limit v_limit;

    -- Part by part, so that who waits is told how far it is: ./plumb shows it.
    for v_part in
        select p.first_seal, p.last_seal, p.row_count, p.rows_before
        from plumb.verification_parts(
            greatest(
                p_from_seal,
                (select max(r.first_kept_seal) from plumb.audit_retentions as r)
            ),
            v_to_seal
        ) as p
        order by p.first_seal
    loop
        raise debug 'verifying rows from % of %', v_part.rows_before + 1, v_part.row_count;
        v_seal_ids := v_seal_ids || array(
            select d.seal_id from plumb.doubtful_seals(v_part.first_seal, v_part.last_seal) as d
        );
    end loop;
    if v_seal_ids <> '{}' then
        return query
        select f.kind, f.seal_id, f.txid, f.n, f.relation, f.expected, f.actual
        from plumb.verify_lines(v_seal_ids) as f
        order by f.seal_id, f.txid, f.n
        limit v_limit;

        return query
        select f.kind, f.seal_id, f.txid, f.n, f.relation, f.expected, f.actual
        from plumb.verify_blocks(v_seal_ids) as f
        order by f.seal_id, f.txid, f.n
        limit v_limit;
    end if;

    select array_agg(d.txid), array_agg(d.base_seal)
    into v_txids, v_base_seals
    from plumb.doubtful_transactions(p_from_seal, p_to_seal) as d;

    if v_txids is null then
        return;
    end if;
    return query
    select f.kind, t.seal_id, f.txid, f.n, f.relation, f.expected, f.actual
    from plumb.verify_rows(v_txids, v_base_seals) as f
    left join plumb.audit_transactions as t on t.txid = f.txid and t.base_seal = f.base_seal
    where
        t.seal_id is null
        or t.seal_id < 0
        or t.seal_id between p_from_seal and v_last
    order by t.seal_id, f.txid, f.n
    limit v_limit;

    return query
    select f.kind, f.seal_id, f.txid, f.n, f.relation, f.expected, f.actual
    from plumb.verify_chains(v_txids, v_base_seals, p_from_seal, v_to_seal) as f
    where
        f.seal_id is null
        or f.seal_id < 0
        or f.seal_id between p_from_seal and v_last
    order by f.seal_id, f.txid, f.n
    limit v_limit;
end;
$$;
comment on function plumb.verify_audit(bigint, bigint) is
'Verify the audit log, or the seals of a range: a row for each finding, none when it is true.';
grant execute on function plumb.verify_audit(bigint, bigint) to plumb_operator, plumb_auditor;
