"""Every attack on the log is found at exactly its place, and both verifiers say the same of it."""

import psycopg
import pytest
from plumbline.cli import audit_verifier
from plumbline.cli.audit_verifier import Finding, Verifier

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
        [("row_added", 0, True, 0), ("row_altered", 0, True, 0), ("row_unlinked", 0, True, 1)],
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


def agreed(db):
    """Return the findings of both verifiers, which agree in every column."""
    with db.transaction():
        own = db.execute(
            "select kind, seal, txid::text::bigint, n, relation, expected, actual"
            " from verify_audit()"
        )
        by_sql = sorted((Finding(*row) for row in own), key=repr)
        by_python = sorted(Verifier(db).findings(), key=repr)
    assert by_sql == by_python
    return by_sql


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
                first_seal + back,
                attacked if named is True else transaction(written, named) if named else None,
                n,
            )
            for kind, back, named, n in findings
        ]
        with written.transaction(force_rollback=True):
            tamper(written, statement)
            found[name] = places(agreed(written))
    assert found == {name: sorted(findings, key=repr) for name, findings in expected.items()}


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


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_batch_boundary_hides_nothing(written, monkeypatch, rows):
    monkeypatch.setattr(audit_verifier, "BATCH_ROWS", rows)
    for key in ("20", "22"):
        with written.transaction(force_rollback=True):
            tamper(written, EDIT.format(key))
            assert [f.kind for f in agreed(written)] == ["row_altered"]


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
