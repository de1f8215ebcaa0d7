-- The tables of the application with their columns, keys and constraints. The parameter
-- is the schemas to look at, null for all.
select
    plumb.relation_name(c.oid) as name,
    n.nspname as schema,
    c.relname as label,
    greatest(c.reltuples, 0)::bigint as row_estimate,
    plumb.has_guard(c.oid) as is_guarded,
    exists(
        select from plumb.audited_tables as a
        where a.relation = plumb.relation_name(c.oid)
    ) as is_audited,
    plumb.audit_key_columns(c.oid) as key,
    (
        select
            jsonb_agg(
                jsonb_build_object(
                    'name', a.attname,
                    'category', t.typcategory,
                    'type', format_type(a.atttypid, null),
                    'isIdentity', a.attidentity <> ''
                    or coalesce(pg_get_expr(d.adbin, d.adrelid), '') like 'nextval(%%'
                )
                order by a.attnum
            )
        from pg_attribute as a
        inner join pg_type as t on t.oid = a.atttypid
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns,
    (
        select coalesce(jsonb_agg(u.columns), '[]')
        from (
            select jsonb_agg(a.attname) as columns
            from pg_index as i
            inner join pg_attribute as a
                on a.attrelid = i.indrelid and a.attnum = any(i.indkey::smallint[])
            where
                i.indrelid = c.oid
                and i.indisunique
                and i.indisvalid
                and i.indpred is null
                and i.indexprs is null
            group by i.indexrelid
        ) as u
    ) as uniques,
    (
        select
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'table', plumb.relation_name(k.confrelid),
                        'columns', (
                            select jsonb_agg(a.attname order by x.position)
                            from unnest(k.conkey) with ordinality as x (number, position)
                            inner join pg_attribute as a
                                on a.attrelid = k.conrelid and a.attnum = x.number
                        ),
                        'parentColumns', (
                            select jsonb_agg(a.attname order by x.position)
                            from unnest(k.confkey) with ordinality as x (number, position)
                            inner join pg_attribute as a
                                on a.attrelid = k.confrelid and a.attnum = x.number
                        ),
                        'isValid', k.convalidated
                    )
                ),
                '[]'
            )
        from pg_constraint as k
        where k.conrelid = c.oid and k.contype = 'f'
    ) as foreign_keys,
    (
        select coalesce(string_agg(pg_get_constraintdef(k.oid), ' '), '')
        from pg_constraint as k
        where k.conrelid = c.oid and k.contype = 'c'
    ) as checks,
    plumb.is_left_out(c.relname) as is_left_out,
    pg_has_role(c.relowner, 'usage') as is_ours
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where
    c.relkind in ('r', 'p')
    and not exists (
        select from pg_inherits as i
        where i.inhrelid = c.oid
    )
    and c.relpersistence = 'p'
    and n.nspname not in (
        'pg_catalog', 'information_schema', 'pg_toast', 'cron', 'plumb', 'plumb_rules',
        'plumb_guide'
    )
    and n.nspname = any(coalesce(%s, array[n.nspname::text]))
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
order by c.relname
