-- Returns whether settings of a session other than its time zone may shape the JSON of a table's
-- rows.
create or replace function plumb.audit_format_needs(p_relation regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when bool_or(
            t.typtype <> 'e'
            and a.atttypid <> all(
                array[
                    'bool', 'int2', 'int4', 'int8', 'numeric', 'text', 'varchar', 'bpchar', 'name',
                    'uuid', 'date', 'timestamp', 'time', 'json', 'jsonb', 'oid', 'timestamptz',
                    'inet', 'cidr', 'macaddr', 'xid8'
                ]::regtype []
            )
        ) then 'all'
        else ''
    end
    from pg_attribute as a
    inner join pg_type as t on t.oid = a.atttypid
    where a.attrelid = p_relation and a.attnum > 0 and not a.attisdropped
$$;
comment on function plumb.audit_format_needs(regclass) is
'all: settings other than the time zone may shape the JSON of the rows; empty: none does.';
