"""Rules as one-liners: each template is broken, found, repaired and clear."""

import pytest

TABLES = """
    create schema app;
    create schema "Sales";
    create table "Sales"."Order" (
        "orderId" uuid primary key default gen_random_uuid(),
        "number" text not null,
        "currency" text not null default 'EUR',
        "grossTotal" numeric(12, 2) not null,
        "shipping" numeric(12, 2) not null default 0,
        "status" text not null default 'OPEN',
        "paidAt" timestamptz,
        "issuedOn" date not null default '2030-01-01',
        unique ("orderId", "currency")
    );
    create table "Sales"."Line" (
        "lineNo" integer not null,
        "order" uuid not null references "Sales"."Order" ("orderId"),
        "currency" text not null default 'EUR',
        "quantity" integer not null,
        "unitPrice" numeric not null,
        "lineTotal" numeric not null,
        primary key ("order", "lineNo")
    );
    create table app.stock (
        product text not null, place integer not null, on_hand integer not null,
        reserved integer not null default 0,
        primary key (product, place)
    );
    create table app.movement (
        movement_id bigint generated always as identity primary key,
        product text not null, place integer not null, delta integer not null,
        kind text not null default 'IN'
    );
    create table app.account (
        account_id bigint primary key, credit_limit numeric not null, tenant integer not null
    );
    create table app.debt (debt_id bigint primary key, account bigint not null, amount numeric);
    create table app.invoice (
        invoice_id integer primary key, tenant integer not null, number integer not null,
        made_at timestamptz not null
    );
    insert into "Sales"."Order" ("orderId", "number", "grossTotal", "shipping")
    values ('00000000-0000-0000-0000-00000000000a', 'R-1', 25, 5);
    insert into "Sales"."Line" values
        (1, '00000000-0000-0000-0000-00000000000a', 'EUR', 2, 5, 10),
        (2, '00000000-0000-0000-0000-00000000000a', 'EUR', 1, 10, 10);
    insert into app.stock values ('tea', 1, 5), ('tea', 2, 7);
    insert into app.movement (product, place, delta) values ('tea', 1, 5), ('tea', 2, 7);
    insert into app.account values (1, 100, 7), (2, 100, 7);
    insert into app.debt values (1, 1, 60), (2, 1, 40);
    insert into app.invoice values
        (1, 7, 1, '2029-12-31 23:00+00'), (2, 7, 2, '2030-01-01 11:00+00'),
        (3, 8, 1, '2030-01-01 11:30+00');
"""
ORDER = "00000000-0000-0000-0000-00000000000a"

