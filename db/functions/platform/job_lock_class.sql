-- The first half of the advisory lock that a running job holds; the second is its name's hash.
create or replace function plumb.job_lock_class()
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select 758624602
$$;
comment on function plumb.job_lock_class() is 'Class of the advisory locks that running jobs hold.';
