"""What sessions were given as a secret is stored in no evidence and shown by no view or route."""

import json
import threading
from contextlib import suppress

import psycopg
import pytest
from alembic import command
from plumbline.core import migrate as module
from plumbline.core.migrate import migrate
from plumbline.core.revisions import alembic_config
from psycopg import sql
from psycopg.conninfo import make_conninfo

SECRET = "S3cret-Live"
# The last statement of each session; one that fails is the session's last one all the same.
STATEMENTS = [
    f"update plumb.system_mode set override_token = '{SECRET}'",
    f"select plumb.connect_destination('slack', 'https://hooks.example/{SECRET}')",
    f"select set_config('app.key', '{SECRET}', false)",
    f"alter role plumb_test_secret password '{SECRET}'",
    f"create user mapping for public server nowhere options (password '{SECRET}')",
    f"create subscription s connection 'password={SECRET}' publication p, p with (connect = false)",
    f"copy (select 1) to program 'true {SECRET}'",
    f"do $$ begin perform '{SECRET}'; end $$",
    f"select 1 /* {SECRET} */",
    f"select 1 -- {SECRET}",
    f"select $tag${SECRET}$tag$, E'\\'{SECRET}'",
    f"begin; declare c cursor for select '{SECRET}'",
    f"prepare p as select '{SECRET}'",
    f"{SECRET}",
    f"set standard_conforming_strings = off; select 'a\\'{SECRET}'",
]


@pytest.fixture
def talkative(db, connect):
    """Leave sessions open whose last statement held the secret, one of them waited for."""
    db.execute("create role plumb_test_secret")
    sessions = [connect() for _ in STATEMENTS]
    for session, statement in zip(sessions, STATEMENTS, strict=True):
        with suppress(psycopg.Error):
            session.execute(statement)
    extended = connect()
    with suppress(psycopg.Error):
        extended.execute(f"select %s, '{SECRET}'", ["x"], prepare=True)
    yield db
    for session in sessions:
        session.close()
    db.execute("drop role plumb_test_secret")


def everything_readable(connection):
    """Return as text all rows that the session's role may read in schema plumb."""
    relations = connection.execute(
        "select c.oid::regclass::text from pg_class as c"
        " where c.relnamespace = 'plumb'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')"
        " and has_table_privilege(c.oid, 'select')"
    ).fetchall()
    texts = []
    for (relation,) in relations:
        query = f"select json_agg(to_json(t)) from {relation} as t"
        texts.append((relation, json.dumps(connection.execute(query).fetchone()[0])))
    return texts


def test_evidence_of_an_incident_holds_no_value(talkative, connect):
    talkative.execute("select plumb.open_incident('test', 'secrets', 'P1', 'title', '', 1, '')")

    snapshot = talkative.execute("select snapshot::text from plumb.incidents").fetchone()[0]
    reader = connect(role="plumb_reader")

    assert "ALTER ROLE" in snapshot and "select set_config($1, $2, false)" in snapshot
    assert [name for name, text in everything_readable(reader) if SECRET in text] == []


def test_no_route_shows_a_value(talkative, make_app):
    talkative.execute("select plumb.open_incident('test', 'secrets', 'P1', 'title', '', 1, '')")
    number = talkative.execute("select max(incident_id) from plumb.incidents").fetchone()[0]
    client = make_app().test_client()
    talkative.execute("select plumb.run_perf()")
    client.post("/reports/executive", json={})

    paths = [e["path"] for e in client.get("/").json["endpoints"] if e["method"] == "GET"]
    shown = {
        path: client.get(path.replace("<incident_id>", str(number))).text
        for path in paths
        if "<" not in path or "<incident_id>" in path
    }

    assert "ALTER ROLE" in shown["/incidents/<incident_id>"]
    assert [path for path, text in shown.items() if SECRET in text] == []


def test_a_blocker_is_named_without_its_values(talkative, connect, wait_until_blocked):
    talkative.execute("create table public.waited_for (a text)")
    holder, waiter = connect(autocommit=False), connect(autocommit=False)
    holder.execute("lock table public.waited_for")
    holder.execute(f"insert into public.waited_for values ('{SECRET}')")
    with psycopg.connect(talkative.info.dsn, autocommit=True) as other:
        pid = waiter.info.backend_pid
        thread = threading.Thread(
            target=lambda: waiter.execute("select * from public.waited_for"), daemon=True
        )
        thread.start()
        wait_until_blocked(waiter)
        why = other.execute("select why from plumb.check_lock_waits()").fetchone()[0]
        oldest = other.execute("select why from plumb.check_long_transactions()").fetchone()[0]
    holder.rollback()
    thread.join(10)

    assert f"{pid} waits for" in why and "insert into public.waited_for values ($1)" in why
    assert SECRET not in why + oldest


