-- Notes that the values of types may be written otherwise now, in every audited table with a column
-- whose type is made of one of them, however deep: arrays, domains, ranges and multiranges,
-- composite types, the row types of tables, their partitions and views. Compiling would take a
-- hundred times longer than it saves.
create or replace function plumb.note_changed_types(p_types oid[], p_tag text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    with recursive changed as (
        select u.oid from unnest(p_types) as u (oid)
        union
        select t.oid
        from changed as k
        cross join lateral (
            select t.oid from pg_type as t where k.oid in (t.typelem, t.typbasetype)
            union all
            select o.oid
            from pg_range as r
            cross join lateral (values (r.rngtypid), (r.rngmultitypid)) as o (oid)
            where k.oid in (r.rngsubtype, r.rngtypid)
            union all
            select t.oid
            from pg_attribute as a
            inner join pg_type as t on t.typrelid = a.attrelid
            where a.atttypid = k.oid and not a.attisdropped
            union all
            -- Partitions and typed tables follow the table or type that they are made of.
            select c.reltype
            from pg_class as c
            where c.reloftype = k.oid
            union all
            select c.reltype
            from pg_type as t
            inner join pg_inherits as i on i.inhparent = t.typrelid
            inner join pg_class as c on c.oid = i.inhrelid
            where t.oid = k.oid and t.typrelid <> 0
        ) as t
    )

    select plumb.ask_for_baseline(a, plumb.ddl_reason(p_tag), c.columns)
    from plumb.audited_tables as a
    cross join lateral (
        select array_agg(c.attname::text order by c.attnum) as columns
        from pg_attribute as c
        inner join changed as k on k.oid = c.atttypid
        where c.attrelid = a.relid and c.attnum > 0 and not c.attisdropped
    ) as c
    where c.columns is not null
$$;
comment on function plumb.note_changed_types(oid[], text) is
'Ask for a baseline of every audited table whose columns depend on one of these types.';
