-- Guarded tables are known by their OID, and transactions that attach guards are permitted to do so
-- while safe mode is on.
set local role plumb_owner;
alter table plumb.guarded_tables
add column relation_id oid,
add column is_explicit boolean not null default false;
-- As the superuser: the owner of plumb may not look into every schema.
reset role;
update plumb.guarded_tables as g
set
    relation_id = to_regclass(g.relation),
    -- What is in no guarded schema and no partition, somebody asked for.
    is_explicit = not exists (
        select
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where
            c.oid = to_regclass(g.relation)
            and (
                c.relispartition
                or n.nspname = any((
                    select regexp_split_to_array(coalesce(s.value, s.default_value), ' *, *')
                    from plumb.settings as s
                    where s.name = 'guarded_schemas'
                )::text[])
            )
    );
set local role plumb_owner;
create unique index guarded_tables_relation_id_idx on plumb.guarded_tables (relation_id);

create table plumb.guarded_ddl_permits (
    transaction_id xid8 primary key
);
comment on table plumb.guarded_ddl_permits is
'Transactions that may change guarded tables in safe mode; a row never outlives its transaction.';
reset role;
