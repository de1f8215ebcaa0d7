-- What the demo keeps for itself, apart from the shop and from Plumbline: that it loaded the
-- shop (only such a shop may be broken on purpose), its invoice numbers, and what it broke.
create schema if not exists demo;
comment on schema demo is 'The demo''s own memory; drop it when you no longer need ./plumb demo.';
grant usage on schema demo to retail_app;

create table if not exists demo.shop (
    shop_id integer primary key default 1 check (shop_id = 1),
    loaded_at timestamptz not null default now()
);
comment on table demo.shop is 'One row once the demo has loaded its shop here.';

create table if not exists demo.breakages (
    breakage_id bigint generated always as identity primary key,
    invariant text not null,
    story text not null,
    memo jsonb not null,
    broken_at timestamptz not null default now(),
    repaired_at timestamptz
);
comment on table demo.breakages is 'What ./plumb demo --break did and has to repair.';
comment on column demo.breakages.memo is 'What the repair needs to know, such as the old value.';

create sequence if not exists demo.invoice_numbers;
comment on sequence demo.invoice_numbers is 'One series for all tills.';
grant usage on sequence demo.invoice_numbers to retail_app;
