-- Releases what was repaired from the baseline of an invariant: when it is wrong again, that is a
-- new violation. With keys, only what their change may have repaired is looked at.
create or replace function plumb.release_baseline(p_invariant text, p_keys jsonb default null)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_subjects jsonb;
    v_count bigint;
begin
    select jsonb_agg(a.subject) into v_subjects
    from plumb.accepted_violations as a
    where
        a.invariant = p_invariant
        and a.is_baseline
        and (
            p_keys is null
            or p_keys -> 'subject' ? a.subject
            or p_keys - 'subject' <> '{}'
        );
    if v_subjects is null then
        return 0;
    end if;
    delete from plumb.accepted_violations as a
    where
        a.invariant = p_invariant
        and a.is_baseline
        and v_subjects ? a.subject
        and a.subject not in (
            select r.subject
            from plumb.read_violations(
                p_invariant, jsonb_build_object('subject', v_subjects), null, true
            ) as r
            where r.subject is not null
        );
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function plumb.release_baseline(text, jsonb) is
'Forget the violations of a baseline that were repaired; returns how many.';
revoke execute on function plumb.release_baseline(text, jsonb) from public;
