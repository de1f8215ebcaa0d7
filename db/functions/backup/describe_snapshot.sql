-- What a dump of this very snapshot must contain: how many rows each table has, what every
-- invariant finds, the newest seal. A session that shares pg_dump's snapshot calls it, and a
-- drill holds the restored copy to it.
create or replace function plumb.describe_snapshot()
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_target record;
    v_count bigint;
    v_rows jsonb := jsonb_build_object();
    v_violations jsonb := jsonb_build_object();
begin
    for v_target in
        select n.nspname, c.relname
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
            )
        order by n.nspname, c.relname
    loop
        execute format('select count(*) from %I.%I', v_target.nspname, v_target.relname)
        into v_count;
        v_rows := v_rows || jsonb_build_object(
            format('%I.%I', v_target.nspname, v_target.relname), v_count
        );
    end loop;
    for v_target in select i.name from plumb.invariants as i where i.is_enabled order by i.name loop
        select count(*) into v_count from plumb.read_violations(v_target.name);
        v_violations := v_violations || jsonb_build_object(v_target.name, v_count);
    end loop;
    return jsonb_build_object(
        'rowCounts', v_rows,
        'violations', v_violations,
        'driftScore', (
            select d.score
            from plumb.drift_scores as d
            order by d.created_at desc, d.drift_score_id desc
            limit 1
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
'Row counts, violations per invariant, drift score and newest seal, as this snapshot sees them.';
