-- Returns what the page of the audit log shows: whether it is sealed and verified, what was found,
-- where its hashes were stored outside, and what it holds.
create or replace function plumb.describe_audit_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'newestSeal', (
            select json_build_object('sealId', s.seal_id, 'sealedAt', s.sealed_at)
            from plumb.seals as s
            order by s.seal_id desc
            limit 1
        ),
        'verification', (
            select json_build_object(
                'throughSeal', v.through_seal,
                'verifiedAt', v.verified_at,
                'findingCount', v.finding_count
            )
            from plumb.audit_verification as v
        ),
        'findings', (
            select coalesce(json_agg(to_jsonb(f)), '[]')
            from (select o.* from plumb.open_findings as o limit 100) as f
        ),
        'anchors', (
            select coalesce(json_agg(to_jsonb(a) order by a.target), '[]')
            from (
                select distinct on (n.target) n.target, n.seal_id, n.anchored_at, n.is_outside
                from plumb.audit_anchors as n
                order by n.target asc, n.audit_anchor_id desc
            ) as a
        ),
        'logBytes', (
            select sum(pg_total_relation_size(c.oid))
            from pg_class as c
            where
                c.relnamespace = 'plumb'::regnamespace
                and c.relkind = 'r'
                and c.relname ~ '^audit_(rows|blocks|intake|captured|transactions)'
        ),
        -- What was committed and not sealed yet waits since then.
        'unsealedSince', (
            select least(
                (
                    select i.occurred_at
                    from plumb.audit_intake as i
                    order by i.position
                    limit 1
                ),
                (
                    select (c.lines::json ->> 'occurred_at')::timestamptz
                    from (
                        select split_part(a.lines, e'\n', 1) as lines
                        from plumb.audit_captured as a
                        limit 1
                    ) as c
                )
            )
        ),
        'seals', (
            select coalesce(json_agg(to_jsonb(s) order by s.seal_id desc), '[]')
            from (
                select n.seal_id, n.sealed_at, encode(n.seal_hash, 'hex') as seal_hash
                from plumb.seals as n
                order by n.seal_id desc
                limit 20
            ) as s
        ),
        'tables', (
            select coalesce(json_agg(to_jsonb(t) order by t.relation), '[]')
            from (
                select
                    a.relation,
                    array_to_string(a.key_columns, ', ') as key_columns,
                    array_to_string(a.excluded_columns, ', ') as excluded_columns,
                    array_to_string(a.masked_columns, ', ') as masked_columns,
                    a.audited_at,
                    r.reconciled_at,
                    r.row_count
                from plumb.audited_tables as a
                left join plumb.audit_reconciliations as r on r.relation = a.relation
            ) as t
        )
    )
$$;
comment on function plumb.describe_audit_page() is
'The newest seals, the last verification, findings, anchors, volume and audited tables, as JSON.';
grant execute on function plumb.describe_audit_page() to plumb_reader;
