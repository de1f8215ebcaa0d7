"""Every attack on the log is found at exactly its place, and both verifiers say the same of it."""

import threading

import psycopg
import pytest
from plumbline.cli.audit import verifier
from plumbline.cli.audit.verifier import Finding, Verifier

from .clusters import agreed, held_to
from .conftest import seal, tamper

AN_ITEM = "relation = 'app.item' and record_key = '{}'"
RECOMPUTE = (
    "update audit_log as l set actor = 'evil', row_hash = sha256(l.prev_hash || link_bytes("
    "payload_digest(l.salt, l.record_key, l.old_row, l.new_row), l.occurred_at, l.format,"
    " l.base_seal, l.txid, l.n, l.op, l.relation, 'evil', l.app_user)) where " + AN_ITEM
)
COPY = (
    "insert into audit_log select base_seal, {}, occurred_at, {}, format, op, relation, '99',"
    " actor, app_user, old_row, new_row, salt, payload_digest, {}, row_hash from audit_log where "
    + AN_ITEM
)
DELETE = "delete from audit_log where " + AN_ITEM
EDIT = "update audit_log set new_row = '{{\"id\": 666}}' where " + AN_ITEM
SEALED = "(select max(seal_id) - 1 from seals)"
NEWEST = "(select max(seal_id) from seals)"
DROP_TRANSACTION = "delete from {} where txid = (select txid from audit_log where " + AN_ITEM + ")"

