"""DDL elsewhere changes what the rows of an audited table read like: that is no urgent finding."""

import pytest

from .conftest import as_superuser, behind_the_triggers
from .test_baselines import accept, found
from .test_findings import BY, WHY


def test_a_column_that_goes_with_its_type_changes_rows_that_hold_such_rows(owner):
    owner.execute("create type own.e as enum ('low')")
    owner.execute("create type own.c as (e own.e, n integer)")
    owner.execute("create table own.t (e own.e, n integer)")
    owner.execute("create table own.many (id integer primary key, c own.c, t own.t[])")
    as_superuser(owner, "select audit_table('own.many')")
    owner.execute("insert into own.many values (1, '(low,1)', array['(low,1)'::own.t])")
    owner.execute("drop type own.e cascade")
    assert found(owner) == [("baseline_taken", "own.many", None, "P2")]


def test_rows_inside_of_a_column_that_gained_a_column_stay_explained(owner):
    owner.execute("create table own.inner_part (n integer)")
    owner.execute("create table own.many (id integer primary key, v integer, p own.inner_part[])")
    as_superuser(owner, "select audit_table('own.many')")
    owner.execute("insert into own.many values (1, 1, array['(1)'::own.inner_part])")
    owner.execute("alter table own.inner_part add colour text")
    assert {row[3] for row in found(owner)} == {"P2"}
    as_superuser(owner, "select accept_baselines(%s, %s)", [BY, WHY])
    owner.execute("alter table own.many alter v type text")
    assert {row[3] for row in found(owner)} <= {"P2", "P3"}


@pytest.mark.parametrize("more", ["", "alter table own.old add colour text default 'red'"])
def test_what_takes_the_name_of_a_table_is_not_taken_for_it(owner, more):
    owner.execute("create table own.new (like own.acct including all)")
    with owner.transaction():
        owner.execute("insert into own.new select * from own.acct")
        owner.execute("alter table own.acct rename to old")
        owner.execute("alter table own.new rename to acct")
    owner.execute("insert into own.acct values (50, 1, 'new')")
    owner.execute("update own.acct set v = 5 where id = 2")
    owner.execute("delete from own.old where id = 3")
    if more:
        owner.execute(more)
    assert {row[3] for row in found(owner)} <= {"P2", "P3"}
    as_superuser(owner, "select accept_baselines(%s, %s)", [BY, WHY])
    assert found(owner) == []


def test_a_column_is_renamed_after_its_type_has_changed(owner):
    owner.execute("create type own.c as (e integer, n integer)")
    owner.execute("create table own.many (id integer primary key, home own.c)")
    as_superuser(owner, "select audit_table('own.many')")
    owner.execute("insert into own.many values (1, '(1,1)'), (2, null)")
    owner.execute("alter type own.c drop attribute n cascade")
    owner.execute("alter table own.many rename home to house")
    owner.execute("alter table own.many rename house to place")
    assert {row[3] for row in found(owner)} == {"P2"}


def test_a_column_that_goes_with_its_type_leaves_the_triggers_right(owner):
    owner.execute("create type own.e as (x double precision)")
    owner.execute("create table own.many (id integer primary key, kept text, gone own.e)")
    as_superuser(owner, "select audit_table('own.many', '{gone}')")
    owner.execute("insert into own.many values (1, 'a', row(1))")
    owner.execute("drop type own.e cascade")
    owner.execute("update own.many set kept = 'b'")
    assert [row[::3] for row in found(owner)] in ([], [("baseline_taken", "P3")])
    assert as_superuser(
        owner, "select excluded_columns from audited_tables where relation = 'own.many'"
    ) == [([],)]


@pytest.mark.parametrize(
    "change",
    [
        "alter type own.shape add attribute c text cascade",
        "alter type own.shape rename attribute b to level cascade",
        "alter type own.shape rename attribute id to number cascade",
        "alter type own.shape drop attribute b cascade",
        "alter type own.shape alter attribute b type bigint cascade",
    ],
)
def test_a_typed_table_follows_its_type(owner, change):
    owner.execute("create type own.shape as (id integer, b integer)")
    owner.execute("create table own.typed of own.shape (primary key (id))")
    as_superuser(owner, "select audit_table('own.typed')")
    owner.execute("insert into own.typed values (1, 1)")
    owner.execute(change)
    owner.execute("insert into own.typed values (2)")
    rows = found(owner)
    assert {row[3] for row in rows} <= {"P2", "P3"}
    if rows:
        accept(owner, "own.typed")
    assert found(owner) == []


@pytest.fixture
def parted(owner):
    """Yield the owner's session; own.p has rows 1 to 4 in each of the parts own.p_1 and own.p_2."""
    owner.execute("create table own.p (id integer, k integer, v text) partition by list (k)")
    for k in (1, 2):
        owner.execute(f"create table own.p_{k} partition of own.p for values in ({k})")
    owner.execute("alter table own.p add primary key (k, id)")
    as_superuser(owner, "select audit_table('own.p')")
    owner.execute(
        "insert into own.p select i, k, 'v' from generate_series(1, 4) as i,"
        " generate_series(1, 2) as k"
    )
    assert found(owner) == []
    return owner


@pytest.mark.parametrize(
    ("change", "is_one_transaction"),
    [
        ("update own.p_1 set v = 'w' where id = 2", True),
        ("delete from own.p_1 where id = 2", False),
        ("insert into own.p_1 values (9, 1, 'v')", True),
        (
            "drop table own.p_1; create table own.p_1 (like own.p including all);"
            " insert into own.p_1 values (2, 1, 'w')",
            False,
        ),
    ],
)
def test_what_was_done_to_a_part_while_it_was_detached_is_no_urgent_finding(
    parted, change, is_one_transaction
):
    statements = (
        "alter table own.p detach partition own.p_1",
        *change.split(";"),
        "alter table own.p attach partition own.p_1 for values in (1)",
    )
    if is_one_transaction:
        with parted.transaction():
            for statement in statements:
                parted.execute(statement)
    else:
        for statement in statements:
            parted.execute(statement)
    rows = found(parted)
    assert ("baseline_taken", "own.p", None, "P2") in rows
    assert {row[3] for row in rows} == {"P2"}
    accept(parted, "own.p")
    as_superuser(
        parted,
        "select accept_findings(array(select audit_finding_id from open_findings), %s, %s)",
        [BY, WHY],
    )
    assert found(parted) == []
    # A part that nobody moved tells no excuse.
    behind_the_triggers(parted, "update own.p_2 set v = 'x' where id = 1", "own.p_2")
    parted.execute("alter table own.p add note text default clock_timestamp()::text")
    assert ("row_differs", "own.p", "[2, 1]", "P1") in found(parted)


def test_a_column_that_is_added_with_a_value_asks_for_a_baseline_of_parts_too(parted):
    parted.execute("alter table own.p add colour text default 'red'")
    assert found(parted) == [("baseline_taken", "own.p", None, "P2")]


def test_a_part_made_anew_is_no_urgent_finding(parted):
    parted.execute("drop table own.p_1")
    parted.execute("create table own.p_1 partition of own.p for values in (1)")
    assert found(parted) == [("baseline_taken", "own.p", None, "P2")]
