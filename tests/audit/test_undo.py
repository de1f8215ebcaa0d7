"""Taking back: the script first, then all or nothing, by whoever may change the tables."""

import psycopg
import pytest
from psycopg import errors

from .conftest import behind_the_triggers, findings, seal


def transaction(db, *statements):
    """Carry out statements in one transaction; return its number."""
    with db.transaction():
        for statement in statements:
            db.execute(statement)
        return db.execute("select pg_current_xact_id()::text").fetchone()[0]


def undo(db, txid, **options):
    options = {"dry_run": True} | options
    names = ", ".join(f"{name} => %({name})s" for name in options)
    return db.execute(
        f"select * from plumb.undo_transaction(%(txid)s::xid8, {names})", options | {"txid": txid}
    ).fetchall()


def items(db):
    return db.execute("select id, name, price from app.item order by id").fetchall()


@pytest.fixture
def shop_items(audit):
    audit.execute("insert into app.item values (1, 'tea', 10), (2, 'cup', 4), (3, 'pot', 25)")
    return audit


def test_the_script_is_shown_and_changes_nothing(shop_items):
    txid = transaction(
        shop_items,
        "update app.item set price = 99, name = null where id = 1",
        "delete from app.item where id = 2",
        "insert into app.item values (9, 'it''s', 1.50)",
    )
    before = items(shop_items)

    script = undo(shop_items, txid)

    assert items(shop_items) == before
    assert [row[1:] for row in script] == [
        ("delete from app.item where id = '9'", None),
        (
            "insert into app.item (id, name, price, seen_at) overriding system value"
            " values ('2', 'cup', '4', null)",
            None,
        ),
        (
            "update app.item set name = 'tea', price = '10' where id = '1'"
            " and name is not distinct from null and price is not distinct from '99'",
            None,
        ),
    ]


@pytest.mark.parametrize("is_sealed", [True, False])
def test_it_is_undone_in_one_transaction_and_the_log_says_so(shop_items, is_sealed):
    before = items(shop_items)
    txid = transaction(
        shop_items,
        "update app.item set price = price + 1",
        "update app.item set price = price * 2 where id < 3",
        "update app.item set id = 7 where id = 3",
        "delete from app.item where id = 2",
        "insert into app.item values (2, 'other', 1)",
    )
    if is_sealed:
        seal(shop_items)

    undo(shop_items, txid, dry_run=False, p_by="ann")

    assert items(shop_items) == before
    seal(shop_items)
    assert findings(shop_items) == []
    assert shop_items.execute("select * from plumb.reconcile_audit('app.item')").fetchall() == []
    who = shop_items.execute(
        "select distinct app_user from plumb.audit_log where app_user like 'undo%'"
    ).fetchall()
    assert who == [(f"undo of transaction {txid} by ann",)]


def test_an_undo_can_be_undone(shop_items):
    txid = transaction(shop_items, "update app.item set price = 0")
    after = items(shop_items)
    with shop_items.transaction():
        undo(shop_items, txid, dry_run=False)
        again = shop_items.execute("select pg_current_xact_id()::text").fetchone()[0]

    undo(shop_items, again, dry_run=False)

    assert items(shop_items) == after


def test_what_was_changed_later_is_named_and_not_overwritten(shop_items):
    txid = transaction(shop_items, "update app.item set price = 0")
    shop_items.execute("set plumb.app_user = 'bob'")
    later = transaction(shop_items, "update app.item set price = 5 where id = 2")
    before = items(shop_items)

    problems = [problem for _step, _statement, problem in undo(shop_items, txid) if problem]
    assert len(problems) == 1
    assert problems[0].startswith(f"changed later by bob in transaction {later}")
    with pytest.raises(psycopg.Error, match=r"app\.item 2: changed later by bob") as refused:
        undo(shop_items, txid, dry_run=False)
    assert refused.value.sqlstate == "PL005"
    assert items(shop_items) == before

    undo(shop_items, txid, dry_run=False, p_overwrite=["app.item 2"])

    assert [price for _id, _name, price in items(shop_items)] == [10, 4, 25]


