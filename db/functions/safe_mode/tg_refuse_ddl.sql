-- Refuses in safe mode each command that changes a guarded table or what belongs to it: its
-- columns, triggers, rules, policies, partitions, sequences, types and schema. New tables without
-- rows, indexes, statistics, comments and privileges stay possible: they change no row and no
-- guard. Everything is judged by OID after the command, so no name and no order of commands
-- matters.
reset role;
create or replace function plumb.tg_refuse_ddl()
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
    -- The mark by which plumb.end_guarded_ddl() knows this transaction until it ends.
    lock table plumb.guarded_ddl_permits in row share mode;
    if not plumb.is_guarded_ddl_refused() then
        return;
    end if;
    with guarded as materialized (
        select r.relation from plumb.guarded_relations() as r
    ),

    commands as materialized (
        select
            d.classid,
            d.objid,
            d.command_tag,
            coalesce(d.object_identity, tg_tag) as object_identity
        from pg_event_trigger_ddl_commands() as d
        where d.command_tag not in ('COMMENT', 'GRANT', 'REVOKE', 'SECURITY LABEL')
    ),

    touched as materialized (
        select
            d.*,
            coalesce(t.tgrelid, p.polrelid, r.ev_class, n.conrelid, f.adrelid, c.oid) as relation,
            coalesce(y.oid, n.contypid, c.reltype) as type,
            c.relkind,
            coalesce(s.oid, c.relnamespace) as schema,
            o.oid is not null as is_ours
        from commands as d
        left join pg_class as c on d.classid = 'pg_class'::regclass and c.oid = d.objid
        left join pg_trigger as t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
        left join pg_policy as p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
        left join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
        left join pg_constraint as n on d.classid = 'pg_constraint'::regclass and n.oid = d.objid
        left join pg_attrdef as f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
        left join pg_type as y on d.classid = 'pg_type'::regclass and y.oid = d.objid
        left join pg_namespace as s on d.classid = 'pg_namespace'::regclass and s.oid = d.objid
        left join pg_proc as o
            on
                d.classid = 'pg_proc'::regclass
                and o.oid = d.objid
                and o.pronamespace = 'plumb'::regnamespace
    )

    select t.object_identity into v_object
    from touched as t
    left join pg_namespace as n on n.oid = t.schema
    where
        t.is_ours
        or (
            t.relation in (select g.relation from guarded as g)
            -- A table that this very command creates has no rows.
            and not exists (
                select from commands as c
                where c.objid = t.relation and c.command_tag = 'CREATE TABLE'
            )
        )
        or (t.relkind = 'm' and n.nspname = any(plumb.guarded_schemas()))
        or (
            t.relkind = 'S'
            and t.command_tag = tg_tag
            and tg_tag in ('ALTER SEQUENCE', 'ALTER TABLE')
            and (
                n.nspname = any(plumb.guarded_schemas())
                or exists (
                    select
                    from pg_depend as d
                    inner join guarded as g on g.relation = d.refobjid
                    where
                        d.classid = 'pg_class'::regclass
                        and d.objid = t.objid
                        and d.refclassid = 'pg_class'::regclass
                        and d.deptype in ('a', 'i')
                )
            )
        )
        or (
            t.type in (select u.type from plumb.guarded_types() as u)
            and t.command_tag not in ('CREATE TABLE', 'CREATE TYPE', 'CREATE DOMAIN')
        )
        or (
            t.classid = 'pg_namespace'::regclass
            and t.command_tag <> 'CREATE SCHEMA'
            and (
                n.nspname = any(plumb.guarded_schemas())
                or exists (
                    select
                    from guarded as g
                    inner join pg_class as c on c.oid = g.relation
                    where c.relnamespace = n.oid
                )
            )
        )
    limit 1;
    if found then
        perform plumb.refuse_guarded_ddl(tg_tag, v_object);
    end if;
end;
$$;
comment on function plumb.tg_refuse_ddl() is
'Refuse with SQLSTATE 25006 to change guarded tables and what belongs to them in safe mode.';
revoke execute on function plumb.tg_refuse_ddl() from public;
