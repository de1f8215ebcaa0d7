-- Refuses in safe mode to drop a guarded table, a part of one or of a type that its rows are made
-- of, its guard, or a function of ours, whatever the command was called and whatever it cascades
-- to.
reset role;
create or replace function plumb.tg_refuse_drop()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_object text;
begin
    if not plumb.is_guarded_ddl_refused() then
        return;
    end if;
    with guarded as materialized (
        select r.relation from plumb.guarded_relations() as r
    ),

    dropped as materialized (
        select
            o.*,
            -- The table that a column, constraint, default, trigger, rule or policy was of.
            case
                when
                    o.object_type in (
                        'table column', 'table constraint', 'default value', 'trigger', 'rule',
                        'policy', 'foreign table column'
                    )
                    then to_regclass(format('%I.%I', o.address_names[1], o.address_names[2]))
            end as owner,
            -- The type that an attribute or a constraint was of: what a cascade leaves of it.
            case
                when o.object_type = 'domain constraint' then to_regtype(o.address_names[1])::oid
                when o.object_type in ('table column', 'composite type column')
                    then (
                        select c.reltype
                        from pg_class as c
                        where
                            c.oid
                            = to_regclass(format('%I.%I', o.address_names[1], o.address_names[2]))
                    )
            end as type
        from pg_event_trigger_dropped_objects() as o
        where not o.is_temporary
    )

    select d.object_identity into v_object
    from dropped as d
    where
        -- The table is gone from the catalog, and its OID is remembered.
        d.objid in (
            select g.relation_id
            from plumb.guarded_tables as g
            where d.classid = 'pg_class'::regclass
        )
        or (
            d.schema_name = any(plumb.guarded_schemas())
            and d.object_type in ('table', 'foreign table', 'materialized view', 'sequence')
        )
        or (d.object_type = 'schema' and d.object_name = any(plumb.guarded_schemas()))
        or d.type in (select u.type from plumb.guarded_types() as u)
        or (d.object_type = 'function' and d.schema_name = 'plumb')
        or (
            d.owner in (select g.relation from guarded as g)
            -- A foreign key of another table has triggers here, which go with that table.
            and not (
                d.object_type = 'trigger'
                and d.address_names[3] like 'RI\_ConstraintTrigger\_%'
                and plumb.has_guard(d.owner)
            )
        )
    limit 1;
    if found then
        perform plumb.refuse_guarded_ddl(tg_tag, v_object);
    end if;
end;
$$;
comment on function plumb.tg_refuse_drop() is
'Refuse with SQLSTATE 25006 to drop guarded data or its guard in safe mode.';
revoke execute on function plumb.tg_refuse_drop() from public;