# What is done, and each finding's kind, seal (counted from the first of the two seals), whether
# it names the transaction, and n.
ATTACKS = {
    "first row edited": (EDIT.format(20), [("row_altered", 0, True, 1)]),
    "middle row edited": (EDIT.format(21), [("row_altered", 0, True, 2)]),
    "last row edited": (EDIT.format(22), [("row_altered", 0, True, 3)]),
    "salt of another length": (
        "update audit_log set salt = salt || '\\x00' where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "no salt": (
        "update audit_log set salt = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "first row recomputed": (RECOMPUTE.format(20), [("row_unlinked", 0, True, 2)]),
    "middle row recomputed": (RECOMPUTE.format(21), [("row_unlinked", 0, True, 3)]),
    "last row recomputed": (RECOMPUTE.format(22), [("transaction_altered", 0, True, 3)]),
    "first row deleted": (DELETE.format(20), [("row_missing", 0, True, 1)]),
    "middle row deleted": (DELETE.format(21), [("row_missing", 0, True, 2)]),
    "last row deleted": (DELETE.format(22), [("row_missing", 0, True, 3)]),
    "transaction deleted": (
        DROP_TRANSACTION.format("audit_log", 20),
        [("transaction_missing", 0, True, None)],
    ),
    "entry deleted": (
        DROP_TRANSACTION.format("audit_transactions", 20),
        [("members_altered", 0, False, None), ("transaction_added", 0, True, None)],
    ),
    "row appended and linked": (
        COPY.format("txid", 4, "row_hash", 22),
        [("row_added", 0, True, 4), ("row_altered", 0, True, 4)],
    ),
    "row before the first": (
        COPY.format("txid", 0, "prev_hash", 20),
        [("row_added", 0, True, 0), ("row_altered", 0, True, 0)],
    ),
    "row before the first, with the first linked to it": (
        COPY.format("txid", 0, "prev_hash", 20)
        + "; update audit_log as l set prev_hash = o.row_hash from audit_log as o"
        " where l.txid = o.txid and l.n = 1 and o.n = 0",
        [
            *[("row_added", 0, True, 0), ("row_altered", 0, True, 0)],
            *[("row_altered", 0, True, 1), ("row_unlinked", 0, True, 1)],
        ],
    ),
    "row doubled": (
        "alter table audit_log drop constraint audit_log_pkey;"
        + COPY.format("txid", "n", "prev_hash", 21).replace("'99'", "record_key"),
        [("row_added", 0, True, 2)],
    ),
    "time erased to hide an edit": (
        "alter table audit_log alter occurred_at drop not null;"
        "update audit_log set occurred_at = null, new_row = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "link erased to hide an edit": (
        "alter table audit_log alter prev_hash drop not null;"
        "update audit_log set prev_hash = null, new_row = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2), ("row_unlinked", 0, True, 2)],
    ),
    "first link erased to hide an edit": (
        "alter table audit_log alter prev_hash drop not null;"
        "update audit_log set prev_hash = null, new_row = null where " + AN_ITEM.format(20),
        [("row_altered", 0, True, 1), ("row_unlinked", 0, True, 1)],
    ),
    "hash erased to hide an edit": (
        "alter table audit_log alter row_hash drop not null;"
        "update audit_log set row_hash = null, new_row = null where " + AN_ITEM.format(22),
        [("row_altered", 0, True, 3), ("transaction_altered", 0, True, 3)],
    ),
    "names erased": (
        "alter table audit_log alter actor drop not null, alter app_user drop not null;"
        "update audit_log set actor = null, app_user = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "row appended without a number": (
        "alter table audit_log drop constraint audit_log_pkey;"
        "alter table audit_log alter n drop not null;"
        + COPY.format("txid", "null", "row_hash", 22)
        + "; update audit_log as l set row_hash = row_digest(l) where n is null",
        [("row_altered", 0, True, None)],
    ),
    "row appended without a transaction": (
        "alter table audit_log drop constraint audit_log_pkey;"
        "alter table audit_log alter txid drop not null;"
        + COPY.format("null", 1, "prev_hash", 20)
        + "; update audit_log as l set row_hash = row_digest(l) where txid is null",
        [("row_altered", None, None, 1)],
    ),
    "last number of all": (
        "update audit_log set n = 2147483647 where " + AN_ITEM.format(22),
        [
            *[("row_added", 0, True, 2147483647), ("row_altered", 0, True, 2147483647)],
            ("row_missing", 0, True, 3),
        ],
    ),
    "rows swapped": (
        "update audit_log as l set new_row = o.new_row, record_key = o.record_key"
        " from audit_log as o where l.relation = 'app.item' and o.relation = 'app.item'"
        " and l.record_key in ('20', '21') and o.record_key in ('20', '21') and l.n <> o.n",
        [("row_altered", 0, True, 1), ("row_altered", 0, True, 2)],
    ),
    "seal edited": (
        f"update seals set sealed_at = now() where seal_id = {SEALED}",
        [("seal_altered", 0, False, None)],
    ),
    "seal's row count edited": (
        f"update seals set row_count = row_count + 1 where seal_id = {SEALED}",
        [("members_altered", 0, False, None), ("seal_altered", 0, False, None)],
    ),
    "seal recomputed": (
        "with s as (select s.seal_id, seal_digest(row(s.seal_id, s.format, s.origin, true,"
        " s.snapshot, s.adopted, s.transaction_count, s.row_count, s.members_hash, s.sealed_at,"
        " s.prev_hash, s.seal_hash)::seals) as hash from seals as s"
        f" where s.seal_id = {SEALED}) update seals as t set is_opening = true,"
        " seal_hash = s.hash from s where t.seal_id = s.seal_id",
        [("row_unlinked", 1, "30", 1), ("seal_unlinked", 1, False, None)],
    ),
    "link between seals erased to recompute what lies before it": (
        "alter table seals alter seal_hash drop not null, alter format drop not null;"
        + EDIT.format(21)
        + f"; update seals set seal_hash = null, format = null where seal_id = {SEALED}",
        [("row_altered", 0, True, 2), ("seal_altered", 0, False, None)],
    ),
    "seal doubled": (
        "alter table seals drop constraint seals_pkey,"
        " drop constraint seals_prev_hash_key, drop constraint seals_seal_hash_key;"
        f"insert into seals select * from seals where seal_id = {SEALED}",
        [("seal_unlinked", 0, False, None)],
    ),
    "middle seal deleted": (
        f"delete from seals where seal_id = {SEALED}",
        [("seal_missing", 0, False, None)],
    ),
    "newest seal deleted": (
        f"delete from seals where seal_id = {NEWEST}",
        [("seal_missing", 1, False, None)],
    ),
}


@pytest.fixture
def written(audit):
    """Yield a log whose first new seal has keys 10-12 and 20-22, and whose second has 30-32."""
    for base in (10, 20):
        audit.execute("insert into app.item values (%s), (%s), (%s)", [base, base + 1, base + 2])
    seal(audit)
    audit.execute("insert into app.item values (30), (31), (32)")
    seal(audit)
    assert agreed(audit) == []
    return audit


def places(found):
    return sorted(((f.kind, f.seal, f.txid, f.n) for f in found), key=repr)


def transaction(db, key):
    (number,) = db.execute(
        "select txid::text::bigint from audit_log where " + AN_ITEM.format(key)
    ).fetchone()
    return number


def test_every_attack_is_found_at_its_place_by_both_verifiers(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    attacked = transaction(written, 20)
    found, expected = {}, {}
    for name, (statement, findings) in ATTACKS.items():
        expected[name] = [
            (
                kind,
                None if back is None else first_seal + back,
                attacked if named is True else transaction(written, named) if named else None,
                n,
            )
            for kind, back, named, n in findings
        ]
        with written.transaction(force_rollback=True):
            tamper(written, statement)
            found[name] = places(agreed(written))
    assert found == {name: sorted(findings, key=repr) for name, findings in expected.items()}


def test_from_any_seal_on_both_verifiers_say_the_same(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    for statement, _findings in ATTACKS.values():
        with written.transaction(force_rollback=True):
            tamper(written, statement)
            for from_seal in (1, first_seal, first_seal + 1):
                agreed(written, from_seal)


def test_a_redaction_that_was_forged_is_found_from_its_seal_on(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    written.execute("select redact_audit('app.item', '21', '{name}', 'asked to')")
    seal(written)
    tamper(written, "update audit_log set new_row = '{}' where payload_digest is not null")
    assert [f.kind for f in agreed(written, first_seal)] == ["redaction_altered"]
    assert agreed(written, first_seal + 1) == []


@pytest.mark.parametrize(
    "forged",
    [
        "null",
        '"x"',
        '{"rows": 5}',
        '{"rows": [5, null, [], {}]}',
        '{"rows": [{"txid": "x", "n": 1, "base_seal": 0, "remains": "y"}]}',
        '{"rows": [{"txid": 1e30, "n": 1.5, "base_seal": -1, "remains": null}]}',
    ],
)
def test_a_forged_redaction_stops_neither_verifier(written, forged):
    written.execute("select redact_audit('app.item', '21', '{name}', 'asked to')")
    seal(written)
    tamper(written, f"update audit_log set new_row = '{forged}' where op = 'REDACT'")
    assert sorted(f.kind for f in agreed(written)) == ["redaction_altered", "row_altered"]


def test_an_added_transaction_is_found_at_the_seal_it_would_belong_to(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    tamper(written, COPY.format("'5'", 1, "prev_hash", 20))
    assert places(agreed(written)) == [
        ("row_altered", None, 5, 1),
        ("transaction_added", first_seal, 5, None),
    ]


@pytest.mark.parametrize("sealed", [-1, 1000])
def test_a_transaction_entered_under_a_seal_that_never_was_is_found(written, sealed):
    tamper(written, COPY.format("'5'", 1, "prev_hash", 20))
    tamper(written, "update audit_log as l set row_hash = row_digest(l) where txid = '5'")
    entry = "select %s, txid, base_seal, n, row_hash from audit_log where txid = '5'"
    tamper(written, f"insert into audit_transactions {entry}", [sealed])
    assert places(agreed(written)) == [("seal_missing", sealed, None, None)]


def test_a_second_entry_of_a_transaction_confirms_nothing(written):
    entry = "select -1, txid, base_seal, 1, row_hash from audit_log where "
    tamper(written, f"insert into audit_transactions {entry}" + AN_ITEM.format(20))
    found = places(agreed(written))
    assert ("seal_missing", -1, None, None) in found
    assert [place for place in found if place[0] == "row_added"] != []


@pytest.mark.parametrize("sealed", ["max(seal_id)", "max(seal_id) + 1000"])
def test_a_cut_that_left_something_behind_is_found(written, sealed):
    written.execute(
        "insert into audit_retentions"
        " (first_kept_seal, row_count, transaction_count, last_seal_hash, retired_at)"
        f" select {sealed}, 0, 0, '', now() from seals"
    )
    (cut,) = written.execute("select first_kept_seal from audit_retentions").fetchone()
    written.execute(
        "select append_audit('RETENTION', 'plumb.audit_log', '', null,"
        " jsonb_build_object('first_kept_seal', %s::bigint))",
        [cut],
    )
    kinds = {(f.kind, f.seal) for f in agreed(written)}
    assert ("retention_incomplete", cut) in kinds
    assert (("seal_missing", cut) in kinds) is ("1000" in sealed)


def test_the_genesis_cannot_go(written):
    tamper(written, "delete from seals where seal_id = 0")
    assert [(f.kind, f.seal) for f in agreed(written)] == [("seal_missing", 0)]


RECOMPUTE_FROM = """
do $$
declare
    v_from constant bigint := %s;
    v_seal plumb.seals;
    v_row plumb.audit_log;
    v_before bytea;
begin
    for v_seal in select s.* from plumb.seals as s where s.seal_id >= v_from order by s.seal_id loop
        for v_row in
            select l.* from plumb.audit_log as l
            inner join plumb.audit_transactions as t
                on t.txid = l.txid and t.base_seal = l.base_seal
            where t.seal_id = v_seal.seal_id order by l.txid, l.base_seal, l.n
        loop
            if v_row.n = 1 then
                select s.seal_hash into v_before from plumb.seals as s
                where s.seal_id = v_row.base_seal;
            end if;
            update plumb.audit_log as l set
                prev_hash = v_before,
                row_hash = sha256(v_before || plumb.link_bytes(
                    plumb.payload_digest(l.salt, l.record_key, l.old_row, l.new_row),
                    l.occurred_at, l.format, l.base_seal, l.txid, l.n, l.op, l.relation, l.actor,
                    l.app_user
                ))
            where l.txid = v_row.txid and l.n = v_row.n and l.base_seal = v_row.base_seal
            returning row_hash into v_before;
            update plumb.audit_transactions as t set last_hash = v_before
            where t.txid = v_row.txid and t.base_seal = v_row.base_seal;
        end loop;
        select s.seal_hash into v_before from plumb.seals as s where s.seal_id = v_seal.seal_id - 1;
        update plumb.seals as s set prev_hash = v_before where s.seal_id = v_seal.seal_id;
        update plumb.seals as s set members_hash = d.members_hash
        from plumb.members_digest(v_seal.seal_id, v_seal.seal_id) as d
        where s.seal_id = v_seal.seal_id;
        update plumb.seals as s set seal_hash = plumb.seal_digest(s.*)
        where s.seal_id = v_seal.seal_id;
    end loop;
end;
$$
"""


def test_everything_recomputed_from_some_point_is_true_to_all_but_an_anchor(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    query = "select describe_anchor(seal_id) from seals order by seal_id"
    anchors = [anchor for (anchor,) in written.execute(query)]
    tamper(written, EDIT.format(21))
    tamper(written, RECOMPUTE_FROM % first_seal)
    assert agreed(written) == []
    assert held_to(written, *anchors) == [
        ("anchored_seal_altered", first_seal),
        ("anchored_seal_altered", first_seal + 1),
    ]


def test_all_rows_gone_is_each_transaction_missing(written):
    sealed = written.execute("select count(*) from audit_transactions").fetchone()[0]
    tamper(written, "delete from audit_log")
    assert [f.kind for f in agreed(written)] == ["transaction_missing"] * sealed


def test_an_empty_log_has_no_genesis(written):
    for table in ("audit_log", "audit_transactions", "seals"):
        tamper(written, f"delete from {table}")
    assert agreed(written) == [Finding("seal_missing", 0, expected="seal 0", actual="none")]


def test_seals_gone_from_under_their_entries_are_each_missing(written):
    newest = written.execute(f"select {NEWEST}").fetchone()[0]
    with written.transaction(force_rollback=True):
        tamper(written, "delete from seals")
        found = agreed(written)
    missing = {f.seal for f in found if f.kind == "seal_missing"}
    assert {0, newest - 1, newest} <= missing


def rows_of_log(db):
    return db.execute("select count(*) from audit_log").fetchone()[0]


def test_a_batch_boundary_hides_nothing(written, monkeypatch):
    # The rows of keys 20 to 22 fall before, on and after a boundary, and at the very end.
    for rows in {1, 2, 3, *range(rows_of_log(written) - 4, rows_of_log(written) + 2)}:
        monkeypatch.setattr(verifier, "BATCH_ROWS", rows)
        for n, key in enumerate(("20", "21", "22"), 1):
            with written.transaction(force_rollback=True):
                tamper(written, EDIT.format(key))
                assert [(f.kind, f.n) for f in agreed(written)] == [("row_altered", n)]


def test_a_verifier_that_skips_a_row_at_a_batch_boundary_finds_fault_with_a_true_log(
    written, monkeypatch
):
    honest = verifier._stream

    def skip(boundary):
        def stream(connection, query, parameters):
            for i, record in enumerate(honest(connection, query, parameters)):
                if i != boundary or "plumb.audit_log as l " not in query:
                    yield record

        return stream

    for boundary in range(rows_of_log(written)):
        monkeypatch.setattr(verifier, "_stream", skip(boundary))
        with written.transaction():
            assert list(Verifier(written).findings()) != []


def test_groups_of_128_transactions_are_hashed_alike(audit):
    for key in range(130):
        audit.execute("insert into app.item values (%s)", [key])
    seal(audit)
    assert agreed(audit) == []
    tamper(
        audit,
        "update audit_transactions set row_count = 2 where txid = %s::text::xid8",
        [str(transaction(audit, 129))],
    )
    assert [f.kind for f in agreed(audit)] == ["members_altered", "row_missing"]


def test_rows_that_arrive_while_verifying_are_no_finding(written, connect):
    other = connect()
    with written.transaction():
        written.execute("set transaction isolation level repeatable read")
        verifier = Verifier(written)
        other.execute("insert into app.item values (50)")
        other.execute("select plumb.seal_audit()")
        assert list(verifier.findings()) == []
        assert written.execute("select count(*) from verify_audit()").fetchone() == (0,)


def test_a_verifier_without_one_snapshot_would_cry_wolf(written, connect):
    other = connect()
    with written.transaction():
        verifier = Verifier(written)
        other.execute("insert into app.item values (50)")
        other.execute("select plumb.seal_audit()")
        assert list(verifier.findings()) != []


def test_what_arrives_while_the_database_verifies_is_no_finding(
    written, connect, wait_until_blocked
):
    verifying, writing, locking = connect(), connect(), connect()
    found = []
    with locking.transaction():
        # Verification has begun when it comes to this table, and its snapshot is taken.
        locking.execute("lock table plumb.audit_retentions in access exclusive mode")
        query = "select kind, seal from plumb.verify_audit()"
        thread = threading.Thread(target=lambda: found.extend(verifying.execute(query)))
        thread.start()
        wait_until_blocked(verifying)
        for key in (50, 60):
            writing.execute("insert into app.item values (%s)", [key])
            writing.execute("select plumb.seal_audit()")
        writing.execute("insert into app.item values (70)")
    thread.join()
    assert found == []


def test_a_forged_state_is_reported_with_its_transaction(written, connect):
    session = connect(application_name="forger")
    older, newer = written.execute(
        "select array_agg(encode(seal_hash, 'hex') order by seal_id) from seals"
    ).fetchone()[0][-2:]
    newest = written.execute(f"select {NEWEST}").fetchone()[0]
    secret = "00000000-0000-0000-0000-000000000000"
    forged = {
        "n ahead": (f"{newest} 4 {newer}", [("row_missing", 1)]),
        "hash made up": (f"{newest} 0 {'ab' * 32}", [("row_unlinked", 1)]),
        "hash of another seal": (f"{newest} 0 {older}", [("row_unlinked", 1)]),
        "seal to come": (f"{newest + 50} 0 {newer}", [("row_unlinked", 1)]),
    }
    for key, (state, expected) in enumerate(forged.values(), 100):
        with session.transaction():
            (txid,) = session.execute("select pg_current_xact_id()::text").fetchone()
            value = f"{txid} {state} {secret}"
            session.execute("select set_config('plumb.audit_state', %s, true)", [value])
            session.execute("insert into app.item values (%s)", [key])
        found = {(f.kind, f.n) for f in agreed(written) if f.txid == int(txid)}
        assert set(expected) <= found
    assert written.execute(
        "select count(*) from audit_log where app_user = 'forger'"
    ).fetchone() == (len(forged),)


def test_a_forged_setting_hides_no_truncation(written, connect):
    written.execute("insert into app.part values (1, 'eu', 'a'), (2, 'us', 'b')")
    session = connect()
    with session.transaction():
        session.execute("set local plumb.audit_truncating = 'app.part'")
        session.execute("truncate app.part_eu")

    assert written.execute(
        "select old_row ->> 'id' from audit_log where relation = 'app.part' and op = 'DELETE'"
    ).fetchall() == [("1",)]
    assert written.execute("select * from reconcile_audit('app.part')").fetchall() == []


def test_a_forged_setting_hides_no_change_of_shape(written, connect):
    written.execute("create role shaper; grant all on schema app to shaper")
    written.execute("alter table app.item owner to shaper")
    session = connect()
    with session.transaction():
        session.execute("set local role shaper")
        session.execute("set local plumb.audit_attaching = 'on'")
        session.execute("alter table app.item add column extra text")

    tag, command = written.execute(
        "select new_row ->> 'tag', new_row ->> 'command' from audit_log"
        " where op = 'DDL' order by txid desc, n desc limit 1"
    ).fetchone()
    assert tag == "ALTER TABLE"
    assert "add column extra" in command


def test_forged_settings_write_nothing_that_does_not_verify(written, connect):
    session = connect()
    for (name,) in written.execute(
        "select distinct m[1] from pg_proc, regexp_matches(prosrc,"
        " '''(plumb\\.audit_[a-z_]+)''', 'g') as m where pronamespace = 'plumb'::regnamespace"
    ).fetchall():
        for value in ("", "7", "{}", "evil"):
            with session.transaction():
                session.execute("select set_config(%s, %s, true)", [name, value])
                try:
                    with session.transaction():
                        session.execute("insert into app.item values (70) on conflict do nothing")
                        session.execute("delete from app.item where id = 70")
                except psycopg.Error as error:
                    assert error.sqlstate is not None
    seal(written)
    assert agreed(written) == []
    assert written.execute("select count(*) from reconcile_audit('app.item')").fetchone() == (0,)
