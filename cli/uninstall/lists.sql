-- What there is to remove, as lists of names: event triggers, schemas, extensions, roles and
-- publications.
select
    (
        select coalesce(array_agg(e.evtname::text order by e.evtname), '{}')
        from pg_event_trigger as e
        where starts_with(e.evtname, 'plumb_')
    ),
    (
        select coalesce(array_agg(n.nspname::text order by n.nspname), '{}')
        from pg_namespace as n
        where n.nspname in ('plumb_guide', 'plumb_rules')
    ),
    (
        select coalesce(array_agg(r.rolname::text order by r.rolname), '{}')
        from pg_roles as r
        where
            r.rolname in (
                'plumb_admin',
                'plumb_api',
                'plumb_auditor',
                'plumb_inspector',
                'plumb_operator',
                'plumb_owner',
                'plumb_reader',
                'plumb_replicator',
                'plumb_worker',
                'retail_app'
            )
    ),
    (
        select coalesce(array_agg(p.pubname::text order by p.pubname), '{}')
        from pg_publication as p
        where starts_with(p.pubname, 'plumb_')
    )
