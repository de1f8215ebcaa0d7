"""Whatever is done to the log behind its back is found, at exactly that place."""

import pytest

from .conftest import findings, seal, tamper


@pytest.fixture
def written(audit):
    """Three transactions of three rows, the first two in one seal."""
    for base in (10, 20):
        audit.execute("insert into app.item values (%s), (%s), (%s)", [base, base + 1, base + 2])
    seal(audit)
    audit.execute("insert into app.item values (30), (31), (32)")
    seal(audit)
    assert findings(audit) == []
    return audit


def newest(db):
    return db.execute("select max(seal_id) from seals").fetchone()[0]


def txid(db, key):
    return db.execute(
        "select txid::text from audit_log where relation = 'app.item' and record_key = %s", [key]
    ).fetchone()[0]


@pytest.mark.parametrize(
    "change",
    [
        'new_row = new_row || \'{"name": "evil"}\'',
        "actor = 'nobody'",
        "app_user = 'nobody'",
        "op = 'DELETE'",
        "relation = 'app.other'",
        "record_key = '99'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "salt = sha256(salt)",
        "salt = salt || '\\x00'",
        "salt = null",
        "payload_digest = sha256('')",
        "format = 2",
    ],
)
def test_an_edited_row_is_found(written, change):
    tamper(
        written, f"update audit_log set {change} where relation = 'app.item' and record_key = '21'"
    )
    found = findings(written)
    assert ("row_altered", newest(written) - 1, 2) in found
    assert {f for f in found if f[0] != "redaction_altered"} == {
        ("row_altered", newest(written) - 1, 2)
    }


def test_an_edited_row_with_its_hash_recomputed_is_found_at_the_next(written):
    tamper(
        written,
        "update audit_log as l set actor = 'evil', row_hash = sha256(l.prev_hash || link_bytes("
        " payload_digest(l.salt, l.record_key, l.old_row, l.new_row), l.occurred_at, l.format,"
        " l.base_seal, l.txid, l.n, l.op, l.relation, 'evil', l.app_user))"
        " where relation = 'app.item' and record_key = '21'",
    )
    assert findings(written) == [("row_unlinked", newest(written) - 1, 3)]


def test_a_recomputed_last_row_is_found(written):
    tamper(
        written,
        "update audit_log as l set actor = 'evil', row_hash = sha256(l.prev_hash || link_bytes("
        " payload_digest(l.salt, l.record_key, l.old_row, l.new_row), l.occurred_at, l.format,"
        " l.base_seal, l.txid, l.n, l.op, l.relation, 'evil', l.app_user))"
        " where relation = 'app.item' and record_key = '22'",
    )
    assert findings(written) == [("transaction_altered", newest(written) - 1, 3)]


@pytest.mark.parametrize(("key", "n"), [("20", 1), ("21", 2), ("22", 3)])
def test_a_deleted_row_is_found_first_middle_or_last(written, key, n):
    tamper(written, "delete from audit_log where relation = 'app.item' and record_key = %s", [key])
    assert findings(written) == [("row_missing", newest(written) - 1, n)]


def test_a_deleted_transaction_is_found_by_its_number(written):
    number = txid(written, "20")
    tamper(written, "delete from audit_log where txid = %s::xid8", [number])
    assert written.execute("select kind, seal, txid::text, n from verify_audit()").fetchall() == [
        ("transaction_missing", newest(written) - 1, number, None)
    ]


def test_a_transaction_deleted_with_its_entry_is_found_at_its_seal(written):
    number = txid(written, "20")
    tamper(written, "delete from audit_log where txid = %s::xid8", [number])
    tamper(written, "delete from audit_transactions where txid = %s::xid8", [number])
    assert findings(written) == [("members_altered", newest(written) - 1, None)]


def test_an_appended_row_is_found(written):
    tamper(
        written,
        "insert into audit_log select base_seal, txid, occurred_at, 4, format, op, relation, '99',"
        " actor, app_user, old_row, new_row, salt, payload_digest, prev_hash, row_hash"
        " from audit_log where relation = 'app.item' and record_key = '22'",
    )
    assert ("row_added", newest(written) - 1, 4) in findings(written)


def test_an_added_transaction_is_found(written):
    tamper(
        written,
        "insert into audit_log select base_seal, '5'::xid8, occurred_at, 1, format, op, relation,"
        " '99', actor, app_user, old_row, new_row, salt, payload_digest, prev_hash, row_hash"
        " from audit_log where relation = 'app.item' and record_key = '20'",
    )
    assert "transaction_added" in {kind for kind, _seal, _n in findings(written)}


