-- A store whose products have a long history. The tables are guarded and audited.
create schema store;
create table store.stock (product_id integer primary key, quantity integer not null);
create table store.ledger (
    ledger_id bigint generated always as identity primary key,
    product_id integer not null references store.stock,
    delta integer not null
);
insert into store.stock (product_id, quantity)
select p, 10000
from generate_series(1, 90) as p;
insert into store.ledger (product_id, delta)
select p, 1
from generate_series(1, 10000) as n, generate_series(1, 90) as p;
create index on store.ledger (product_id) include (delta);
grant usage on schema store to retail_app;
grant select, insert, update on all tables in schema store to retail_app;
select plumb.guard_table(t.name), plumb.audit_table(t.name, p_baseline => 'sum')
from (values ('store.stock'::regclass), ('store.ledger'::regclass)) as t (name);
