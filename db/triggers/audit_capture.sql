-- Publishes, for reading from the WAL, the changes of captured tables, and of which tables are
-- captured and how. A slot reads the publication as it was when a change was made, so it exists
-- before any slot does.
reset role;
do $$
begin
    if not exists (select from pg_publication as p where p.pubname = 'plumb_audit') then
        create publication plumb_audit
        for table plumb.audited_tables (
            relation, key_columns, excluded_columns, masked_columns, members, capture
        );
    end if;
end;
$$;
