-- Returns the query of the keys and payloads of a table's rows, for plumb.inspect(). Columns are
-- named one by one: those that are left out, and virtual generated columns, are then not computed
-- at all. With keys ($1) it reads those alone, by the table's own index where the equality of each
-- column is that of its text, else by comparing texts.
create or replace function plumb.payload_query(
    p_relation regclass,
    p_key_columns text[],
    p_omitted text[],
    p_masked text[],
    p_is_keyed boolean default false,
    p_is_only boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'select %1$s as key, p.payload as value from ('
        'select %2$s %8$s as payload'
        ' from %3$s (select %4$s from %5$s %6$s as t) as r %7$s offset 0) as p',
        case
            when cardinality(p_key_columns) = 0 then 'null::text'
            when p_is_keyed then 'p.record_key'
            else format('plumb.audit_key(p.payload, %L)', plumb.key_spec(p_key_columns))
        end,
        case when p_is_keyed then 'k.record_key,' end,
        case when p_is_keyed then 'unnest($1) as k (record_key) inner join' end,
        c.columns,
        case when p_is_only then 'only' end,
        p_relation,
        case when p_is_keyed then 'on ' || case
            when j.is_plain then j.condition
            else format(
                'plumb.audit_key(to_jsonb(r.*), %L) = k.record_key', plumb.key_spec(p_key_columns)
            )
        end end,
        case
            when x.names is null
            then format('plumb.audit_payload(to_jsonb(r.*), %L, %L)', p_omitted, p_masked)
            else format(
                'plumb.exact_row(plumb.audit_payload(to_jsonb(r.*), %L, %L), %L, %L, array[%s])',
                p_omitted, p_masked, x.names, x.patterns, x.texts
            )
        end
    )
    from (
        select string_agg(format('t.%I', a.attname), ', ' order by a.attnum) as columns
        from pg_attribute as a
        where
            a.attrelid = p_relation
            and a.attnum > 0
            and not a.attisdropped
            and a.attgenerated <> 'v'
            and a.attname <> all(p_omitted)
    ) as c
    cross join (
        select
            bool_and(
                -- No collation, the database's, C or POSIX.
                a.attcollation in (0, 100, 950, 951) and (
                    a.atttypid = any(
                        array[
                            'bool', 'int2', 'int4', 'int8', 'oid', 'uuid', 'date', 'time',
                            'timestamp', 'timestamptz', 'text', 'varchar', 'bpchar', 'name',
                            'inet', 'cidr', 'macaddr', 'xid8'
                        ]::regtype []
                    )
                    or (a.atttypid = 'numeric'::regtype and a.atttypmod <> -1)
                )
            ) as is_plain,
            string_agg(
                case
                    when plumb.key_spec(p_key_columns) = p_key_columns[1]
                    then format('r.%I = k.record_key::%s', n.name, t.name)
                    else format(
                        'r.%I = (k.record_key::jsonb ->> %s)::%s', n.name, n.position - 1, t.name
                    )
                end,
                ' and '
            ) as condition
        from unnest(p_key_columns) with ordinality as n (name, position)
        inner join pg_attribute as a on a.attrelid = p_relation and a.attname = n.name
        cross join lateral (select format_type(a.atttypid, a.atttypmod) as name) as t
    ) as j
    cross join (
        -- Printed by the type itself: a cast to text may be code of others.
        select
            array_agg(e.name order by e.name) as names,
            array_agg(e.pattern order by e.name) as patterns,
            string_agg(
                format('pg_catalog.format(%L, r.%I)', '%s', e.name), ', ' order by e.name
            ) as texts
        from plumb.audited_tables as a
        cross join lateral jsonb_each_text(a.exact_pattern) as e (name, pattern)
        inner join pg_attribute as t on t.attrelid = p_relation and t.attname = e.name
        where
            plumb.relation_name(p_relation) = any(a.members)
            and e.name <> all(p_omitted || p_masked)
    ) as x
$$;
comment on function plumb.payload_query(regclass, text[], text[], text[], boolean, boolean) is
'The query of all rows of a table, or of those with the keys $1, as key and payload.';