def test_a_row_that_was_edited_behind_the_log_is_not_overwritten(shop_items):
    txid = transaction(shop_items, "update app.item set price = 0")
    behind_the_triggers(shop_items, "update app.item set price = 5 where id = 2", "app.item")

    with pytest.raises(psycopg.Error, match="the row is not as it was left"):
        undo(shop_items, txid, dry_run=False)

    assert [price for _id, _name, price in items(shop_items)] == [0, 5, 0]


def test_parents_come_back_before_their_children(audit):
    audit.execute(
        "create table app.child (id integer primary key, item integer references app.item"
        " on delete cascade)"
    )
    audit.execute("select plumb.audit_table('app.child')")
    audit.execute("insert into app.item values (1, 'tea'); insert into app.child values (5, 1)")
    txid = transaction(audit, "delete from app.item")

    undo(audit, txid, dry_run=False)

    assert audit.execute("select * from app.child").fetchall() == [(5, 1)]
    txid = transaction(
        audit, "insert into app.item values (2)", "insert into app.child values (6, 2)"
    )
    undo(audit, txid, dry_run=False)
    assert audit.execute("select id from app.child").fetchall() == [(5,)]


@pytest.mark.parametrize(
    ("action", "statement"),
    [
        ("on delete set null", "delete from app.item"),
        ("on update cascade", "update app.item set id = id + 10"),
        ("on update cascade", "update app.item set id = id + 10, name = 'x' where id = 1"),
        ("on delete cascade on update cascade", "delete from app.item where id = 1"),
    ],
)
def test_what_a_foreign_key_did_is_undone(audit, action, statement):
    audit.execute(
        f"create table app.child (id integer primary key,"
        f" item integer references app.item {action},"
        f" parent integer references app.child {action})"
    )
    audit.execute("select plumb.audit_table('app.child')")
    audit.execute(
        "insert into app.item values (1, 'tea'), (2, 'cup');"
        "insert into app.child values (5, 1, null), (6, 2, null), (7, null, 5), (8, 1, 7)"
    )
    tables = "select * from app.item order by 1", "select * from app.child order by 1"
    before = [audit.execute(query).fetchall() for query in tables]
    txid = transaction(audit, statement)
    assert before != [audit.execute(query).fetchall() for query in tables]

    undo(audit, txid, dry_run=False)

    assert before == [audit.execute(query).fetchall() for query in tables]


def test_values_of_every_kind_come_back(audit):
    audit.execute("create type app.mood as enum ('low', 'high')")
    audit.execute("create type app.place as (street text, zip integer)")
    audit.execute(
        "create table app.many (id bigint generated always as identity primary key, m app.mood,"
        " p app.place, a text[], j jsonb, r int4range, b bytea, f double precision,"
        " t timestamptz, d interval, n numeric, g bigint generated always as (id * 2) stored,"
        ' "Quoted Name" text)'
    )
    audit.execute("select plumb.audit_table('app.many')")
    audit.execute(
        'insert into app.many (m, p, a, j, r, b, f, t, d, n, "Quoted Name") values'
        " ('low', row('a,\"b', 1), array['x', null, '{'], '{\"a\": null}', '[1,5)', '\\x00ff',"
        " 'NaN', '2026-03-29 01:30:00+00', '1 mon -3 days', 1.10, 'it''s \\ é'),"
        " (null, null, null, null, null, null, null, null, null, null, null)"
    )
    before = audit.execute("select m::text, many::text from app.many order by id").fetchall()
    txid = transaction(
        audit,
        "update app.many set m = 'high', p = null, a = '{}', j = '[]', r = 'empty', b = '', f = 1,"
        " t = 'infinity', d = '0', n = 'NaN', \"Quoted Name\" = ''",
        "delete from app.many",
    )

    undo(audit, txid, dry_run=False)

    assert (
        audit.execute("select m::text, many::text from app.many order by id").fetchall() == before
    )


