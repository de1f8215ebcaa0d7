-- Lists the columns of a table that are not logged: those that plumb.audit_table() was told to
-- leave out, virtual generated columns, and those that show names of other objects. Virtual ones
-- are stored nowhere and follow from the others, and a trigger sees nulls in their place; of stored
-- ones logical decoding tells nothing. A name of another object changes without the row.
create or replace function plumb.audit_omissions(p_relation text)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select a.excluded_columns || array(
        select c.attname::text
        from pg_attribute as c
        where
            c.attrelid = plumb.find_relation(a.relation)
            and c.attnum > 0
            and (
                c.attgenerated = 'v'
                or (c.attgenerated = 's' and a.capture = 'wal')
                or plumb.shows_names(c.atttypid)
            )
            and c.attname <> all(a.key_columns)
            and not c.attisdropped
            and c.attname <> all(a.excluded_columns)
        order by c.attnum
    )
    from plumb.audited_tables as a
    where a.relation = p_relation
$$;
comment on function plumb.audit_omissions(text) is
'Columns that stay out of the log: excluded, generated, names of objects; null when not audited.';
