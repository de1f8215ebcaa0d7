-- Accepts violations that are there now: old faults of old data, which a person looked into and
-- cannot or will not repair. They are neither scored nor reported nor enforced, as long as their
-- explanation stays the same; a row that becomes wrong in another way is a new violation.
create or replace function plumb.accept_violations(
    p_invariant text,
    p_reason text,
    p_by text,
    p_until timestamptz default null,
    p_subjects text[] default null
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_count bigint;
begin
    perform plumb.expect_text('a reason', p_reason);
    perform plumb.expect_text('a name', p_by);
    if p_until <= v_now then
        raise exception 'violations of % cannot be accepted until %, which has passed',
            quote_nullable(p_invariant), p_until
            using errcode = 'PL002', hint = 'Name a time to come, or none.';
    end if;
    insert into plumb.accepted_violations as a (
        invariant, subject, explanation, reason, accepted_by, accepted_at, accepted_until
    )
    select distinct on (r.subject)
        p_invariant, r.subject, r.explanation, p_reason, p_by, v_now, p_until
    from plumb.read_violations(p_invariant) as r
    where r.subject is not null and (p_subjects is null or r.subject = any(p_subjects))
    order by r.subject asc
    on conflict (invariant, subject) do update
    set
        explanation = excluded.explanation,
        reason = excluded.reason,
        accepted_by = excluded.accepted_by,
        accepted_at = excluded.accepted_at,
        accepted_until = excluded.accepted_until;
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function plumb.accept_violations(text, text, text, timestamptz, text[]) is
'Accept the violations of an invariant that are there now, all or some; returns how many.';
grant execute on function plumb.accept_violations(text, text, text, timestamptz, text[])
to plumb_operator;
