"""A rule reads and corrects tables of several owners; none of them gets the rights of another."""

import psycopg
import pytest
from foreign_code import ATTACHMENTS, RUN_BY_READING, as_mallory

DECLARE = (
    "select plumb.declare_no_orphans('LOST_CHILDREN', 'shop.child', array['item_id'],"
    " 'own.item', array['id'], p_is_quarantined => {})"
)
# What a rule finds when it is declared is its baseline; this comes later.
ORPHAN = "insert into shop.child values (2, 999)"


@pytest.fixture
def families(mallory):
    """Make a table of shop_owner's that refers to one of mallory's."""
    mallory.execute("create role shop_owner")
    mallory.execute("create schema shop authorization shop_owner")
    as_mallory(mallory, "grant usage on schema own to shop_owner")
    as_mallory(mallory, "grant select on own.item to shop_owner")
    mallory.execute("create table shop.child (id integer primary key, item_id integer)")
    mallory.execute("alter table shop.child owner to shop_owner")
    mallory.execute("insert into shop.child values (1, 1)")
    yield mallory
    mallory.execute("reset session authorization")
    mallory.execute("drop owned by shop_owner cascade; drop role shop_owner")


def attach_all(db):
    for name in sorted(RUN_BY_READING):
        as_mallory(db, ATTACHMENTS[name])


def test_a_quarantine_runs_no_code_of_another_owner(families, watch):
    with pytest.raises(psycopg.Error, match="mallory") as refused:
        families.execute(DECLARE.format(True))
    assert refused.value.sqlstate == "PL002"

    families.execute(DECLARE.format(False))
    families.execute(ORPHAN)
    attach_all(families)
    session = watch("plumb_worker")
    session.call("call plumb.run_job('deep-scan', true)")
    assert session.ran_as == {"plumb_inspector"}
    assert session.did == []
    assert families.execute("select count(*) from shop.child").fetchone() == (2,)


def test_a_parent_that_changes_hands_ends_the_quarantine(families, watch):
    families.execute("alter table own.item owner to shop_owner")
    families.execute("grant usage on schema own to shop_owner")
    families.execute(DECLARE.format(True))
    families.execute(ORPHAN)
    families.execute("alter table own.item owner to mallory")
    attach_all(families)
    session = watch("plumb_worker")

    session.call("call plumb.run_job('deep-scan', true)")

    assert session.ran_as == {"plumb_inspector"}
    assert families.execute("select count(*) from shop.child").fetchone() == (2,)
    assert (
        "mallory"
        in families.execute(
            "select note from plumb.incident_events where event = 'auto_correct'"
            " order by incident_event_id desc limit 1"
        ).fetchone()[0]
    )


@pytest.mark.parametrize(
    ("condition", "is_refused"),
    [
        ("own.f(id) = 0", True),
        ('"own" . "f"(1) = 0', True),
        ("id operator(own.@@) 1", True),
        ("id::own.checked > 0", True),
        ("t.f(1) = 0", True),
        ("id > 1.own", True),
        ("id > 0.5 and abs(id) > 1. and item_id > .5 and 'own.f(1)' <> 'x'", False),
    ],
)
def test_the_condition_of_a_quarantine_names_nothing_that_may_be_of_others(
    db, condition, is_refused
):
    assert db.execute("select plumb.names_a_schema(%s)", [condition]).fetchone() == (is_refused,)


def test_a_quarantine_runs_no_function_of_its_condition_with_the_rights_of_the_owner(
    families, watch
):
    """The function may get another body after the rule was declared, or another owner."""
    families.execute("alter table own.item owner to shop_owner")
    families.execute("grant usage on schema own to shop_owner; grant usage on schema own to public")
    declare = DECLARE.replace("{})", "{}, p_where => 'own.f(id) = 0 or id > 0')")

    with pytest.raises(psycopg.Error, match="what its condition names by a schema"):
        families.execute(declare.format(True))
    families.execute(declare.format(False))

    # As an earlier version let it be declared.
    families.execute(ORPHAN)
    families.execute("update plumb.rules set arguments = arguments || '{\"is_quarantined\": true}'")
    families.execute("select plumb.create_quarantine('LOST_CHILDREN')")
    families.execute(
        "update plumb.invariants set auto_correct = 'plumb_rules.quarantine_lost_children'"
        " where name = 'LOST_CHILDREN'"
    )
    session = watch("plumb_worker")
    session.call("call plumb.run_job('deep-scan', true)")
    assert session.ran_as == {"plumb_inspector"}
    assert families.execute("select count(*) from shop.child").fetchone() == (2,)


