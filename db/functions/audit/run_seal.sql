-- The job of every few seconds: seal, say what was sealed, and let violations that were found
-- before their transaction was sealed name it. Sealing goes on whatever becomes of that.
create or replace function plumb.run_seal()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seal_id constant bigint := plumb.seal_audit();
begin
    begin
        perform plumb.blame_after_seal(v_seal_id);
    exception
        when others then
            return format('newest seal %s; blame is incomplete: %s', v_seal_id, sqlerrm);
    end;
    return format('newest seal %s', v_seal_id);
end;
$$;
comment on function plumb.run_seal() is 'Seal the audit log; says which seal is the newest.';
grant execute on function plumb.run_seal() to plumb_worker;
