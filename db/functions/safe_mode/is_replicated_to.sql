-- Returns whether logical replication writes to a table: by itself, or through a table of which it
-- is a partition.
create or replace function plumb.is_replicated_to(p_relation oid)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from pg_subscription_rel as s
        where
            s.srrelid = p_relation
            or s.srrelid in (select a.relid from pg_partition_ancestors(p_relation) as a)
    )
$$;
comment on function plumb.is_replicated_to(oid) is
'Whether a subscription writes to a table or to a table of which it is a partition.';
revoke execute on function plumb.is_replicated_to(oid) from public;
grant execute on function plumb.is_replicated_to(oid) to plumb_reader;
