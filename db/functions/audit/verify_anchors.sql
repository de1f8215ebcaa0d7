-- Compares the log with anchors that were stored outside. A person who can rewrite everything in
-- the database can rewrite everything but these.
create or replace function plumb.verify_anchors(p_anchors jsonb)
returns table (kind text, seal bigint, expected text, actual text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select f.kind, f.seal, f.expected, f.actual
    from jsonb_to_recordset(p_anchors) as a (log text, "sealId" bigint, "sealHash" text)
    left join plumb.seals as s on s.seal_id = a."sealId"
    left join plumb.seals as g on g.seal_id = 0
    cross join lateral (
        select
            case
                when encode(g.prev_hash, 'hex') is distinct from a.log then 'anchor_of_other_log'
                when s.seal_id is null then 'anchored_seal_missing'
                when encode(s.seal_hash, 'hex') <> a."sealHash" then 'anchored_seal_altered'
            end as kind,
            a."sealId" as seal,
            a."sealHash" as expected,
            encode(s.seal_hash, 'hex') as actual
    ) as f
    where f.kind is not null
    order by f.seal
$$;
comment on function plumb.verify_anchors(jsonb) is
'Findings where the log differs from anchors: [{"log", "sealId", "sealHash"}, …].';
grant execute on function plumb.verify_anchors(jsonb) to plumb_reader;
