-- The job of every few seconds: seal, say what was sealed.
create or replace function plumb.run_seal()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select format('newest seal %s', plumb.seal_audit())
$$;
comment on function plumb.run_seal() is 'Seal the audit log; says which seal is the newest.';
