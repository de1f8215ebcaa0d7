-- The tables and rows that the SQL of the documentation names, in a database with the demo shop.
create schema shop;
create schema sales;
create schema app;
create table public.orders (order_id integer primary key);
create table public.order_lines (order_id integer, sku text);
create table sales.orders (order_id integer primary key, total numeric);
create table app.orders (order_id integer primary key, total numeric);
create table app.item (item_id integer primary key, price numeric);
create table app.acct (acct_id integer primary key, amount numeric);
create table app.versions (version_num text primary key);
create table shop.orders (
    order_id integer primary key, gross_total numeric, shipping numeric, status text
);
create table shop.order_lines (
    line_id integer primary key,
    order_id integer references shop.orders,
    line_total numeric
);
create table shop."Stock" (
    "productId" integer,
    "locationId" integer,
    "onHand" integer,
    primary key ("productId", "locationId")
);
create table shop."StockLedger" (
    id integer primary key, "productId" integer, "locationId" integer, delta integer
);
create table shop.invoices (
    invoice_id integer primary key, number text, tenant_id integer, issued_on date
);
select plumb.audit_table('shop.orders');
select plumb.audit_table('app.acct');
