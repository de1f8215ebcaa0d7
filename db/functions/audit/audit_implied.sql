-- How many rows a table has, and their sum, if nothing but its log ever changed it: from its last
-- baseline or TRUNCATE on, or from where the last reconciliation left off. Up to a seal, or (null)
-- up to what the calling statement sees. STABLE, so that it sees exactly what that statement sees.
create or replace function plumb.audit_implied(
    p_relation text, p_through_seal bigint, out row_count bigint, out row_sum numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_since plumb.audit_reconciliations;
    v_scope text := 'true';
    v_reset record;
begin
    select
        t.seal_id,
        l.txid,
        l.base_seal,
        l.n,
        l.occurred_at,
        coalesce((l.new_row ->> 'rows')::bigint, 0) as row_count,
        coalesce((l.new_row ->> 'sum')::numeric, 0) as row_sum
    into v_reset
    from plumb.audit_log as l
    left join plumb.audit_transactions as t on t.txid = l.txid and t.base_seal = l.base_seal
    where
        l.relation = p_relation
        and l.record_key is null
        and l.op in ('BASELINE', 'TRUNCATE')
        and (p_through_seal is null or t.seal_id <= p_through_seal)
    order by t.seal_id desc nulls first, l.occurred_at desc, l.n desc
    limit 1;
    if not found then
        return;
    end if;
    select r.* into v_since
    from plumb.audit_reconciliations as r
    where r.relation = p_relation and r.through_seal >= v_reset.seal_id;
    if found then
        v_scope := plumb.audit_scope(v_since.through_seal);
    end if;
    if v_scope = 'true' then
        v_since := null;
    end if;
    execute format(
        $sql$
        select
            $2 + count(l.new_row) - count(l.old_row),
            $3 + coalesce(sum(plumb.row_sum(l.new_row)), 0)
            - coalesce(sum(plumb.row_sum(l.old_row)), 0)
        from plumb.audit_log as l
        left join plumb.audit_transactions as t on t.txid = l.txid and t.base_seal = l.base_seal
        where
            l.relation = $1
            and l.op in ('INSERT', 'UPDATE', 'DELETE')
            and %s
            and ($4 is null or t.seal_id <= $4)
            and (
                $5
                or (l.txid = $6 and l.base_seal = $7 and l.n > $8)
                or (
                    (l.txid, l.base_seal) <> ($6, $7)
                    and l.occurred_at > $9
                    and (t.seal_id is null or t.seal_id >= $10)
                )
            )
        $sql$,
        v_scope
    )
    into row_count, row_sum
    using
        p_relation,
        coalesce(v_since.row_count, v_reset.row_count),
        coalesce(v_since.row_sum, v_reset.row_sum),
        p_through_seal,
        v_since.relation is not null,
        v_reset.txid,
        v_reset.base_seal,
        v_reset.n,
        v_reset.occurred_at,
        v_reset.seal_id;
end;
$$;
comment on function plumb.audit_implied(text, bigint) is
'Number and sum of the rows that a table''s log implies; nulls without a baseline.';
