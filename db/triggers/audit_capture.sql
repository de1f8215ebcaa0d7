-- What the WAL tells of: the changes of captured tables, and of which tables are captured and how.
-- A slot reads it as it was when a change was made, so it is there before any slot is.
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
