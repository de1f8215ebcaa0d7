-- Runs the job seal every few seconds: makes seals, returns what was sealed, and lets violations
-- that were found before their transaction was sealed name it. Sealing goes on whatever becomes of
-- that. While there is a backlog it makes seal after seal, for half of its interval at most.
create or replace function plumb.run_seal()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_until constant timestamptz := clock_timestamp()
    + make_interval(secs => (plumb.setting_number('seal_interval_ms') / 2000)::double precision);
    v_seal_id bigint;
    v_trouble text := '';
begin
    loop
        v_seal_id := plumb.seal_audit();
        begin
            perform plumb.blame_after_seal(v_seal_id);
        exception
            when others then v_trouble := format('; blame is incomplete: %s', sqlerrm);
        end;
        exit when clock_timestamp() > v_until or not exists (
            select from plumb.audit_intake as i
            where i.txid is distinct from pg_current_xact_id_if_assigned()
            union all
            select from plumb.audit_captured
        );
    end loop;
    return format('newest seal %s%s', v_seal_id, v_trouble);
end;
$$;
comment on function plumb.run_seal() is 'Seal the audit log; says which seal is the newest.';
grant execute on function plumb.run_seal() to plumb_worker;
