-- Describes what a dump of this snapshot must contain: which tables, what every invariant finds,
-- the newest seal. A session that shares pg_dump's snapshot calls it, and a drill holds the
-- restored copy to it. It reads no table of others': a query on one runs its owner's code while it
-- is planned. The rows are counted in the dump.
create or replace function plumb.describe_snapshot()
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_target record;
    v_count bigint;
    v_tables jsonb;
    v_violations jsonb := jsonb_build_object();
begin
    select coalesce(jsonb_object_agg(c.oid, format('%I.%I', n.nspname, c.relname)), '{}')
    into v_tables
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where
        c.relkind = 'r'
        and c.relpersistence <> 't'
        and n.nspname !~ '^pg_'
        and n.nspname <> 'information_schema'
        -- An extension's tables are its own; pg_dump leaves them out.
        and not exists (
            select
            from pg_depend as d
            where
                d.classid = 'pg_class'::regclass
                and d.objid = c.oid
                and d.deptype = 'e'
        );
    for v_target in select i.name from plumb.invariants as i where i.is_enabled order by i.name loop
        select count(*) into v_count from plumb.read_violations(v_target.name);
        v_violations := v_violations || jsonb_build_object(v_target.name, v_count);
    end loop;
    return jsonb_build_object(
        'tables', v_tables,
        'violations', v_violations,
        'driftScore', (
            select d.score
            from plumb.newest_drift_score() as d
        ),
        'acceptedFindings', (
            select coalesce(jsonb_agg(plumb.describe_acceptance(f)), '[]')
            from plumb.audit_findings as f
            where f.source = 'log' and f.accepted_at is not null and f.cleared_at is null
        ),
        'newestSeal', (
            select jsonb_build_object(
                'sealId', s.seal_id, 'sealHash', encode(s.seal_hash, 'hex')
            )
            from plumb.seals as s
            order by s.seal_id desc
            limit 1
        )
    );
end;
$$;
comment on function plumb.describe_snapshot() is
'Tables by oid, violations per invariant, drift score, newest seal, as this snapshot sees them.';
