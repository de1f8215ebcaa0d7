"""A user declares an invariant by naming a view, and everything else happens by itself."""

import psycopg
import pytest


@pytest.fixture
def app(db):
    db.execute(
        """
        create schema app;
        create table app.rooms (room_id int primary key, guests int not null, beds int not null);
        insert into app.rooms values (1, 2, 2), (2, 1, 2);
        create view app.overbooked as
        select room_id as subject, guests, beds from app.rooms where guests > beds;
        grant usage on schema app to plumb_owner;
        grant select on app.overbooked to plumb_owner;
        """
    )
    return db


DECLARE = (
    "select declare_invariant('ROOMS_NOT_OVERBOOKED', 'app.overbooked', 'P3', 'Beds suffice.')"
)


def status(db):
    return db.execute(
        "select status, violation_count from invariant_status where name = 'ROOMS_NOT_OVERBOOKED'"
    ).fetchone()


def test_a_declared_view_is_checked_scored_and_becomes_an_incident(app):
    app.execute(DECLARE)
    app.execute("update app.rooms set guests = 3 where room_id = 2")
    app.execute("select check_invariants()")
    assert status(app) == ("violated", 1)
    assert app.execute("select title, priority from open_incidents").fetchall() == [
        ("ROOMS_NOT_OVERBOOKED: 1 violation", "P3")
    ]
    assert app.execute("select score from drift_history").fetchall() == [(97,)]
    # A view without an explanation is explained by its row.
    assert app.execute("select explanation from current_violations").fetchall() == [
        ('{"beds": 2, "guests": 3, "subject": 2}',)
    ]

    app.execute("update app.rooms set guests = 2 where room_id = 2")
    app.execute("select check_invariants()")
    assert status(app) == ("holds", 0)
    assert app.execute("select * from open_incidents").fetchall() == []


def test_declaring_again_keeps_what_an_operator_tuned(app):
    app.execute(DECLARE)
    app.execute("select tune_invariant('ROOMS_NOT_OVERBOOKED', 'P1', 3, false)")
    app.execute(DECLARE)
    kept = app.execute(
        "select priority, weight, is_enabled from invariants where name = 'ROOMS_NOT_OVERBOOKED'"
    )
    assert kept.fetchone() == ("P1", 3, False)


def test_a_disabled_invariant_is_not_checked_and_its_incident_ends_unhealed(app):
    app.execute(DECLARE)
    app.execute("update app.rooms set guests = 9")
    app.execute("select check_invariants()")
    app.execute("select tune_invariant('ROOMS_NOT_OVERBOOKED', p_is_enabled => false)")
    app.execute("select check_invariants()")
    assert status(app)[0] == "disabled"
    assert app.execute("select status, auto_healed from incidents").fetchall() == [
        ("RESOLVED", False)
    ]
    assert app.execute("select * from current_violations").fetchall() == []
    assert app.execute("select score from drift_history limit 1").fetchall() == [(100,)]


def test_a_dropped_invariant_leaves_only_its_incident_and_its_quarantine(app):
    app.execute(DECLARE)
    app.execute("update app.rooms set guests = 9")
    app.execute("select check_invariants()")
    app.execute("select drop_invariant('ROOMS_NOT_OVERBOOKED')")
    assert app.execute("select status from incidents").fetchall() == [("RESOLVED",)]
    assert status(app) is None


