-- A store whose products have a history of bench.movements. The tables are guarded and audited.
create schema store;
create table store.stock (product_id integer primary key, quantity integer not null);
create table store.ledger (
    ledger_id bigint generated always as identity primary key,
    product_id integer not null references store.stock,
    delta integer not null
);
create table store.sales (
    sale_id bigint generated always as identity primary key,
    total numeric(12, 2) not null,
    status text not null
);
create table store.lines (
    line_id bigint generated always as identity primary key,
    sale_id bigint not null references store.sales,
    product_id integer not null references store.stock,
    quantity integer not null,
    unit_price numeric(12, 2) not null,
    amount numeric(12, 2) not null
);
create table store.payments (
    payment_id bigint generated always as identity primary key,
    sale_id bigint not null references store.sales,
    amount numeric(12, 2) not null,
    method text not null
);
insert into store.stock (product_id, quantity)
select p, current_setting('bench.movements')::integer
from generate_series(1, 90) as p;
insert into store.ledger (product_id, delta)
select p, 1
from
    generate_series(1, current_setting('bench.movements')::integer) as n,
    generate_series(1, 90) as p;
create index on store.ledger (product_id) include (delta);
grant usage on schema store to retail_app;
grant select, insert, update on all tables in schema store to retail_app;
select plumb.guard_table(t.name), plumb.audit_table(t.name, p_baseline => 'sum')
from
    (
        values
        ('store.stock'::regclass), ('store.ledger'), ('store.sales'), ('store.lines'),
        ('store.payments')
    ) as t (name);
