-- Takes the violations that are there when an invariant is declared as its baseline: listed, but
-- neither scored nor reported nor enforced, whatever their rows change to, until they are
-- repaired. So a rule over old data stops nobody on its first day. A rule that more rows violate
-- than violations are kept does not describe the data, and is refused.
create or replace function plumb.take_baseline(p_invariant text)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows_max constant integer := plumb.setting_number('violation_rows_max')::integer;
    v_count bigint;
begin
    insert into plumb.accepted_violations as a (
        invariant, subject, explanation, reason, accepted_by, accepted_at, is_baseline
    )
    select distinct on (r.subject)
        p_invariant,
        r.subject,
        r.explanation,
        'was there when the invariant was declared',
        session_user,
        plumb.current_time(),
        true
    from plumb.read_violations(p_invariant, null, v_rows_max + 1) as r
    where r.subject is not null
    order by r.subject
    on conflict (invariant, subject) do nothing;
    get diagnostics v_count = row_count;
    if v_count > v_rows_max then
        raise exception '% is violated by more than %',
            p_invariant, plumb.counted(v_rows_max, 'row')
            using errcode = 'PL005',
            hint = 'It does not describe the data as it is. Repair the rows, change the rule, or'
            ' raise the setting violation_rows_max.';
    end if;
    return v_count;
end;
$$;
comment on function plumb.take_baseline(text) is
'Accept, as its baseline, the violations that are there when an invariant is declared.';
