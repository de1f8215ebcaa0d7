-- Publishes, for reading from the WAL, the changes of captured tables, and of which tables are
-- captured and how. A slot reads the publication as it was when a change was made, so it exists
-- before any slot does.
reset role;
do $$
begin
    if not exists (select from pg_publication as p where p.pubname = 'plumb_audit') then
        create publication plumb_audit;
    end if;
    -- One that an earlier version made has fewer columns.
    if not exists (
        select from pg_publication_tables as t
        where
            t.pubname = 'plumb_audit'
            and t.schemaname = 'plumb'
            and t.tablename = 'audited_tables'
            and 'exact_pattern' = any(t.attnames)
    ) then
        if exists (
            select from pg_publication_tables as t
            where
                t.pubname = 'plumb_audit'
                and t.schemaname = 'plumb'
                and t.tablename = 'audited_tables'
        ) then
            alter publication plumb_audit drop table plumb.audited_tables;
        end if;
        alter publication plumb_audit add table plumb.audited_tables (
            relation, key_columns, excluded_columns, masked_columns, members, capture,
            exact_pattern
        );
    end if;
end;
$$;