def test_an_auto_correct_of_the_users_own_mends_what_is_found(app):
    app.execute(
        """
        create function app.evict(p_subjects text []) returns bigint language sql
        security definer set search_path = pg_catalog, pg_temp as $$
            with evicted as (
                update app.rooms set guests = beds
                where room_id = any(p_subjects::int []) returning 1
            )
            select count(*) from evicted
        $$;
        select declare_invariant(
            'ROOMS_NOT_OVERBOOKED', 'app.overbooked', 'P3', 'Beds suffice.',
            p_auto_correct => 'app.evict'
        );
        update app.rooms set guests = 9;
        """
    )
    app.execute("select check_invariants()")
    assert status(app) == ("holds", 0)
    assert app.execute("select guests from app.rooms").fetchall() == [(2,), (2,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'rooms', 'app.overbooked', 'P3', ''", "capitals, digits and underscores, not 'rooms'"),
        ("null, 'app.overbooked', 'P3', ''", "capitals, digits and underscores, not NULL"),
        ("'ROOMS', 'app.overbooked', 'P5', ''", "priority 'P5' of ROOMS is not one of"),
        ("'ROOMS', 'app.overbooked', null, ''", "priority NULL of ROOMS is not one of"),
        ("'ROOMS', 'app.overbooked', 'P3', '', 0", "weight '0' of ROOMS is not above 0"),
        ("'ROOMS', 'app.overbooked', 'P3', '', 'NaN'", "weight 'NaN' of ROOMS is not above 0"),
        ("'ROOMS', 'app.nowhere', 'P3', ''", "'app.nowhere' is none"),
        ("'ROOMS', 'overbooked', 'P3', ''", "'overbooked' is none"),
        ("'ROOMS', 'app.rooms', 'P3', ''", "first column is subject, 'app.rooms' is none"),
        ("'ROOMS', null, 'P3', ''", "first column is subject, NULL is none"),
        (
            "'ROOMS', 'app.overbooked', 'P3', '', p_auto_correct => 'app.evict'",
            "auto-correct function app.evict(text[]) of ROOMS does not exist",
        ),
        (
            "'ROOMS', 'app.overbooked', 'P3', '', p_auto_correct => 'app.invoker'",
            "app.invoker(text[]) of ROOMS is not SECURITY DEFINER",
        ),
    ],
)
def test_a_wrong_declaration_is_refused_with_the_wrong_value(app, arguments, message):
    app.execute("create function app.invoker(text[]) returns bigint return 1")
    with pytest.raises(psycopg.Error) as refused:
        app.execute(f"select declare_invariant({arguments})")
    assert refused.value.sqlstate == "PL002"
    assert message in refused.value.diag.message_primary
    assert refused.value.diag.message_hint


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [
        ("watch_table('NOTHING', 'app.rooms', 'room_id')", "PL001"),
        ("watch_table('NO_NEGATIVE_STOCK', 'app.nowhere', 'room_id')", "PL002"),
        ("watch_table('NO_NEGATIVE_STOCK', 'app.rooms', 'colour')", "PL002"),
        ("watch_table('NO_NEGATIVE_STOCK', 'app.rooms', 'room_id', 'colour')", "PL002"),
        ("tune_invariant('NOTHING', p_weight => 2)", "PL001"),
        ("tune_invariant('NO_NEGATIVE_STOCK', p_weight => -2)", "PL002"),
        ("tune_invariant('NO_NEGATIVE_STOCK', p_priority => 'P9')", "PL002"),
        ("drop_invariant('NOTHING')", "PL001"),
        ("enforce_invariant('NOTHING', 'commit')", "PL001"),
        ("enforce_invariant('NO_NEGATIVE_STOCK', 'sometimes')", "PL002"),
        ("enforce_invariant('NO_NEGATIVE_STOCK', null)", "PL002"),
        ("read_violations('NOTHING')", "PL001"),
        ("read_violations('NO_NEGATIVE_STOCK', '{\"colour\": [\"red\"]}')", "PL002"),
    ],
)
def test_a_wrong_name_or_value_is_an_error_with_a_hint(app, call, sqlstate):
    with pytest.raises(psycopg.Error) as refused:
        app.execute(f"select plumb.{call}")
    assert refused.value.sqlstate == sqlstate
    assert refused.value.diag.message_hint


def test_operators_tune_and_enforce_but_do_not_declare(app):
    app.execute("set role plumb_operator")
    app.execute("select plumb.tune_invariant('NO_NEGATIVE_STOCK', p_weight => 2)")
    app.execute("select plumb.enforce_invariant('NO_NEGATIVE_STOCK', 'commit')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(DECLARE.replace("declare_", "plumb.declare_"))
    app.execute("reset role")