@pytest.mark.parametrize("owner", ["shop_owner", "postgres"])
def test_a_quarantine_within_one_owner_works(families, watch, owner):
    families.execute(f"alter table own.item owner to {owner}")
    families.execute("grant usage on schema own to shop_owner")
    families.execute("grant select on own.item to shop_owner")
    families.execute(DECLARE.format(True))
    families.execute(ORPHAN)

    watch("plumb_worker").call("call plumb.run_job('deep-scan', true)")

    assert families.execute("select id from shop.child").fetchall() == [(1,)]


def test_the_owner_keeps_nothing_in_quarantine_but_what_a_check_found_wrong(families, connect):
    families.execute("alter table own.item owner to shop_owner")
    families.execute("grant usage on schema own to shop_owner")
    families.execute(DECLARE.format(True))
    families.execute(ORPHAN)
    owner = connect(role="shop_owner")
    keep = "select plumb.quarantine_row('LOST_CHILDREN', %s, '{\"made\": \"up\"}')"
    for subject in ("2", "1", None):
        with pytest.raises(psycopg.Error, match="no check found it wrong"):
            owner.execute(keep, [subject])
    with pytest.raises(psycopg.Error, match="no check found it wrong"):
        owner.execute(keep.replace("LOST_CHILDREN", "NO_SUCH_RULE"), ["2"])

    families.execute("select plumb.run_deep_scan()")
    with pytest.raises(psycopg.Error, match="it was kept 100 times"), owner.transaction():
        owner.execute(
            "select plumb.quarantine_row('LOST_CHILDREN', '2', '1') from generate_series(1, 200)"
        )

    assert families.execute("select subject, row_data from plumb.quarantined_rows").fetchall() == [
        ("2", {"id": 2, "item_id": 999})
    ]


def test_no_cast_from_before_runs_where_an_invariant_is_enforced(mallory, watch):
    """It was there before Plumbline was; later ones are refused."""
    as_mallory(
        mallory,
        "create type own.mood as enum ('calm'); alter table own.item add mood own.mood"
        " default 'calm'; grant usage on schema own to public;"
        "create function own.told(own.mood) returns json language plpgsql as"
        " $$ begin perform own.pwn(); return '1'; end $$",
    )
    mallory.execute(
        "select plumb.declare_not_null_when('FILLED', 'own.item', 'v', 'id > 3');"
        "select plumb.enforce_invariant('FILLED', 'commit')"
    )
    mallory.execute("alter event trigger plumb_audit_cast disable")
    as_mallory(mallory, "create cast (own.mood as json) with function own.told(own.mood)")
    mallory.execute("alter event trigger plumb_audit_cast enable always")

    with pytest.raises(psycopg.Error, match=r"the cast of own\.mood to json runs") as refused:
        mallory.execute("select plumb.enforce_invariant('FILLED', 'statement')")
    assert refused.value.sqlstate == "PL002"
    # As each migration does.
    mallory.execute("select plumb.attach_enforcement('FILLED')")
    session = watch("mallory")
    assert session.call("update own.item set v = null where id = 4") is None
    assert session.ran_as == set()
    assert mallory.execute("select plumb.missing_enforcement()").fetchall() == [
        ("enforcement of FILLED on own.item",)
    ]

    as_mallory(mallory, "drop cast (own.mood as json)")
    mallory.execute("select plumb.attach_enforcement('FILLED')")
    assert mallory.execute("select plumb.missing_enforcement()").fetchall() == []
