-- Returns where the demo shop is, for what must know it: the shop may be in any schema, or in none.
create or replace function plumb.demo_schema()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select max(d.schema_name) from plumb.demo as d
$$;
comment on function plumb.demo_schema() is 'The schema of the demo shop; null where there is none.';
grant execute on function plumb.demo_schema() to plumb_reader;
