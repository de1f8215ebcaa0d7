"""Whatever is done to the log behind its back is found, at exactly that place."""

import pytest

from .conftest import edit, findings, seal, tamper


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


@pytest.mark.parametrize(
    "change",
    [
        "sealed_at = sealed_at + interval '1 s'",
        "row_count = row_count + 1",
        "origin = 'x'",
        "members_hash = sha256('')",
        "is_opening = not is_opening",
        "block_count = block_count + 1",
        "transaction_count = transaction_count + 1",
    ],
)
def test_an_edited_seal_is_found(written, change):
    sealed = newest(written) - 1
    tamper(written, f"update seals set {change} where seal_id = %s", [sealed])
    found = findings(written)
    assert ("seal_altered", sealed, None) in found
    assert {seal for _kind, seal, _n in found} <= {sealed, sealed + 1}


@pytest.mark.parametrize("row_count", ["600000", "-600000", "9223372036854775807"])
def test_no_seal_is_left_out_of_the_parts_whatever_seals_state(written, row_count):
    tamper(written, f"update seals set row_count = {row_count} where seal_id in (1, 2)")
    query = "select first_seal, last_seal from verification_parts(0, 7) order by 1"
    parts = written.execute(query).fetchall()

    assert [first for first, _last in parts] == [0, *(last + 1 for _first, last in parts[:-1])]
    assert (len(parts) > 1, parts[-1][1]) == (True, 7)


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
    for table in ("audit_blocks", "seals"):
        tamper(written, f"delete from {table}")
    assert findings(written) == [("seal_missing", 0, None)]


def test_from_a_seal_on_only_what_is_new_is_read(written):
    edit(written, 21)
    edit(written, 31)
    assert [kind for kind, _seal, _n in findings(written)] == ["row_altered"] * 2
    assert findings(written, newest(written)) == [("row_altered", newest(written), 2)]


def doubtful(db):
    return [seal_id for (seal_id,) in db.execute("select doubtful_seals(0, 1000)")]


def test_a_true_log_leaves_no_doubt(written):
    assert doubtful(written) == []
    written.execute("insert into app.item values (40), (41)")
    assert doubtful(written) == []
    seal(written)
    assert doubtful(written) == []


def test_a_seal_with_a_redacted_row_stays_in_doubt_and_is_no_finding(written):
    written.execute("select redact_audit('app.item', '21', '{name}', 'a request')")
    seal(written)
    assert len(doubtful(written)) == 1
    assert findings(written) == []


def test_rows_of_a_large_transaction_are_found_in_their_blocks(audit):
    audit.execute("insert into app.item select g from generate_series(1, 12345) as g")
    seal(audit)
    assert doubtful(audit) == []
    edited = (100, 9_001, 12_345)
    for key in edited:
        edit(audit, key)
    assert findings(audit) == [("row_altered", newest(audit), n) for n in edited]


def test_verification_writes_nothing(written):
    with written.transaction():
        written.execute("set transaction read only")
        assert findings(written) == []


def test_the_job_opens_an_incident_and_resolves_it(written):
    written.execute("select run_audit_check()")
    edit(written, 31)
    written.execute("select run_audit_check(true)")
    assert written.execute(
        "select priority from open_incidents where source = 'audit'"
    ).fetchall() == [("P1",)]
    edit(written, 31, "postgres")
    written.execute("select run_audit_check()")
    assert written.execute(
        "select count(*) from open_incidents where source = 'audit'"
    ).fetchone() == (0,)
