"""A database that nobody here wrote: attach proposes rules with evidence and changes nothing."""

from pathlib import Path

import psycopg
import pytest
from pglast import parse_sql
from pglast.ast import SelectStmt
from plumbline.cli import attach
from plumbline.cli.__main__ import main
from plumbline.cli.attach.catalog import read_tables
from plumbline.cli.attach.proposal import Proposal
from psycopg.conninfo import make_conninfo

SHOP = """
    create role stranger nologin;
    create schema web authorization stranger;
    set role stranger;
    create table web."Order" (
        "orderId" uuid primary key default gen_random_uuid(), "orderNo" text not null,
        "netTotal" numeric(12, 2) not null, "shippingFee" numeric(12, 2) not null default 0,
        "grossTotal" numeric(12, 2) not null, "status" text not null,
        "createdAt" timestamptz not null default now(), "paidAt" timestamptz
    );
    create table web."OrderLine" (
        "lineId" bigint generated always as identity primary key,
        "order" uuid not null references web."Order", "quantity" integer not null,
        "unitPrice" numeric not null, "lineTotal" numeric not null
    );
    create table web.stock (
        product_id integer, place_id integer, on_hand integer not null,
        reserved integer not null default 0, primary key (product_id, place_id)
    );
    create table web.stock_movement (
        movement_id bigint generated always as identity primary key,
        product_id integer not null, place_id integer not null, delta integer not null
    );
    create table web.account (account_id integer primary key, email text not null, password text);
    create table web.note (note_id integer primary key, account_id integer, body text);
    create table web.django_session (session_key text primary key, session_data text);
    insert into web.account select n, format('p%s@example.com', n), 'x'
    from generate_series(1, 60) as n;
    insert into web.note select n, 1 + n % 60, 'x' from generate_series(1, 90) as n;
    insert into web."Order" ("orderNo", "netTotal", "shippingFee", "grossTotal", "status")
    select format('R-%s', n), 0, n % 4, 0, case when n % 3 = 0 then 'PAID' else 'OPEN' end
    from generate_series(1, 120) as n;
    insert into web."OrderLine" ("order", "quantity", "unitPrice", "lineTotal")
    select o."orderId", 1 + n % 5, 3 + n, (1 + n % 5) * (3 + n)
    from web."Order" as o cross join generate_series(1, 3) as n
    where length(o."orderNo") + n < 8;
    update web."OrderLine" as l set "unitPrice" = "unitPrice" + (x.n % 17),
        "lineTotal" = "quantity" * ("unitPrice" + (x.n % 17))
    from (select "lineId", row_number() over () as n from web."OrderLine") as x
    where x."lineId" = l."lineId";
    update web."Order" as o set
        "netTotal" = (select coalesce(sum(l."lineTotal"), 0) from web."OrderLine" as l
            where l."order" = o."orderId");
    update web."Order" set "grossTotal" = "netTotal" + "shippingFee";
    insert into web.stock
    select n, p, 0 from generate_series(1, 40) as n, generate_series(1, 2) as p;
    insert into web.stock_movement (product_id, place_id, delta)
    select s.product_id, s.place_id, 5 + (s.product_id * n) % 11
    from web.stock as s cross join generate_series(1, 4) as n;
    update web.stock as s set on_hand = (select sum(m.delta) from web.stock_movement as m
        where (m.product_id, m.place_id) = (s.product_id, s.place_id));
    update web.stock set on_hand = on_hand + 1 where product_id = 17 and place_id = 1;
    reset role;
    analyze;
"""

# What somebody who knows shops would write down, before looking at any proposal.
EXPERT = {
    ("sum_matches", 'web."Order"', "netTotal"),
    ("sum_matches", 'web."OrderLine"', "lineTotal"),
    ("balance", "web.stock", "on_hand"),
    ("non_negative", "web.stock", "on_hand"),
    ("limit", "web.stock", "on_hand"),
    ("unique", 'web."Order"', None),
    ("no_orphans", "web.note", None),
}


