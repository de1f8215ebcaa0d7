-- In place of event triggers, where there can be none.
select
    plumb.declare_job(
        'catalog',
        'plumb.follow_catalog()',
        'catalog_interval_ms',
        60,
        'Guards new tables, follows renames: in place of event triggers.'
    )
where not plumb.has_event_triggers();
