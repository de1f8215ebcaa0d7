-- The triggers that an audited table and its partitions must carry, exactly. Attaching and
-- checking both read this, so that they cannot disagree.
create or replace function plumb.audit_triggers(p_relation text)
returns table (
    member regclass,
    name text,
    type smallint,
    enabled "char", -- noqa: RF06
    function_oid oid,
    arguments bytea,
    statement text
)
language sql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    with described as (
        select
            m.member,
            a.form,
            array[
                a.relation,
                plumb.key_spec(a.key_columns),
                plumb.audit_format_needs(plumb.find_relation(a.relation))
            ] || case
                when o.columns || a.masked_columns = '{}' then '{}'
                else array[o.columns::text, a.masked_columns::text]
            end as arguments,
            plumb.relation_name(m.member) = a.relation as is_root
        from plumb.audited_tables as a
        cross join lateral plumb.audit_omissions(a.relation) as o (columns)
        cross join lateral plumb.audit_members(plumb.find_relation(a.relation)) as m
        where a.relation = p_relation and plumb.find_relation(a.relation) is not null
    )

    select
        d.member,
        w.name,
        w.type,
        case when w.form = 'truncate' or d.form = 'statement' then 'A' else w.enabled end,
        w.function_oid,
        (
            select string_agg(convert_to(a.argument, 'UTF8') || '\x00'::bytea, '' order by a.position)
            from unnest(d.arguments) with ordinality as a (argument, position)
        ),
        format(
            'create or replace trigger %I %s on %s %s execute function %s(%s)',
            w.name,
            w.event,
            d.member,
            w.clause,
            w.function_oid::regproc,
            (
                select string_agg(quote_literal(a.argument), ', ' order by a.position)
                from unnest(d.arguments) with ordinality as a (argument, position)
            )
        )
    from described as d
    cross join (
        values
        (
            'plumb_audit_insert', 4::smallint, 'O'::"char", 'statement', 'after insert',
            'referencing new table as new_rows for each statement',
            'plumb.tg_audit()'::regprocedure::oid
        ),
        (
            'plumb_audit_update', 16, 'O', 'statement', 'after update',
            'referencing old table as old_rows new table as new_rows for each statement',
            'plumb.tg_audit()'::regprocedure
        ),
        (
            'plumb_audit_delete', 8, 'O', 'statement', 'after delete',
            'referencing old table as old_rows for each statement',
            'plumb.tg_audit()'::regprocedure
        ),
        (
            'plumb_audit_truncate', 34, 'A', 'truncate', 'before truncate', 'for each statement',
            'plumb.tg_audit_truncate()'::regprocedure
        ),
        (
            'plumb_audit_truncated', 32, 'A', 'truncate', 'after truncate', 'for each statement',
            'plumb.tg_audit_truncate()'::regprocedure
        ),
        (
            'plumb_audit_row', 29, 'R', 'replica', 'after insert or update or delete',
            'for each row', 'plumb.tg_audit_row()'::regprocedure
        )
    ) as w (name, type, enabled, form, event, clause, function_oid)
    where
        -- A row trigger of the root is cloned to its partitions by PostgreSQL itself.
        (w.form <> 'replica' or d.form = 'replica')
        and (w.name <> 'plumb_audit_truncated' or d.is_root)
        and (w.name <> 'plumb_audit_row' or d.is_root)
$$;
comment on function plumb.audit_triggers(text) is
'The triggers that an audited table must carry, and the statements that create them.';
