-- Checks one invariant and brings the record of its violations up to date: new ones begin, known
-- ones are seen again, repaired ones are cleared. An error stops only this invariant, which is then
-- unknown; what was known about it stays. So does the watchdog's cancel of a job that takes too
-- long, or one slow view would undo every round; a cancel by a person stops the check.
create or replace function plumb.check_invariant(p_invariant text, p_keys jsonb default null)
returns plumb.invariant_checks
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_started_at constant timestamptz := clock_timestamp();
    v_rows_max constant integer := plumb.setting_number('violation_rows_max')::integer;
    v_known jsonb;
    v_keys jsonb := p_keys;
    v_check plumb.invariant_checks;
    v_context text;
begin
    v_check.invariant := p_invariant;
    v_check.checked_at := v_now;
    select coalesce(jsonb_agg(v.subject), '[]') into v_known
    from plumb.invariant_violations as v
    where v.invariant = p_invariant and v.cleared_at is null;
    if p_keys is not null then
        -- Whatever is still open is looked at again, changed or not.
        v_keys := p_keys || jsonb_build_object(
            'subject', coalesce(p_keys -> 'subject', '[]') || v_known
        );
        select sum(jsonb_array_length(k.value))
        into v_check.checked_key_count
        from jsonb_each(v_keys) as k;
    end if;
    begin
        -- A view that was made anew has lost its grants.
        perform plumb.grant_inspection(plumb.find_relation(i.view_name))
        from plumb.invariants as i
        where i.name = p_invariant;
        perform plumb.release_baseline(p_invariant, p_keys);
        with found as materialized (
            -- A row without a subject fails below: it could never be seen repaired, so that the
            -- view is wrong and the invariant unknown.
            select distinct on (r.subject) r.subject, r.explanation, r.details
            from plumb.read_violations(p_invariant, v_keys, v_rows_max) as r
            order by r.subject
        ),

        known as materialized (
            select k.subject from jsonb_array_elements_text(v_known) as k (subject)
        ),

        -- Rows beyond the limit were not read, so that absence proves nothing there: what was
        -- known is then looked up by its key.
        still_known as materialized (
            select k.subject
            from known as k
            inner join found as f on f.subject = k.subject
            union
            select r.subject
            from plumb.read_violations(p_invariant, jsonb_build_object('subject', v_known)) as r
            where (select count(*) from found) >= v_rows_max
        ),

        seen as (
            insert into plumb.invariant_violations as v (
                invariant, subject, explanation, details, found_by, first_seen_at, last_seen_at
            )
            select
                p_invariant,
                f.subject,
                f.explanation,
                f.details,
                case when p_keys is null then 'deep' else 'cycle' end,
                v_now,
                v_now
            from (
                select o.*
                from found as o
                inner join known as k on k.subject = o.subject
                union all
                (
                    select n.*
                    from found as n
                    where not exists (select from known as k where k.subject = n.subject)
                    order by n.subject
                    limit greatest(v_rows_max - (select count(*) from still_known), 0)
                )
            ) as f
            on conflict (invariant, subject) where cleared_at is null do update
            set
                explanation = excluded.explanation,
                details = excluded.details,
                last_seen_at = excluded.last_seen_at
            returning 1
        ),

        repaired as (
            update plumb.invariant_violations as v
            set cleared_at = v_now
            where
                v.invariant = p_invariant
                and v.cleared_at is null
                and not exists (select from still_known as s where s.subject = v.subject)
            returning 1
        )

        select count(*) into v_check.violation_count from found;
        v_check.status := case when v_check.violation_count = 0 then 'holds' else 'violated' end;
    exception
        when query_canceled or assert_failure or others then get stacked diagnostics
                v_context = pg_exception_context;
            if sqlstate = '57014' and session_user <> 'plumb_worker' then
                raise;
            end if;
            v_check.status := 'unknown';
            v_check.violation_count := 0;
            v_check.error := left(format('%s (%s) %s', sqlerrm, sqlstate, v_context), 2000);
    end;
    v_check.duration_ms := extract(epoch from clock_timestamp() - v_started_at) * 1000;
    insert into plumb.invariant_checks (
        invariant, status, violation_count, checked_key_count, duration_ms, error, checked_at
    )
    values (
        v_check.invariant,
        v_check.status,
        v_check.violation_count,
        v_check.checked_key_count,
        v_check.duration_ms,
        v_check.error,
        v_check.checked_at
    )
    returning invariant_check_id into v_check.invariant_check_id;
    return v_check;
end;
$$;
comment on function plumb.check_invariant(text, jsonb) is
'Check one invariant, whole or for some keys of its view, and record what it found.';
