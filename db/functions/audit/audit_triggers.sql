-- Lists exactly the triggers that an audited table and its partitions must have. Attaching and
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
            array[a.relation, plumb.key_spec(a.key_columns)] || case
                when f.needs = '' and o.columns || a.masked_columns = '{}' and e.texts = '{}'
                    then '{}'
                else array[f.needs, o.columns::text, a.masked_columns::text]
                || case when e.texts = '{}' then '{}' else array[e.texts::text] end
            end as arguments,
            c.relkind,
            a.capture
        from plumb.audited_tables as a
        cross join lateral plumb.audit_omissions(a.relation) as o (columns)
        cross join lateral plumb.audit_format_needs(plumb.find_relation(a.relation)) as f (needs)
        cross join lateral plumb.audit_members(plumb.find_relation(a.relation)) as m
        cross join lateral plumb.exact_arguments(
            m.member, a.exact_pattern, o.columns || a.masked_columns
        ) as e (texts)
        inner join pg_class as c on c.oid = m.member
        where a.relation = p_relation and plumb.find_relation(a.relation) is not null
    )

    select
        d.member,
        w.name,
        w.type,
        w.enabled,
        w.function_oid,
        (
            select string_agg(
                convert_to(a.argument, 'UTF8') || '\x00'::bytea, '' order by a.position
            )
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
            'trigger', 'plumb_audit_insert', 4::smallint, 'O'::"char", 'after insert',
            'referencing new table as new_rows for each statement',
            'plumb.tg_audit_insert()'::regprocedure::oid
        ),
        (
            'trigger', 'plumb_audit_update', 16, 'O', 'after update',
            'referencing old table as old_rows new table as new_rows for each statement',
            'plumb.tg_audit_update()'::regprocedure
        ),
        (
            'trigger', 'plumb_audit_delete', 8, 'O', 'after delete',
            'referencing old table as old_rows for each statement',
            'plumb.tg_audit_delete()'::regprocedure
        ),
        (
            'trigger', 'plumb_audit_row', 29, 'R', 'after insert or update or delete',
            'for each row', 'plumb.tg_audit_row()'::regprocedure
        ),
        (
            'trigger', 'plumb_audit_truncate', 34, 'A', 'before truncate', 'for each statement',
            'plumb.tg_audit_truncate()'::regprocedure
        ),
        (
            'wal', 'plumb_audit_statement', 62, 'A',
            'before insert or update or delete or truncate', 'for each statement',
            'plumb.tg_audit_statement()'::regprocedure
        )
    ) as w (capture, name, type, enabled, event, clause, function_oid)
    where
        w.capture = d.capture
        -- Replication applies rows to partitions; a partitioned table itself sees statements only.
        and (d.relkind = 'r' or w.name <> 'plumb_audit_row')
$$;
comment on function plumb.audit_triggers(text) is
'The triggers that an audited table must carry, and the statements that create them.';
