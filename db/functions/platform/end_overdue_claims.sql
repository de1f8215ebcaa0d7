-- Ends sessions that keep a backup or a deployment claimed for too long, and records each as an
-- event. A claim of a deployment that does not run ends soon; all others may last as long as the
-- longest dump and drill. The claims of jobs end with their time limit: plumb.note_overdue_runs().
create or replace function plumb.end_overdue_claims()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_claim record;
    v_holder record;
    v_ended text [] := array[]::text [];
begin
    for v_claim in
        select l.name, l.claimed_at
        from plumb.locks as l
        where
            l.name in ('backup', 'deployment')
            and plumb.is_claimed(l.name)
            and (
                l.claimed_at
                < plumb.current_time() - plumb.setting_interval('claim_hold_seconds_max')
                or l.name = 'deployment'
                and l.claimed_at
                < plumb.current_time() - plumb.setting_interval('deploy_silence_seconds_max')
                and not exists (
                    select
                    from plumb.deployments as d
                    where d.status in ('gating', 'applying', 'watching', 'rolling_back')
                )
            )
    loop
        for v_holder in select h.* from plumb.end_claim_holder(v_claim.name) as h loop
            perform plumb.record_security_event(
                'lock_holder_ended',
                'P3',
                '',
                v_holder.role_name,
                jsonb_build_object(
                    'lock', v_claim.name,
                    'process', v_holder.process_id,
                    'application', v_holder.application_name
                )
            );
            v_ended := v_ended || format(
                'claim of %s since %s: session of role %I ended',
                v_claim.name, v_claim.claimed_at::timestamptz(0), v_holder.role_name
            );
        end loop;
    end loop;
    return nullif(array_to_string(v_ended, ', '), '');
end;
$$;
comment on function plumb.end_overdue_claims() is
'End sessions that keep a backup or a deployment claimed for too long; says which, or null.';
grant execute on function plumb.end_overdue_claims() to plumb_worker;
