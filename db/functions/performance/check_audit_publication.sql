-- Counts captured tables that the publication leaves out, in whole or in part: changes that are not
-- published cannot be read from the WAL. Parts are a kind of change, or some rows or columns;
-- plumb.audited_tables, which says what is captured, must be published too.
create or replace function plumb.check_audit_publication()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'audit_publication',
        count(*),
        'tables',
        coalesce(
            'not published whole: ' || string_agg(w.relation, ', ' order by w.relation),
            'every captured table is published whole'
        ),
        'alter publication plumb_audit add table …, without columns or where; then'
        ' select plumb.rebase_audit(…);'
    )
    from (
        select a.relation, plumb.find_relation(a.relation)::oid as oid
        from plumb.audited_tables as a
        where a.capture = 'wal'
        union all
        select 'plumb.audited_tables', 'plumb.audited_tables'::regclass
        where exists (select from plumb.audit_capture)
    ) as w
    left join pg_publication as p
        on
            p.pubname = 'plumb_audit'
            and p.pubinsert
            and p.pubupdate
            and p.pubdelete
            and p.pubtruncate
            and not p.pubviaroot
    left join pg_publication_rel as r on r.prpubid = p.oid and r.prrelid = w.oid
    where
        r.oid is null
        or r.prqual is not null
        or (r.prattrs is null) <> (w.relation <> 'plumb.audited_tables')
$$;
comment on function plumb.check_audit_publication() is
'Captured tables whose changes are not published, or not all of them.';
grant execute on function plumb.check_audit_publication() to plumb_reader;