def test_swapped_rows_are_found(written):
    tamper(
        written,
        "update audit_log as l set new_row = o.new_row from audit_log as o"
        " where l.relation = 'app.item' and o.relation = 'app.item' and l.txid = o.txid"
        " and l.n + o.n = 3 and l.txid = %s::xid8",
        [txid(written, "20")],
    )
    sealed = newest(written) - 1
    assert findings(written) == [("row_altered", sealed, 1), ("row_altered", sealed, 2)]


@pytest.mark.parametrize(
    "change",
    [
        "sealed_at = sealed_at + interval '1 s'",
        "row_count = row_count + 1",
        "origin = 'x'",
        "snapshot = '1:1:'",
        "members_hash = sha256('')",
        "is_opening = not is_opening",
        "adopted = '{7}'",
    ],
)
def test_an_edited_seal_is_found(written, change):
    sealed = newest(written) - 1
    tamper(written, f"update seals set {change} where seal_id = %s", [sealed])
    found = findings(written)
    assert ("seal_altered", sealed, None) in found
    assert {seal for _kind, seal, _n in found} <= {sealed, sealed + 1}


def test_a_recomputed_seal_is_found_at_the_next(written):
    sealed = newest(written) - 1
    tamper(written, "update seals set sealed_at = now() where seal_id = %s", [sealed])
    tamper(
        written,
        "update seals as s set seal_hash = seal_digest(s.*) where seal_id = %s",
        [sealed],
    )
    assert ("seal_unlinked", sealed + 1, None) in findings(written)


@pytest.mark.parametrize("back", [0, 1, None])
def test_a_deleted_seal_is_found(written, back):
    sealed = 0 if back is None else newest(written) - back
    tamper(written, "delete from seals where seal_id = %s", [sealed])
    assert ("seal_missing", sealed, None) in findings(written)


def test_an_empty_log_is_a_finding(written):
    for table in ("audit_log", "audit_transactions", "seals"):
        tamper(written, f"delete from {table}")
    assert findings(written) == [("seal_missing", 0, None)]


def test_from_a_seal_on_only_what_is_new_is_read(written):
    tamper(written, "update audit_log set actor = 'x' where record_key = '21'")
    tamper(written, "update audit_log set actor = 'x' where record_key = '31'")
    assert [kind for kind, _seal, _n in findings(written)] == ["row_altered"] * 2
    assert findings(written, newest(written)) == [("row_altered", newest(written), 2)]


def test_unsealed_rows_are_verified_too(written):
    written.execute("insert into app.item values (40)")
    tamper(written, "update audit_log set actor = 'x' where record_key = '40'")
    assert findings(written, newest(written) + 1) == [("row_altered", None, 1)]


def doubtful(db):
    return db.execute(
        "select d.txid::text from doubtful_transactions(0) as d order by d.txid"
    ).fetchall()


def test_a_true_log_leaves_no_doubt_but_about_what_is_not_sealed(written):
    assert doubtful(written) == []
    written.execute("insert into app.item values (40), (41)")
    assert doubtful(written) == [(txid(written, "40"),)]
    seal(written)
    assert doubtful(written) == []


def test_a_redacted_row_stays_in_doubt_and_is_no_finding(written):
    written.execute("select redact_audit('app.item', '21', '{name}', 'a request')")
    seal(written)
    assert doubtful(written) == [(txid(written, "21"),)]
    assert findings(written) == []


def test_a_chain_too_long_for_the_quick_look_is_read_row_by_row(audit):
    audit.execute("insert into app.item select g from generate_series(1, 100102) as g")
    seal(audit)
    assert doubtful(audit) == [(txid(audit, "1"),)]
    assert findings(audit) == []
    edited = (100, 100_001, 100_102)
    tamper(audit, "update audit_log set actor = 'x' where n = any(%s)", [list(edited)])
    assert findings(audit) == [("row_altered", newest(audit), n) for n in edited]


def test_verification_writes_nothing(written):
    with written.transaction():
        written.execute("set transaction read only")
        assert findings(written) == []


def test_the_job_opens_an_incident_and_resolves_it(written):
    written.execute("select run_audit_check()")
    tamper(written, "update audit_log set actor = actor || 'x' where record_key = '31'")
    written.execute("select run_audit_check(true)")
    assert written.execute(
        "select priority from open_incidents where source = 'audit'"
    ).fetchall() == [("P1",)]
    tamper(written, "update audit_log set actor = 'postgres' where record_key = '31'")
    written.execute("select run_audit_check()")
    assert written.execute(
        "select count(*) from open_incidents where source = 'audit'"
    ).fetchone() == (0,)
