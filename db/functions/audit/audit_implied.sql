-- Returns how many rows a table has, and their sum, if nothing but its log ever changed it: from
-- its last baseline or TRUNCATE on, or from where the last reconciliation left off. Up to a seal,
-- or (null) up to what the calling statement sees, and of what was recorded after a position only
-- what a snapshot shows. STABLE, so that it sees exactly what that statement sees.
create or replace function plumb.audit_implied(
    p_relation text,
    p_through_seal bigint,
    p_snapshot pg_snapshot default null,
    p_after_position bigint default null,
    out row_count bigint,
    out row_sum numeric,
    out sum_form integer
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_since plumb.audit_reconciliations;
    v_reset record;
begin
    select
        l.seal_id,
        l.position,
        l.occurred_at,
        l.n,
        -- Part of what came after the baseline may be sealed before it.
        coalesce((l.new_row ->> 'after_seal')::bigint, l.seal_id - 1) as after_seal,
        coalesce((l.new_row ->> 'rows')::bigint, 0) as row_count,
        coalesce((l.new_row ->> 'sum')::numeric, 0) as row_sum,
        case l.op
            when 'BASELINE' then coalesce((l.new_row ->> 'sum_form')::integer, 1)
            else 2
        end as sum_form
    into v_reset
    from plumb.log_of(p_relation, null) as l
    where
        l.op in ('BASELINE', 'TRUNCATE')
        and (p_through_seal is null or l.seal_id <= p_through_seal)
        and (
            p_snapshot is null
            or l.position <= p_after_position
            or pg_visible_in_snapshot(l.txid, p_snapshot)
        )
    order by l.position desc nulls last, l.seal_id desc nulls first, l.occurred_at desc, l.n desc
    limit 1;
    if not found then
        return;
    end if;
    select r.* into v_since
    from plumb.audit_reconciliations as r
    where r.relation = p_relation and r.through_seal >= v_reset.seal_id;
    sum_form := coalesce(v_since.sum_form, v_reset.sum_form);
    select
        coalesce(v_since.row_count, v_reset.row_count) + count(l.new_row) - count(l.old_row),
        coalesce(v_since.row_sum, v_reset.row_sum)
        + coalesce(sum(plumb.row_sum(l.new_row, sum_form)), 0)
        - coalesce(sum(plumb.row_sum(l.old_row, sum_form)), 0)
    into row_count, row_sum
    from plumb.log_of_table(
        p_relation,
        coalesce(
            v_since.through_seal,
            v_reset.after_seal,
            (select max(s.seal_id) from plumb.seals as s)
        )
    ) as l
    where
        l.op in ('INSERT', 'UPDATE', 'DELETE')
        and (p_through_seal is null or l.seal_id <= p_through_seal)
        and (
            p_snapshot is null
            or l.position <= p_after_position
            or pg_visible_in_snapshot(l.txid, p_snapshot)
        )
        and (
            v_since.relation is not null
            or (coalesce(l.position, -1), l.occurred_at, l.n)
            > (coalesce(v_reset.position, -1), v_reset.occurred_at, v_reset.n)
        );
end;
$$;
comment on function plumb.audit_implied(text, bigint, pg_snapshot, bigint) is
'Number and sum of the rows that a table''s log implies, and how it is summed; nulls without a
baseline.';
