-- Returns the schema names that the setting guarded_schemas lists.
create or replace function plumb.guarded_schemas()
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(trim(s.name))
    from unnest(string_to_array(plumb.setting('guarded_schemas'), ',')) as s (name)
$$;
comment on function plumb.guarded_schemas() is
'The schemas whose tables obey safe mode, new ones included.';
grant execute on function plumb.guarded_schemas() to plumb_reader;
