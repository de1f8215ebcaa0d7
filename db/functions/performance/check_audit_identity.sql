-- Counts captured tables without REPLICA IDENTITY FULL: the WAL then lacks their whole old rows.
create or replace function plumb.check_audit_identity()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'audit_identity',
        count(*),
        'tables',
        coalesce(
            'not full: ' || string_agg(m.member::text, ', ' order by m.member::text),
            'every captured table is REPLICA IDENTITY FULL'
        ),
        'alter table … replica identity full; then select plumb.rebase_audit(…);'
    )
    from plumb.audited_tables as a
    cross join lateral plumb.audit_members(plumb.find_relation(a.relation)) as m
    inner join pg_class as c on c.oid = m.member and c.relkind = 'r'
    where a.capture = 'wal' and c.relreplident <> 'f'
$$;
comment on function plumb.check_audit_identity() is
'Captured tables and partitions whose old rows the WAL does not have whole.';
grant execute on function plumb.check_audit_identity() to plumb_reader;