def test_definitions_in_the_audit_log_hold_no_values(db):
    db.execute("create table public.kept (id integer primary key, a text)")
    db.execute("select plumb.audit_table('public.kept')")

    db.execute(f"alter table public.kept alter column a set default '{SECRET}'")
    db.execute(
        "create function public.login() returns void language plpgsql as"
        f" $$ begin alter table public.kept add column b text default '{SECRET}'; end $$"
    )
    db.execute(f"select public.login() /* {SECRET} */")

    commands = db.execute(
        "select new_row ->> 'command' from plumb.audit_log where new_row ? 'command'"
    ).fetchall()
    assert ("alter table public.kept alter column a set default $1",) in commands
    assert SECRET not in str(commands)


def test_samples_of_statements_hold_no_values(db):
    statements = [
        (1, f"create role x password '{SECRET}'"),
        (2, f"select a /* {SECRET} */ from t where b = $1"),
    ]
    db.execute("create table public.counters (q bigint, t text, n bigint)")
    db.execute("grant select on public.counters to plumb_owner")
    db.execute(
        "create or replace function plumb.current_statements() returns table (queryid bigint,"
        " query text, calls bigint, total_ms double precision) language sql as"
        " $$ select s.q, s.t, s.n, s.n::double precision from public.counters as s $$"
    )
    for number, text in statements:
        db.execute("insert into public.counters values (%s, %s, 1)", [number, text])
    db.execute("select plumb.sample_statements()")
    db.execute("update public.counters set n = n + 1000")
    db.execute("select plumb.sample_statements()")

    stored = db.execute("select query from plumb.statement_observations order by queryid")

    assert stored.fetchall() == [("CREATE ROLE",), ("select a from t where b = $1",)]


@pytest.fixture
def old_url(cluster_url):
    """Yield the URL of an empty database."""
    name = sql.Identifier("plumb_old_secrets")
    with psycopg.connect(cluster_url, autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(name))
        server.execute(sql.SQL("create database {}").format(name))
        yield make_conninfo(cluster_url, dbname="plumb_old_secrets")
        server.execute(sql.SQL("drop database {} with (force)").format(name))


def test_an_upgrade_removes_what_was_stored_before(old_url):
    """Bring a database to the revision that stored texts, store some, and upgrade it."""
    with module._raw_transaction(old_url) as (connection, raw):
        raw.execute("create schema plumb")
        raw.execute("set local search_path = pg_catalog, pg_temp")
        command.upgrade(alembic_config(connection, "retail"), "0018")
        raw.execute("reset role")
        activity = [{"pid": 7, "query": f"alter role x password '{SECRET}'"}, {"pid": 8}]
        for source, scope in (("test", "a"), ("slow-statement", "new")):
            raw.execute(
                "insert into plumb.incidents (source, scope, priority, title, description,"
                " snapshot, first_opened_at, opened_at, last_seen_at)"
                " values (%s, %s, 'P1', 't', %s, %s, now(), now(), now())",
                [
                    source,
                    scope,
                    f"{SECRET} {scope}" if scope == "new" else "stays",
                    json.dumps({"activity": activity, "jobs": []}),
                ],
            )
        for text in (f"select '{SECRET}'", f"create role x password '{SECRET}'", "select $1"):
            raw.execute(
                "insert into plumb.statement_observations (queryid, query, calls, mean_ms,"
                " total_ms, verdict, observed_at) values (1, %s, 1, 1, 1, 'usual', now())",
                [text],
            )
        report = {"lists": {"slowStatements": [{"query": f"select '{SECRET}'", "meanMs": 1}]}}
        raw.execute(
            "insert into plumb.executive_reports (period_started_at, period_ended_at, report,"
            " created_at) values (now(), now(), %s, now())",
            [json.dumps(report)],
        )
        raw.execute(
            "insert into plumb.outbox (topic, dedup_key, payload, created_at)"
            " values ('report.executive', 'k', %s, now())",
            [json.dumps(report)],
        )

    migrate(old_url, report=lambda _line: None, demo_schema="retail")

    with psycopg.connect(old_url, autocommit=True) as upgraded:
        found = [name for name, text in everything_readable(upgraded) if SECRET in text]
        assert found == []
        snapshot, description = upgraded.execute(
            "select snapshot, description from plumb.incidents where source = 'test'"
        ).fetchone()
        kept = upgraded.execute("select query from plumb.statement_observations order by 1")
        assert kept.fetchall() == [("CREATE ROLE …",), ("SELECT …",), ("select $1",)]
    assert snapshot["activity"] == [{"pid": 7, "query": "ALTER ROLE …"}, {"pid": 8}]
    assert description == "stays"
