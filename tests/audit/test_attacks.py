"""Every attack on the log is found at exactly its place, and both verifiers say the same of it.

In format 2, which is written today, and in format 1, which verifies for ever.
"""

import pytest
from plumbline.cli.audit import reading
from plumbline.cli.audit.finding import Finding
from plumbline.cli.audit.verifier import Verifier

from .attacks import blocks, rows
from .attacks.seals import NEWEST, SEALED
from .clusters import agreed, held_to, places
from .conftest import load_format_1, seal, tamper, write_keys


@pytest.fixture(params=[blocks.LOG, rows.LOG], ids=["format 2", "format 1"])
def log(request):
    return request.param


@pytest.fixture
def written(audit, log):
    """Yield a log whose last but one seal has keys 10-12 and 20-22, and whose last has 30-32."""
    if log is rows.LOG:
        load_format_1(audit, "short")
    else:
        write_keys(audit)
    assert agreed(audit) == []
    return audit


def first_seal(db):
    return db.execute(f"select {SEALED}").fetchone()[0]


def transaction(db, log, key):
    return db.execute(log.transaction.format(key)).fetchone()[0]


def test_every_attack_is_found_at_its_place_by_both_verifiers(written, log):
    seal_id = first_seal(written)

    def named(value):
        if value is True:
            value = "21"
        if isinstance(value, str):
            return transaction(written, log, value)
        return value or None

    found, expected = {}, {}
    for name, (statement, findings) in log.attacks.items():
        expected[name] = sorted(
            (
                (kind, None if back is None else seal_id + back, named(value), n)
                for kind, back, value, n in findings
            ),
            key=repr,
        )
        with written.transaction(force_rollback=True):
            tamper(written, statement)
            found[name] = places(agreed(written))
    assert found == expected


def test_from_any_seal_on_both_verifiers_say_the_same(written, log):
    seal_id = first_seal(written)
    for statement, _findings in log.attacks.values():
        with written.transaction(force_rollback=True):
            tamper(written, statement)
            for from_seal in (1, seal_id, seal_id + 1):
                agreed(written, from_seal)


def test_a_redaction_that_was_forged_is_found_from_its_seal_on(written, log):
    seal_id = first_seal(written)
    written.execute("select redact_audit('app.item', '21', '{name}', 'asked to')")
    seal(written)
    assert agreed(written) == []
    tamper(written, log.undo_redaction)
    assert [f.kind for f in agreed(written, seal_id)] == ["redaction_altered"]
    assert agreed(written, seal_id + 1) == []


def test_the_genesis_cannot_go(written):
    tamper(written, "delete from seals where seal_id = 0")
    assert [(f.kind, f.seal) for f in agreed(written)] == [("seal_missing", 0)]


def test_everything_recomputed_from_some_point_is_true_to_all_but_an_anchor(written, log):
    seal_id = first_seal(written)
    query = "select describe_anchor(seal_id) from seals order by seal_id"
    anchors = [anchor for (anchor,) in written.execute(query)]
    tamper(written, log.edit.format(21))
    tamper(written, log.recompute_from % seal_id)
    assert agreed(written) == []
    assert held_to(written, *anchors) == [
        ("anchored_seal_altered", seal_id),
        ("anchored_seal_altered", seal_id + 1),
    ]


def test_all_rows_gone_is_found_wherever_there_were_some(written, log):
    (count,) = written.execute(log.missing_count).fetchone()
    tamper(written, f"delete from {log.tables[0]}")
    assert [f.kind for f in agreed(written)] == [log.missing] * count


def test_an_empty_log_has_no_genesis(written, log):
    for table in log.tables:
        tamper(written, f"delete from {table}")
    assert agreed(written) == [Finding("seal_missing", 0, expected="seal 0", actual="none")]


def test_seals_gone_from_under_their_rows_are_each_missing(written):
    newest = written.execute(f"select {NEWEST}").fetchone()[0]
    with written.transaction(force_rollback=True):
        tamper(written, "delete from seals")
        found = agreed(written)
    missing = {f.seal for f in found if f.kind == "seal_missing"}
    assert {0, newest - 1, newest} <= missing


def records(db, log):
    return db.execute(f"select count(*) from {log.tables[0]}").fetchone()[0]


def test_a_batch_boundary_hides_nothing(written, log, monkeypatch):
    # What was edited falls before, on and after a boundary, and at the very end.
    for count in {1, 2, 3, *range(records(written, log) - 4, records(written, log) + 2)}:
        monkeypatch.setattr(reading, "BATCH_ROWS", count)
        for key, n in log.edited:
            with written.transaction(force_rollback=True):
                tamper(written, log.edit.format(key))
                assert [(f.kind, f.n) for f in agreed(written)] == [("row_altered", n)]


def test_a_verifier_that_skips_at_a_batch_boundary_finds_fault_with_a_true_log(
    written, log, monkeypatch
):
    honest = reading.stream

    def skip(boundary):
        def stream(connection, query, parameters):
            for i, record in enumerate(honest(connection, query, parameters)):
                if i != boundary or log.read_by not in query:
                    yield record

        return stream

    for boundary in range(records(written, log)):
        monkeypatch.setattr(reading, "stream", skip(boundary))
        with written.transaction():
            assert list(Verifier(written).findings()) != []