def test_what_the_log_cannot_give_back_is_named(audit):
    audit.execute("insert into app.loose values (1)")
    audit.execute("insert into app.item values (1, 'secret')")
    audit.execute("select plumb.audit_table('app.item', '{name}')")
    for statement, problem in (
        ("delete from app.loose", "the table has no key"),
        ("delete from app.item", "the log does not hold name"),
        ("truncate app.item", "TRUNCATE is not undone row by row"),
    ):
        txid = transaction(audit, statement)
        assert problem in [row[2] for row in undo(audit, txid)]
        with pytest.raises(psycopg.Error, match=problem):
            undo(audit, txid, dry_run=False)
    with pytest.raises(psycopg.Error, match="no change of transaction 1"):
        undo(audit, "1")


def test_no_invariant_is_broken_by_it(shop_items):
    shop_items.execute(
        "create view app.bad as select id as subject, 'too cheap' as explanation from app.item"
        " where price < 1;"
        "select plumb.declare_invariant('NOT_CHEAP', 'app.bad', 'P1', 'Prices.');"
        "select plumb.watch_table('NOT_CHEAP', 'app.item', 'id')"
    )
    shop_items.execute("update app.item set price = 0 where id in (1, 2)")
    txid = transaction(shop_items, "update app.item set price = 3 where id = 1")

    with pytest.raises(errors.CheckViolation, match="NOT_CHEAP would not hold for 1: too cheap"):
        undo(shop_items, txid, dry_run=False)

    assert [price for _id, _name, price in items(shop_items)] == [3, 0, 25]


def test_it_needs_the_rights_of_the_application(shop_items, connect):
    txid = transaction(shop_items, "update app.item set price = 0")
    seal(shop_items)
    shop_items.execute("create role clerk; grant usage on schema app to clerk")
    shop_items.execute("grant plumb_auditor to clerk")
    try:
        clerk = connect(role="clerk")
        assert len(undo(clerk, txid)) == 3
        with pytest.raises(errors.InsufficientPrivilege):
            undo(clerk, txid, dry_run=False)
        shop_items.execute("grant select, update on app.item to clerk")
        undo(clerk, txid, dry_run=False)
        reader = connect(role="plumb_reader")
        with pytest.raises(errors.InsufficientPrivilege):
            undo(reader, txid)
    finally:
        shop_items.execute("drop owned by clerk; drop role clerk")


def test_triggers_of_the_application_find_what_they_name(shop_items):
    shop_items.execute(
        "create table app.noted (id integer);"
        "create function app.note() returns trigger language plpgsql as"
        " $$ begin insert into noted values (new.id); return new; end $$;"
        "create trigger note before update on app.item for each row execute function app.note();"
        "set search_path = app, public"
    )
    txid = transaction(shop_items, "update item set price = 0 where id = 1")

    undo(shop_items, txid, dry_run=False)

    assert shop_items.execute("select count(*) from noted").fetchone() == (2,)
    assert shop_items.execute("show search_path").fetchone() == ("app, public",)


def test_all_that_one_user_did_is_undone(shop_items):
    before = items(shop_items)
    shop_items.execute("set plumb.app_user = 'ann'")
    for statement in (
        "update app.item set price = 1 where id = 1",
        "update app.item set price = 2 where id = 1",
        "delete from app.item where id = 2",
    ):
        shop_items.execute(statement)
    shop_items.execute("set plumb.app_user = 'bob'")
    shop_items.execute("update app.item set price = 30 where id = 3")

    def undo_ann(dry_run):
        return shop_items.execute(
            "select * from plumb.undo_user('ann', '-infinity', 'infinity', dry_run => %s)",
            [dry_run],
        ).fetchall()

    assert [problem for _step, _statement, problem in undo_ann(True)] == [None] * 3
    undo_ann(False)

    assert items(shop_items) == [*before[:2], (3, "pot", 30)]
    shop_items.execute("set plumb.app_user = 'ann'")
    shop_items.execute("update app.item set price = 5 where id = 3")
    shop_items.execute("set plumb.app_user = 'bob'")
    shop_items.execute("update app.item set price = 6 where id = 3")
    with pytest.raises(psycopg.Error, match="item 3: changed later by bob"):
        undo_ann(False)