# name, declaration, what breaks it, the violations, what repairs it
RULES = [
    (
        "a quantity below zero, by a composite key",
        "declare_non_negative('R', 'app.stock', 'on_hand')",
        "update app.stock set on_hand = -2 where place = 2",
        {'["tea", 2]': 'stock ["tea", 2]: on_hand is -2'},
        "update app.stock set on_hand = 7 where place = 2",
    ),
    (
        "an expression below zero, where the product is sold",
        "declare_non_negative('R', 'app.stock', 'on_hand - reserved', p_where => 'place = 1')",
        "update app.stock set reserved = 9",
        {'["tea", 1]': 'stock ["tea", 1]: on_hand - reserved is -4'},
        "update app.stock set reserved = 0",
    ),
    (
        "a total that is not the sum of its lines, by uuid and quoted names",
        'declare_sum_matches(\'R\', \'"Sales"."Order"\', \'"grossTotal" - "shipping"\','
        " 'lineTotal', '\"Sales\".\"Line\"')",
        'update "Sales"."Order" set "grossTotal" = 26',
        {
            ORDER: f'Order {ORDER}: "grossTotal" - "shipping" is 21.00,'
            " but lineTotal of Line adds up to 20"
        },
        'update "Sales"."Order" set "grossTotal" = 25',
    ),
    (
        "a total that differs by more than the tolerance",
        "declare_sum_matches('R', '\"Sales\".\"Order\"', 'grossTotal', '\"lineTotal\" * 1.25',"
        ' \'"Sales"."Line"\', p_tolerance => 0.05)',
        'update "Sales"."Line" set "lineTotal" = 10.1 where "lineNo" = 1',
        {
            ORDER: f"Order {ORDER}: grossTotal is 25.00,"
            ' but "lineTotal" * 1.25 of Line adds up to 25.125'
        },
        'update "Sales"."Line" set "lineTotal" = 10.04 where "lineNo" = 1',
    ),
    (
        "a total in each currency",
        'declare_sum_matches(\'R\', \'"Sales"."Order"\', \'"grossTotal" - "shipping"\','
        " 'lineTotal', '\"Sales\".\"Line\"', array['order', 'currency'],"
        " p_key => array['orderId', 'currency'])",
        'update "Sales"."Line" set "currency" = \'USD\' where "lineNo" = 1',
        {
            f'["{ORDER}", "EUR"]': f'Order ["{ORDER}", "EUR"]: "grossTotal" - "shipping" is 20.00,'
            " but lineTotal of Line adds up to 10"
        },
        'update "Sales"."Line" set "currency" = \'EUR\'',
    ),
    (
        "a line that is not quantity times price",
        "declare_sum_matches('R', '\"Sales\".\"Line\"', 'lineTotal',"
        ' \'"quantity" * "unitPrice"\')',
        'update "Sales"."Line" set "unitPrice" = 6 where "lineNo" = 1',
        {
            f'["{ORDER}", 1]': f'Line ["{ORDER}", 1]: lineTotal is 10,'
            ' but "quantity" * "unitPrice" is 12'
        },
        'update "Sales"."Line" set "unitPrice" = 5 where "lineNo" = 1',
    ),
    (
        "a stock that is not the sum of its ledger, by two columns without a foreign key",
        "declare_balance('R', 'app.stock', 'on_hand', 'delta', 'app.movement')",
        "insert into app.movement (product, place, delta) values ('tea', 2, 1), ('cup', 1, 3)",
        {
            '["cup", 1]': 'stock ["cup", 1]: on_hand is 0, but delta of movement adds up to 3',
            '["tea", 2]': 'stock ["tea", 2]: on_hand is 7, but delta of movement adds up to 8',
        },
        "delete from app.movement where delta in (1, 3)",
    ),
    (
        "a limit that children exceed",
        "declare_limit('R', 'app.account', 'credit_limit', 'amount', 'app.debt', array['account'])",
        "insert into app.debt values (3, 1, 0.5)",
        {"1": "account 1: credit_limit is 100, but amount of debt adds up to 100.5"},
        "delete from app.debt where debt_id = 3",
    ),
    (
        "a limit of the same row",
        "declare_limit('R', 'app.stock', 'on_hand', 'reserved')",
        "update app.stock set reserved = 6 where place = 1",
        {'["tea", 1]': 'stock ["tea", 1]: on_hand is 5, but reserved is 6'},
        "update app.stock set reserved = 5 where place = 1",
    ),
    (
        "a number used twice, case and blanks aside",
        "declare_unique('R', '\"Sales\".\"Order\"', array['number'], true)",
        'insert into "Sales"."Order" values'
        " ('00000000-0000-0000-0000-00000000000b', 'r \u00a0- 1', 'EUR', 0)",
        {
            ORDER: f"Order {ORDER}: number R-1 stands in another row, too",
            ORDER[:-1] + "b": f"Order {ORDER[:-1]}b: number r \u00a0- 1 stands in another row, too",
        },
        'delete from "Sales"."Order" where "grossTotal" = 0',
    ),
    (
        "a number used twice by one tenant in one year",
        "declare_unique('R', 'app.invoice', array['number'], p_groups => array['tenant'],"
        " p_year_of => 'made_at')",
        "insert into app.invoice values (4, 7, 1, '2029-01-01'), (5, 7, 2, '2031-01-01'),"
        " (6, 9, 2, '2029-01-01')",
        {
            "1": "invoice 1: number 1 stands in another row, too",
            "4": "invoice 4: number 1 stands in another row, too",
        },
        "delete from app.invoice where invoice_id = 4",
    ),
    (
        "a reference without a row",
        "declare_no_orphans('R', 'app.debt', array['account'], 'app.account')",
        "insert into app.debt values (3, 99, 1)",
        {"3": "debt 3: account is 99, which account does not have"},
        "insert into app.account values (99, 100, 7)",
    ),
    (
        "a value that is not accepted",
        "declare_accepted_values('R', '\"Sales\".\"Order\"', 'status', array['OPEN', 'PAID'])",
        'update "Sales"."Order" set "status" = \'paid\'',
        {ORDER: f"Order {ORDER}: status is paid"},
        'update "Sales"."Order" set "status" = \'PAID\'',
    ),
    (
        "a gap in each tenant's numbers",
        "declare_monotonic('R', 'app.invoice', 'number', p_groups => array['tenant'],"
        " p_is_gapless => true)",
        "insert into app.invoice values (4, 7, 4, '2030-01-01'), (5, 8, 2, '2030-01-01')",
        {"4": "invoice 4: number is 4, but 3 is missing"},
        "update app.invoice set number = 3 where invoice_id = 4",
    ),
    (
        "a number below the one before it",
        "declare_monotonic('R', 'app.invoice', 'number', 'made_at', array['tenant'])",
        "insert into app.invoice values (4, 7, 2, '2030-01-02')",
        {"4": "invoice 4: number is 2 after 2"},
        "update app.invoice set number = 9 where invoice_id = 4",
    ),
    (
        "a feed that is late, in each group",
        "declare_freshness('R', 'app.invoice', 'made_at', '12 hours', array['tenant'])",
        "update app.invoice set made_at = '2029-12-31 23:00+00' where tenant = 7",
        {"7": "invoice of 7: the newest made_at is 2029-12-31 23:00:00+00, older than 12:00:00"},
        "update app.invoice set made_at = '2030-01-01 11:00+00' where invoice_id = 1",
    ),
    (
        "a table that is empty is not fresh",
        "declare_freshness('R', 'app.invoice', 'made_at', '12 hours', p_where => 'tenant = 8')",
        "delete from app.invoice",
        {"invoice": "invoice: the newest made_at is missing, older than 12:00:00"},
        "insert into app.invoice values (9, 8, 1, '2030-01-01 11:00+00')",
    ),
    (
        "an empty column when a condition is met",
        "declare_not_null_when('R', '\"Sales\".\"Order\"', 'paidAt', '\"status\" = ''PAID''')",
        'update "Sales"."Order" set "status" = \'PAID\'',
        {ORDER: f"Order {ORDER}: paidAt is empty although \"status\" = 'PAID'"},
        'update "Sales"."Order" set "paidAt" = now()',
    ),
]


@pytest.fixture
def app(db, at):
    db.execute(TABLES)
    return db


def declare(db, call):
    call = call.replace("'R'", "'RULE'")
    return db.execute(f"select plumb.{call}").fetchone()[0]


def found(db):
    db.execute("select plumb.check_invariants()")
    rows = db.execute(
        "select subject, explanation from plumb.current_violations where invariant = 'RULE'"
    )
    return dict(rows.fetchall())


def incidents(db):
    rows = db.execute("select scope from plumb.open_incidents where source = 'invariant'")
    return [scope for (scope,) in rows.fetchall()]


@pytest.mark.parametrize(
    ("call", "breaks", "expected", "repairs"), [r[1:] for r in RULES], ids=[r[0] for r in RULES]
)
def test_broken_found_repaired_clear(app, call, breaks, expected, repairs):
    declare(app, call)
    assert found(app) == {}

    app.execute(breaks)
    assert found(app) == expected
    assert incidents(app) == ["RULE"]

    app.execute(repairs)
    assert found(app) == {}
    assert incidents(app) == []
    assert app.execute(
        "select status from plumb.invariant_status where name = 'RULE'"
    ).fetchone() == ("holds",)
