"""Every right that comes or goes is noticed, and stays an incident until somebody answers it."""

import psycopg
import pytest


@pytest.fixture(autouse=True)
def accepted(db, at):
    """Let the first scan take the rights as they are for right."""
    db.execute("select plumb.run_security_scan()")


@pytest.fixture
def stranger(db):
    name = f"plumb_test_stranger_{db.info.backend_pid}"
    db.execute(f"create role {name}")
    yield name
    db.execute(f"drop owned by {name}; drop role {name}")


def changes(db):
    return db.execute(
        "select change, kind, object, grantee, privilege from plumb.privilege_changes"
    ).fetchall()


def test_the_first_scan_finds_nothing_new(open_scopes):
    assert open_scopes() == []


def test_a_grant_is_found_and_clears_when_revoked(db, stranger, open_scopes, at):
    db.execute(f"grant update on retail.sales to {stranger}")

    assert open_scopes() == ["PRIVILEGE_CHANGE"]
    assert changes(db) == [("granted", "table", "retail.sales", stranger, "update")]

    at(60)
    db.execute(f"revoke update on retail.sales from {stranger}")

    assert open_scopes() == []
    events = "select kind, event_count from plumb.security_events where kind like 'privilege%'"
    assert db.execute(events).fetchall() == [("privilege_granted", 1), ("privilege_revoked", 1)]


def test_a_revoked_right_is_found_too_and_accepted_by_a_person(db, call, open_scopes, at):
    db.execute("revoke select on retail.sales from retail_app")
    at(60)
    assert open_scopes() == ["PRIVILEGE_CHANGE"]

    assert call("accept_privileges", "the shop reads a view now") == 1

    assert open_scopes() == []
    reason = "select reason, changes -> 0 ->> 'change' from plumb.privilege_acceptances order by 1"
    assert db.execute(reason).fetchall() == [
        ("first scan", None),
        ("the shop reads a view now", "revoked"),
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("grant plumb_owner to {role}", ("membership", "plumb_owner", "{role}", "member")),
        ("alter role {role} createrole", ("role", "{role}", "", "create role")),
        ("alter role {role} superuser", ("role", "{role}", "", "superuser")),
        ("grant create on schema retail to {role}", ("schema", "retail", "{role}", "create")),
        ("grant select on retail.sales to public", ("table", "retail.sales", "PUBLIC", "select")),
        (
            "grant update (total) on retail.sales to {role}",
            ("column", "retail.sales.total", "{role}", "update"),
        ),
        (
            "grant select on retail.sales to {role} with grant option",
            ("table", "retail.sales", "{role}", "select with grant option"),
        ),
    ],
)
def test_every_kind_of_right_is_watched(db, stranger, open_scopes, at, statement, expected):
    at(60)
    db.execute(statement.format(role=stranger))
    open_scopes()

    assert ("granted", *(part.format(role=stranger) for part in expected)) in changes(db)

    db.execute("revoke select on retail.sales from public")


def test_a_new_owner_is_a_change_and_a_new_table_is_none(db, stranger, open_scopes, at):
    at(60)
    db.execute("create table retail.returns (return_id bigint primary key)")
    assert open_scopes() == []

    at(120)
    db.execute(f"alter table retail.sales owner to {stranger}")

    assert open_scopes() == ["PRIVILEGE_CHANGE"]
    assert ("granted", "owner", "table retail.sales", stranger, "owner") in changes(db)
    db.execute("alter table retail.sales owner to postgres")


def test_a_change_is_one_event_however_often_it_is_scanned(db, stranger, open_scopes, at):
    db.execute(f"grant update on retail.sales to {stranger}")
    for minute in range(1, 4):
        at(60 * minute)
        assert open_scopes() == ["PRIVILEGE_CHANGE"]

    events = "select count(*) from plumb.security_events where kind = 'privilege_granted'"
    assert db.execute(events).fetchone() == (1,)


def test_accepting_needs_a_reason_and_a_right(connect, call):
    with pytest.raises(psycopg.errors.Error) as error:
        call("accept_privileges", " ")
    assert error.value.sqlstate == "PL002"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        call("accept_privileges", "because", on=connect(role="plumb_operator"))


def test_what_plumbline_gives_its_own_roles_is_no_change(db, open_scopes, at):
    db.execute("create table retail.notes (note_id integer primary key)")
    db.execute("select plumb.run_security_scan(), plumb.accept_privileges('a table of our own')")
    at(60)

    db.execute("select plumb.audit_table('retail.notes')")

    assert changes(db) == []
    assert open_scopes() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("grant insert on retail.sales to plumb_inspector", ("table", "retail.sales")),
        ("grant pg_write_all_data to plumb_worker", ("membership", "pg_write_all_data")),
        ("grant plumb_owner to plumb_worker", ("membership", "plumb_owner")),
        ("alter role plumb_reader login", ("role", "plumb_reader")),
    ],
)
def test_what_somebody_else_gives_our_roles_is_a_change(db, open_scopes, at, statement, expected):
    db.autocommit = False
    try:
        db.execute(statement)
        assert open_scopes() == ["PRIVILEGE_CHANGE"]
        assert [change[1:3] for change in changes(db)] == [expected]
    finally:
        db.rollback()