def test_a_row_is_restored_as_it_was(shop_items):
    (moment,) = shop_items.execute("select clock_timestamp()").fetchone()
    shop_items.execute("update app.item set price = 1 where id = 1")
    shop_items.execute("delete from app.item where id = 2")
    shop_items.execute("insert into app.item values (4, 'new')")
    before = items(shop_items)

    def restore(key, **options):
        options = {"dry_run": True} | options
        return shop_items.execute(
            "select plumb.restore_row('app.item', %s, as_of => %s, dry_run => %s)",
            [key, moment, options["dry_run"]],
        ).fetchone()[0]

    assert restore("1").startswith("update app.item set price = '10' where id = '1'")
    assert restore("2").startswith("insert into app.item")
    assert restore("4") == "delete from app.item where id = '4'"
    assert restore("3") is None
    assert items(shop_items) == before
    for key in ("1", "2", "3", "4"):
        restore(key, dry_run=False)
    assert items(shop_items) == [(1, "tea", 10), (2, "cup", 4), (3, "pot", 25)]
    who = shop_items.execute(
        "select app_user from plumb.audit_log where app_user like 'restore of app.item 1 %'"
    ).fetchall()
    assert len(who) == 1
    with pytest.raises(psycopg.Error, match="knows no row '77'"):
        restore("77")


def test_a_row_with_two_keys_in_a_part_is_restored(audit):
    audit.execute("insert into app.part values (1, 'eu', 'a')")
    (moment,) = audit.execute("select clock_timestamp()").fetchone()
    audit.execute("delete from app.part")

    for relation in ("app.part", "app.part_eu"):
        audit.execute("delete from app.part")
        audit.execute(
            "select plumb.restore_row(%s, '[1, \"eu\"]', %s, dry_run => false)", [relation, moment]
        )
        assert audit.execute("select * from app.part_eu").fetchall() == [(1, "eu", "a")]


def test_what_changed_in_a_row_is_readable(shop_items):
    shop_items.execute("set plumb.app_user = 'ann'")
    shop_items.execute("update app.item set price = 11, name = 'green tea' where id = 1")
    shop_items.execute("delete from app.item where id = 1")

    changes = shop_items.execute(
        "select who, op, column_name, old_value, new_value from plumb.row_changes('app.item', '1')"
    ).fetchall()

    assert changes[4:6] == [
        ("ann (login postgres)", "UPDATE", "name", "tea", "green tea"),
        ("ann (login postgres)", "UPDATE", "price", "10", "11"),
    ]
    assert [row[2] for row in changes[:4]] == ["id", "name", "price", "seen_at"]
    assert {row[1] for row in changes[6:]} == {"DELETE"}
    assert [row[4] for row in changes[6:]] == [None] * 4


def test_rows_that_refer_to_each_other_come_back_where_a_constraint_waits(db):
    db.execute(
        """
        create schema app;
        create table app.dept (
            id integer generated always as identity primary key, boss integer
        );
        create table app.emp (
            id integer generated always as identity primary key,
            dept integer not null references app.dept on delete cascade,
            salary integer, twice integer generated always as (salary * 2) stored
        );
        alter table app.dept add foreign key (boss) references app.emp
            on delete set null deferrable initially deferred;
        insert into app.dept (boss) values (null);
        insert into app.emp (dept, salary) values (1, 5);
        update app.dept set boss = 1;
        """
    )
    db.execute("select plumb.audit_table('app.dept'), plumb.audit_table('app.emp')")
    txid = transaction(db, "delete from app.dept")

    undo(db, txid, dry_run=False)

    rows = "select d.id, d.boss, e.id, e.twice from app.dept as d, app.emp as e"
    assert db.execute(rows).fetchall() == [(1, 1, 1, 10)]
