-- All that schema plumb is made of, one line each. Partitions of the log are left out, for their
-- number depends on how the log began, and so are functions and views that the demo shop adds.
with owned as (
    select c.*
    from pg_class as c
    where
        c.relnamespace = 'plumb'::regnamespace
        and not c.relispartition
        and c.relname !~ '^audit_(log|blocks)_\d+'
        and c.oid not in (select i.view_id from plumb.invariants as i where i.view_id is not null)
)

select
    format(
        '%s %s %s %s', c.relkind, c.relname, c.relpersistence,
        coalesce(obj_description(c.oid, 'pg_class'), 'no comment')
    ) as line
from owned as c
union all
select
    format(
        'grant %s %s', c.relname,
        (
            select string_agg(
                concat_ws(' ', a.grantee::regrole, a.privilege_type, a.is_grantable),
                ', ' order by a.grantee::regrole::text, a.privilege_type
            )
            from aclexplode(
                coalesce(
                    c.relacl,
                    acldefault((case c.relkind when 'S' then 's' else 'r' end)::"char", c.relowner)
                )
            ) as a
            where a.grantee <> 0
        )
    )
from owned as c
where c.relkind in ('r', 'p', 'v', 'S')
union all
select
    format(
        'column %s.%s %s %s default %s generated %s comment %s', c.relname, a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attidentity::text || a.attgenerated::text,
        col_description(c.oid, a.attnum)
    )
from owned as c
inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relkind in ('r', 'p', 'v')
union all
select format('constraint %s %s %s', c.relname, n.conname, pg_get_constraintdef(n.oid))
from owned as c
inner join pg_constraint as n on n.conrelid = c.oid
union all
select pg_get_indexdef(c.oid)
from owned as c
where c.relkind in ('i', 'I')
union all
select format('%s %s', pg_get_triggerdef(t.oid), t.tgenabled)
from owned as c
inner join pg_trigger as t on t.tgrelid = c.oid
where not t.tgisinternal
union all
select format('view %s %s', c.relname, pg_get_viewdef(c.oid))
from owned as c
where c.relkind = 'v'
union all
select
    format(
        'function %s of %s %s comment %s grants %s', p.oid::regprocedure, p.proowner::regrole,
        case when p.prokind <> 'a' then md5(pg_get_functiondef(p.oid)) end,
        obj_description(p.oid, 'pg_proc'),
        (
            select string_agg(
                case a.grantee when 0 then 'public' else a.grantee::regrole::text end,
                ', ' order by a.grantee
            )
            from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
            where a.grantee = 0 or a.grantee::regrole::text ~ '^plumb_'
        )
    )
from pg_proc as p
where p.pronamespace = 'plumb'::regnamespace
union all
select
    format(
        'type %s %s %s comment %s', t.typname, t.typtype,
        format_type(t.typbasetype, t.typtypmod), obj_description(t.oid, 'pg_type')
    )
from pg_type as t
where t.typnamespace = 'plumb'::regnamespace and t.typtype in ('d', 'e')
union all
select format('event trigger %s %s %s %s', e.evtname, e.evtevent, e.evtfoid::regproc, e.evttags)
from pg_event_trigger as e
where e.evtname like 'plumb\_%'
union all
select format('setting %s %s', s.name, to_jsonb(s) - '{value,updated_at,recorded_by}'::text [])
from plumb.settings as s
union all
select format('job %s %s', j.job_name, to_jsonb(j) - '{updated_at,created_at}'::text [])
from plumb.jobs as j
union all
select
    format('destination %s %s', d.destination, to_jsonb(d) - '{paused_until,updated_at}'::text [])
from plumb.destinations as d
