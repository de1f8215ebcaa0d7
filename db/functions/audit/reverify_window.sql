-- Returns which old seals to verify again now, so that an edit of a row that was verified long ago
-- is found within a stated time: the whole log is read again in audit_reverify_hours for each ten
-- million rows (a seal counts as a row), so each run reads its share of the time since the last. A
-- round that reached the newest verified seal begins anew at the oldest. Small shares are rounded
-- up, and a small log is read as a whole: reading a hundred thousand rows takes less than a second.
create or replace function plumb.reverify_window(
    p_before_seal bigint, out from_seal bigint, out to_seal bigint
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    c_rows_min constant bigint := 100000;
    v_state plumb.audit_verification;
    v_first constant bigint := (
        select coalesce(max(r.first_kept_seal), 0) from plumb.audit_retentions as r
    );
    v_total numeric;
    v_share numeric;
begin
    select v.* into v_state from plumb.audit_verification as v;
    select coalesce(sum(s.row_count + 1), 0) into v_total
    from plumb.seals as s
    where s.seal_id >= v_first and s.seal_id < p_before_seal;
    if v_total = 0 then
        return;
    end if;
    v_share := coalesce(
        extract(epoch from plumb.current_time() - v_state.verified_at)
        / (3600 * plumb.setting_number('audit_reverify_hours') * greatest(1, v_total / 10000000)),
        1
    );
    from_seal := greatest(v_state.reverified_seal + 1, v_first);
    if from_seal is null or from_seal >= p_before_seal or v_total <= c_rows_min then
        from_seal := v_first;
    end if;
    select max(w.seal_id) into to_seal
    from (
        select
            s.seal_id,
            sum(s.row_count + 1) over (order by s.seal_id rows unbounded preceding)
            - s.row_count - 1 as rows_before
        from plumb.seals as s
        where s.seal_id >= from_seal and s.seal_id < p_before_seal
    ) as w
    where w.rows_before < greatest(c_rows_min, v_total * least(1, v_share));
    -- Where the seals of a whole range were deleted there is nothing to choose from.
    to_seal := coalesce(to_seal, p_before_seal - 1);
end;
$$;
comment on function plumb.reverify_window(bigint) is
'First and last of the old seals, before this one, that are to be verified again now.';
