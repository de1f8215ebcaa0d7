-- Refuses to audit what cannot be audited, by the reason and the way out: what is no table of the
-- application, a part of another table, a table with heirs or foreign partitions, a key that shows
-- the name of an object, and columns to leave out that do not exist or belong to the key.
create or replace function plumb.refuse_unauditable(p_relation regclass, p_columns text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key_columns constant text [] := plumb.audit_key_columns(p_relation);
    v_column text;
begin
    if p_relation is null then
        raise exception 'no table was named' using errcode = 'PL002', hint = 'Name one.';
    elsif not exists (
        select from pg_class as c
        where
            c.oid = p_relation
            and c.relkind in ('r', 'p')
            and c.relpersistence <> 't'
            and c.relnamespace not in (
                'plumb'::regnamespace,
                'pg_catalog'::regnamespace,
                'information_schema'::regnamespace
            )
    ) then
        raise exception '% cannot be audited', p_relation
            using errcode = 'PL002',
            hint = 'Ordinary and partitioned tables outside plumb and the system schemas can.';
    elsif exists (select from pg_inherits as i where i.inhrelid = p_relation) then
        raise exception '% is part of another table', p_relation
            using errcode = 'PL002', hint = 'Audit the table at the top; its partitions follow.';
    elsif exists (
        select from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhparent
        where i.inhparent = p_relation and c.relkind = 'r'
    ) or exists (
        select from plumb.audit_members(p_relation) as m
        inner join pg_class as c on c.oid = m.member
        where c.relkind not in ('r', 'p')
    ) then
        raise exception '% has inheriting or foreign tables', p_relation
            using errcode = 'PL002',
            hint = 'Their changes could pass unseen. Use declarative, local partitions.';
    end if;
    select a.attname into v_column
    from pg_attribute as a
    where
        a.attrelid = p_relation
        and a.attname = any(v_key_columns)
        and plumb.shows_names(a.atttypid)
    limit 1;
    if found then
        raise exception 'column % of the key of % shows the name of an object', v_column, p_relation
            using errcode = 'PL002',
            hint = 'The key would change when that is renamed. Key it by a column of type oid.';
    end if;
    foreach v_column in array p_columns
    loop
        if not exists (
            select from pg_attribute as a
            where
                a.attrelid = p_relation
                and a.attname = v_column
                and a.attnum > 0
                and not a.attisdropped
        ) then
            raise exception '% has no column %', p_relation, quote_nullable(v_column)
                using errcode = 'PL001', hint = 'Columns are named as they are stored.';
        elsif v_column = any(v_key_columns) then
            raise exception 'column % is part of the key of %', v_column, p_relation
                using errcode = 'PL002', hint = 'The log could not distinguish the rows.';
        end if;
    end loop;
end;
$$;
comment on function plumb.refuse_unauditable(regclass, text[]) is
'Refuse a table that cannot be audited, or columns of it that cannot be left out or masked.';
revoke execute on function plumb.refuse_unauditable(regclass, text[]) from public;
