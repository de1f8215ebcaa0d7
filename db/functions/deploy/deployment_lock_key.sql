-- Two deployments must never overlap: each holds this advisory lock, of class
-- plumb.job_lock_class(), for as long as its session lives, and a killed one lets go by dying.
create or replace function plumb.deployment_lock_key()
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select hashtext('plumb deploy')
$$;
comment on function plumb.deployment_lock_key() is
'Second half of the advisory lock that a running deployment holds.';
grant execute on function plumb.deployment_lock_key() to plumb_operator;