@pytest.fixture
def shop(db, without_rules):
    db.execute(SHOP)
    yield db
    db.execute("drop owned by stranger cascade; drop role stranger")


@pytest.fixture
def session(db):
    with psycopg.connect(db.info.dsn, autocommit=True) as connection:
        connection.execute("set search_path = pg_catalog, pg_temp")
        yield connection


def proposed(session):
    return attach.propose(session, read_tables(session, ["web"]))[0]


def short(proposal):
    arguments = proposal.arguments
    subject = arguments.get("total") or arguments.get("limit") or arguments.get("amount")
    return (proposal.template, arguments["table"], subject)


def test_the_rules_that_an_expert_would_name_are_proposed(shop, session):
    found = {short(p) for p in proposed(session) if p.is_certain}
    assert found >= EXPERT, f"missing: {EXPERT - found}"


def test_each_has_its_evidence_and_what_breaks_it(shop, session):
    balance = next(p for p in proposed(session) if p.template == "balance")
    assert balance.evidence == "holds for 79 of 80 stock; violated by 1: [17, 1]"


def test_every_proposal_can_be_declared_and_then_is_not_proposed_again(shop, session):
    first = proposed(session)
    for proposal in first:
        session.execute(proposal.call())
    assert proposed(session) == []
    session.execute("select plumb.check_invariants()")
    assert (
        session.execute(
            "select name, status from plumb.invariant_status where status <> 'holds'"
        ).fetchall()
        == []
    )


def test_looking_changes_nothing(shop, session):
    grants = "select relname, relacl::text from pg_class where relnamespace = 'web'::regnamespace"
    before = session.execute(grants + " and relacl::text like '%plumb_inspector%'").fetchall()
    proposed(session)
    after = session.execute(grants + " and relacl::text like '%plumb_inspector%'").fetchall()
    assert before == after == []
    assert session.execute("select * from plumb.rules").fetchall() == []


def test_tables_and_columns_are_told_apart_by_their_names(shop, session):
    tables = read_tables(session, ["web"])
    lines = "\n".join(attach.describe(tables, [], 0))
    assert "leave out (technical): web.django_session" in lines
    assert "mask (secrets): web.account.password" in lines
    assert "personal data?: web.account.email" in lines


def test_the_file_declares_the_certain_and_comments_the_guesses(shop, session, tmp_path):
    proposals = proposed(session)
    text = attach.as_file(proposals, tmp_path / "plumb.rules.sql")
    session.execute(text)
    names = {name for (name,) in session.execute("select invariant from plumb.rules").fetchall()}
    assert names == {p.name for p in proposals if p.is_certain}
    assert "-- guess: holds for" in text


def test_a_table_that_cannot_be_audited_is_guarded_and_stops_nothing(
    shop, cluster_url, monkeypatch, capsys
):
    shop.execute(
        "create schema old; create table old.event (id integer primary key, amount numeric);"
        " create table old.event_2020 () inherits (old.event);"
        " create table old.zone (id integer primary key)"
    )
    monkeypatch.setenv("DATABASE_URL", make_conninfo(cluster_url, dbname=shop.info.dbname))

    assert main(["attach", "--schema", "old", "--yes"]) == 0

    assert "old.event is not audited: old.event has inheriting" in capsys.readouterr().out
    audited = "select relation from plumb.audited_tables where relation like 'old.%'"
    assert shop.execute(audited).fetchall() == [("old.zone",)]
    guarded = "select relation from plumb.guarded where relation ~ '^old' and not obeys_safe_mode"
    assert shop.execute(guarded).fetchall() == []


@pytest.mark.parametrize("is_certain", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_no_name_and_no_key_of_a_row_becomes_a_statement_of_the_file(is_certain, end):
    text = f"x{end}alter role mallory superuser;{end}-- \\! id"
    proposal = Proposal(
        "non_negative", {"table": text, "amount": text}, text, "P2", is_certain, 100, 1, [text]
    )

    file = attach.as_file([proposal], Path("rules.sql"))

    assert [type(s.stmt) for s in parse_sql(file)] == [SelectStmt] * is_certain
