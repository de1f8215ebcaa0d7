-- How a session may shape the JSON of a table's rows: by its time zone, by more, or not at all.
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
        when bool_or(a.atttypid = 'timestamptz'::regtype) then 'zone'
        else ''
    end
    from pg_attribute as a
    inner join pg_type as t on t.oid = a.atttypid
    where a.attrelid = p_relation and a.attnum > 0 and not a.attisdropped
$$;
comment on function plumb.audit_format_needs(regclass) is
'zone: a time zone shapes the JSON of the rows; all: other settings may too; empty: none does.';
