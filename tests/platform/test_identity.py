"""Who did it: the name that a caller claims, and beside it the role of the session."""

import pytest
from psycopg import errors


@pytest.fixture
def operator(db, connect):
    """Yield a session of a member of plumb_operator."""
    db.execute("create role plumb_test_operator login in role plumb_operator")
    session = connect(user="plumb_test_operator")
    yield session
    session.close()
    db.execute("drop role plumb_test_operator")


CLAIMED = "ceo@example.com"
CLAIMS = {
    "incident_events": "select plumb.comment_incident(1, 'I approve', %(name)s)",
    "incidents": "select plumb.acknowledge_incident(1, %(name)s)",
    "silences": "select plumb.silence(now() + interval '1 h', 'why', p_by => %(name)s)",
    "security_blocks": "select plumb.block_client('203.0.113.9', 'why', 60, null, %(name)s)",
    "system_mode_changes": "select plumb.engage_safe_mode('why', %(name)s)",
    "system_mode": "select plumb.engage_safe_mode('why', %(name)s)",
    "settings": "select plumb.change_setting('blame_rows_max', '6')",
}


@pytest.mark.parametrize("table", CLAIMS)
def test_the_sessions_role_stands_beside_the_name_that_is_claimed(db, operator, table):
    db.execute("select plumb.open_incident('test', 'scope', 'P3', 'title')")
    operator.execute(CLAIMS[table], {"name": CLAIMED})

    rows = db.execute(
        f"select row_to_json(t)::text from plumb.{table} as t"
        " where recorded_by = 'plumb_test_operator'"
    ).fetchall()

    assert len(rows) == 1
    assert table == "settings" or CLAIMED in rows[0][0]


def test_nobody_claims_the_role_itself(db):
    db.execute("select plumb.open_incident('test', 'scope', 'P3', 'title')")
    db.execute("update plumb.incidents set recorded_by = 'somebody'")

    assert db.execute("select recorded_by = session_user from plumb.incidents").fetchone() == (
        True,
    )


def test_what_happens_by_itself_is_by_plumbline(db):
    db.execute("select plumb.open_incident('test', 'scope', 'P3', 'title')")
    db.execute("select plumb.open_incident('test', 'scope', 'P2', 'title')")
    db.execute("select plumb.resolve_incident('test', 'scope', 'gone')")
    db.execute("select plumb.open_incident('test', 'scope', 'P2', 'title')")

    assert db.execute("select distinct actor from plumb.incident_events").fetchall() == [("plumb",)]
    assert db.execute("select distinct payload ->> 'actor' from plumb.outbox").fetchall() == [
        ("plumb",)
    ]


def test_a_long_application_user_is_cut(db):
    db.execute("create table public.thing (id integer primary key)")
    db.execute("select plumb.audit_table('public.thing')")
    db.execute("select set_config('plumb.app_user', repeat('x', 1000000), false)")
    db.execute("insert into public.thing select generate_series(1, 10)")

    assert db.execute(
        "select distinct length(app_user) from plumb.audit_log where relation = 'public.thing'"
        " and op = 'INSERT'"
    ).fetchall() == [(200,)]
    db.execute("select plumb.seal_audit()")
    assert db.execute("select count(*) from plumb.check_audit()").fetchone() == (0,)


@pytest.mark.parametrize(
    "call",
    [
        "redact_audit('retail.customers', '1', null, 'because')",
        "retire_audit(interval '0')",
        "unaudit_table('retail.sales')",
        "unguard_table('retail.sales')",
        "enable_job('seal', false)",
        "allow_client('198.51.100.0/24', 'because')",
        "connect_destination('slack', 'https://attacker.example.com/')",
        "disconnect_destination('slack')",
    ],
)
def test_an_operator_does_not_weaken_what_is_protected(operator, call):
    with pytest.raises(errors.InsufficientPrivilege):
        operator.execute(f"select plumb.{call}")


@pytest.mark.parametrize(
    "network", ["0.0.0.0/0", "10.0.0.0/15", "::/0", "2001::/31", "0.0.0.0/1", "::ffff:0:0/96"]
)
def test_a_network_of_strangers_is_not_allowed(db, network):
    with pytest.raises(errors.Error, match="too wide") as error:
        db.execute("select plumb.allow_client(%s, 'because')", [network])
    assert error.value.sqlstate == "PL002"
