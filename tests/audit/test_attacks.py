"""Every attack on the log is found at exactly its place, and both verifiers say the same of it."""

import threading

import psycopg
import pytest
from plumbline.cli.audit import blocks, reading
from plumbline.cli.audit.finding import Finding
from plumbline.cli.audit.verifier import Verifier

from .clusters import agreed, held_to
from .conftest import seal, tamper

OF_21 = """ where lines like '%"record_key": "21"%'"""
OF_11 = """ where lines like '%"record_key": "11"%'"""
EDIT = """update audit_blocks set lines = replace(lines, '"id": {0},', '"id": 666,')
    where lines like '%"record_key": "{0}"%'"""
# Lines 1, 2 and 3 of the block, one of them left out or said twice.
LINES = (
    "update audit_blocks set lines = array_to_string((string_to_array(lines, e'\\n')){}, e'\\n')"
)
RELINK = "update audit_blocks as b set link_hash = link_digest(b)"
REDIGEST = (
    "; update audit_blocks set digests = overlay(digests placing sha256(substr(salts, 33, 32)"
    " || convert_to(split_part(lines, e'\\n', 2), 'UTF8')) from 33)"
)
FORGE_REDACTION = (
    "update audit_blocks as b set"
    " block_hash = block_digest(null, keys, salts, lines),"
    " salts = overlay(salts placing decode(repeat('00', 32), 'hex') from 33),"
    " lines = replace(lines, '\"id\": 21,', '\"id\": 666,')"
)
SEALED = "(select max(seal_id) - 1 from seals)"
NEWEST = "(select max(seal_id) from seals)"
DROP_KEY = "alter table audit_blocks drop constraint audit_blocks_pkey;"

# What is done, and each finding's kind, seal (counted from the first of the two seals), whether
# it names the transaction of keys 20 to 22, or of which key, and n.
ATTACKS = {
    "first row edited": (EDIT.format(20), [("row_altered", 0, True, 1)]),
    "middle row edited": (EDIT.format(21), [("row_altered", 0, True, 2)]),
    "last row edited": (EDIT.format(22), [("row_altered", 0, True, 3)]),
    "row made something else than JSON": (
        "update audit_blocks set lines = replace(lines, '\"id\": 21', '\"id\": ')" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "row made something that no parser wants": (
        "update audit_blocks set lines = replace(lines, '\"id\": 21',"
        " '\"id\": ' || repeat('[', 100000))" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "number of a row erased": (
        "update audit_blocks set lines = replace(lines, '{\"n\": 2,', '{\"m\": 2,')" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "salt edited": (
        "update audit_blocks set salts = overlay(salts placing sha256('') from 33)" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "salts too long": (
        "update audit_blocks set salts = salts || '\\x00'" + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "salts too short": (
        "update audit_blocks set salts = substr(salts, 1, 95)" + OF_21,
        [("row_altered", 0, True, 3)],
    ),
    "no salts": (
        "alter table audit_blocks alter salts drop not null;"
        "update audit_blocks set salts = null" + OF_21,
        [("row_altered", 0, True, 1), ("row_altered", 0, True, 2), ("row_altered", 0, True, 3)],
    ),
    "digest edited": (
        "update audit_blocks set digests = overlay(digests placing sha256('') from 33)" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "digest missing": (
        "update audit_blocks set digests = substr(digests, 1, 64)" + OF_21,
        [("row_altered", 0, True, 3)],
    ),
    "row recomputed": (
        EDIT.format(21) + REDIGEST + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "first block recomputed": (
        EDIT.format(11) + REDIGEST + OF_11 + "; " + RELINK + OF_11,
        [("block_unlinked", 0, True, 1)],
    ),
    "last block recomputed": (
        EDIT.format(21) + REDIGEST + OF_21 + "; " + RELINK + OF_21,
        [("members_altered", 0, False, None)],
    ),
    "first row deleted": (LINES.format("[2:3]") + OF_21, [("row_missing", 0, True, 1)]),
    "middle row deleted": (
        LINES.format("[1:1] || (string_to_array(lines, e'\\n'))[3:3]") + OF_21,
        [("row_missing", 0, True, 2)],
    ),
    "last row deleted": (LINES.format("[1:2]") + OF_21, [("row_missing", 0, True, 3)]),
    "all rows deleted": (
        "update audit_blocks set lines = ''" + OF_21,
        [("row_missing", 0, True, 1)],
    ),
    "rows erased": (
        "alter table audit_blocks alter lines drop not null;"
        "update audit_blocks set lines = null" + OF_21,
        [("row_missing", 0, True, 1)],
    ),
    "block deleted": (
        "delete from audit_blocks" + OF_21,
        [("block_missing", 0, False, None)],
    ),
    "first block deleted": (
        "delete from audit_blocks" + OF_11,
        [("block_missing", 0, False, None)],
    ),
    "all blocks of a seal deleted": (
        f"delete from audit_blocks where seal_id = {SEALED}",
        [("block_missing", 0, False, None)],
    ),
    "row appended": (
        "update audit_blocks set lines = lines || e'\\n'"
        " || replace(split_part(lines, e'\\n', 3), '{\"n\": 3,', '{\"n\": 4,')" + OF_21,
        [("row_added", 0, True, 4)],
    ),
    "row before the first": (
        "update audit_blocks set lines ="
        " replace(split_part(lines, e'\\n', 1), '{\"n\": 1,', '{\"n\": 0,')"
        " || e'\\n' || lines" + OF_21,
        [("row_added", 0, True, 0)],
    ),
    "row doubled": (
        "update audit_blocks set lines = lines || e'\\n' || split_part(lines, e'\\n', 2)" + OF_21,
        [("row_added", 0, True, 2)],
    ),
    "row renumbered": (
        "update audit_blocks set lines = replace(lines, '{\"n\": 3,', '{\"n\": 999999999,')"
        + OF_21,
        [("row_added", 0, True, 999999999), ("row_missing", 0, True, 3)],
    ),
    "rows swapped": (
        "update audit_blocks set lines = replace(replace(replace(lines,"
        " '\"id\": 20,', '\"id\": x,'), '\"id\": 21,', '\"id\": 20,'),"
        " '\"id\": x,', '\"id\": 21,')" + OF_21,
        [("row_altered", 0, True, 1), ("row_altered", 0, True, 2)],
    ),
    "rows in another order": (
        LINES.format("[2:3] || (string_to_array(lines, e'\\n'))[1:1]") + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "redaction forged": (
        FORGE_REDACTION + OF_21,
        [("redaction_altered", 0, True, 2), ("redaction_altered", 0, True, None)],
    ),
    "keys taken away to hide a row from its history": (
        "update audit_blocks set keys = '{}'" + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "the same with the block's hash kept as if it were redacted": (
        "update audit_blocks set block_hash = block_digest(null, keys, salts, lines), keys = '{}'"
        + OF_21,
        [("redaction_altered", 0, True, None)],
    ),
    "hash of a block made up": (
        "update audit_blocks set block_hash = sha256('')" + OF_21,
        [("block_altered", 0, True, 1), ("redaction_altered", 0, True, None)],
    ),
    "link erased to hide an edit": (
        "alter table audit_blocks alter prev_hash drop not null;"
        + EDIT.format(21)
        + "; update audit_blocks set prev_hash = null"
        + OF_21,
        [("block_unlinked", 0, True, 1), ("row_altered", 0, True, 2)],
    ),
    "hash erased to hide an edit": (
        "alter table audit_blocks alter link_hash drop not null;"
        + EDIT.format(21)
        + "; update audit_blocks set link_hash = null"
        + OF_21,
        [("members_altered", 0, False, None), ("row_altered", 0, True, 2)],
    ),
    "transaction renamed": (
        "update audit_blocks set txid = '5'" + OF_21,
        [("block_altered", 0, 5, 1)],
    ),
    "format erased to hide an edit": (
        "alter table audit_blocks alter format drop not null;"
        + EDIT.format(21)
        + "; update audit_blocks set format = null"
        + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "rows said to begin later": (
        "update audit_blocks set first_n = 2" + OF_21,
        [
            *[("members_altered", 0, False, None), ("row_added", 0, True, 1)],
            *[("row_altered", 0, True, 2), ("row_altered", 0, True, 3)],
            ("row_missing", 0, True, 4),
        ],
    ),
    "more rows said to be there": (
        "update audit_blocks set row_count = 4" + OF_21,
        [("members_altered", 0, False, None), ("row_missing", 0, True, 4)],
    ),
    "block renumbered": (
        "update audit_blocks set block_number = 9" + OF_21,
        [
            *[("block_added", 0, True, 1), ("block_altered", 0, True, 1)],
            ("block_missing", 0, False, None),
        ],
    ),
    "block numbered below the first": (
        "update audit_blocks set block_number = 0" + OF_21,
        [
            *[("block_added", 0, True, 1), ("block_altered", 0, True, 1)],
            ("block_missing", 0, False, None),
        ],
    ),
    "block doubled": (
        DROP_KEY + "insert into audit_blocks select * from audit_blocks" + OF_21,
        [("block_added", 0, True, 1)],
    ),
    "block put into a seal that is closed": (
        "insert into audit_blocks select seal_id, block_number + 1, txid, format, first_n,"
        " row_count, keys, lines, salts, digests, block_hash, link_hash, link_hash"
        " from audit_blocks" + OF_21 + "; " + RELINK + OF_21,
        [("block_added", 0, True, 1)],
    ),
    "block put into a seal to come": (
        "insert into audit_blocks select seal_id + 50, block_number, txid, format, first_n,"
        " row_count, keys, lines, salts, digests, block_hash, prev_hash, link_hash"
        " from audit_blocks" + OF_21,
        [("seal_missing", 50, False, None)],
    ),
    "seal edited": (
        f"update seals set sealed_at = now() where seal_id = {SEALED}",
        [("seal_altered", 0, False, None)],
    ),
    "seal's row count edited": (
        f"update seals set row_count = row_count + 1 where seal_id = {SEALED}",
        [("members_altered", 0, False, None), ("seal_altered", 0, False, None)],
    ),
    "seal's block count edited": (
        f"update seals set block_count = block_count + 1 where seal_id = {SEALED}",
        [("block_missing", 0, False, None), ("seal_altered", 0, False, None)],
    ),
    "seal recomputed": (
        f"update seals set is_opening = true where seal_id = {SEALED};"
        f"update seals as s set seal_hash = seal_digest(s) where seal_id = {SEALED}",
        [("seal_unlinked", 1, False, None)],
    ),
    "seal made one of format 1, which closes no blocks": (
        "alter table seals alter block_count drop not null;"
        "update seals set format = 1, snapshot = '3:3:', block_count = null"
        f" where seal_id = {SEALED}",
        [
            *[("block_added", 0, "11", 1), ("block_added", 0, True, 1)],
            *[("members_altered", 0, False, None), ("seal_altered", 0, False, None)],
        ],
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
        "select txid::text::bigint from log_of('app.item', %s)", [str(key)]
    ).fetchone()
    return number


def test_every_attack_is_found_at_its_place_by_both_verifiers(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    transactions = {key: transaction(written, key) for key in ("11", "21")}
    transactions |= {True: transactions["21"], False: None, 5: 5}
    found, expected = {}, {}
    for name, (statement, findings) in ATTACKS.items():
        expected[name] = [
            (kind, first_seal + back, transactions[named], n) for kind, back, named, n in findings
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


def test_whoever_reads_the_log_reads_what_is_left_of_it(written):
    rows = rows_of_log(written)
    for statement, _findings in ATTACKS.values():
        with written.transaction(force_rollback=True):
            tamper(written, statement)
            assert rows_of_log(written) >= rows - 9
            written.execute("select * from row_history('app.item', '20')").fetchall()
            written.execute("select * from reconcile_audit('app.item')").fetchall()


def test_the_finding_of_a_row_names_its_key(written):
    tamper(written, EDIT.format(21))
    written.execute("select run_audit_check()")
    assert written.execute(
        "select kind, relation, record_key, n from open_findings where source = 'log'"
    ).fetchall() == [("row_altered", "app.item", "21", 2)]


def test_a_redaction_that_was_forged_is_found_from_its_seal_on(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    written.execute("select redact_audit('app.item', '21', '{name}', 'asked to')")
    seal(written)
    tamper(written, EDIT.format(21))
    assert [f.kind for f in agreed(written, first_seal)] == ["redaction_altered"]
    assert agreed(written, first_seal + 1) == []


@pytest.mark.parametrize(
    "forged",
    [
        "null",
        '"x"',
        '{"rows": 5, "blocks": null}',
        '{"rows": [5, null, [], {}], "blocks": [{}, 7, {"seal": "a"}]}',
        '{"rows": [{"txid": "x", "n": 1, "base_seal": 0, "remains": "y"}]}',
        '{"rows": [{"txid": 1e30, "n": 1.5, "base_seal": -1, "remains": null}]}',
    ],
)
def test_a_forged_redaction_stops_neither_verifier(written, forged):
    written.execute("select redact_audit('app.item', '21', '{name}', 'asked to')")
    seal(written)
    tamper(
        written,
        "update audit_blocks set lines = regexp_replace(lines, '\"new_row\": .*', %s)"
        ' where lines like \'%%"op": "REDACT"%%\'',
        [f'"new_row": {forged}}}'],
    )
    assert sorted(f.kind for f in agreed(written)) == ["redaction_altered"] * 2 + ["row_altered"]


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
    v_block plumb.audit_blocks;
    v_before bytea;
    v_digests bytea;
begin
    for v_seal in select s.* from plumb.seals as s where s.seal_id >= v_from order by s.seal_id loop
        select s.seal_hash into v_before from plumb.seals as s where s.seal_id = v_seal.seal_id - 1;
        v_seal.prev_hash := v_before;
        for v_block in
            select b.* from plumb.audit_blocks as b
            where b.seal_id = v_seal.seal_id order by b.block_number
        loop
            v_block.prev_hash := v_before;
            select string_agg(
                sha256(
                    substr(v_block.salts, 32 * l.number::integer - 31, 32)
                    || convert_to(l.line, 'UTF8')
                ), '' order by l.number
            )
            into v_block.digests
            from string_to_table(v_block.lines, e'\\n') with ordinality as l (line, number);
            v_block.link_hash := plumb.link_digest(v_block);
            v_before := v_block.link_hash;
            update plumb.audit_blocks as b
            set prev_hash = v_block.prev_hash, digests = v_block.digests, link_hash = v_before
            where b.seal_id = v_block.seal_id and b.block_number = v_block.block_number;
            v_seal.members_hash := v_before;
        end loop;
        v_seal.seal_hash := plumb.seal_digest(v_seal);
        update plumb.seals as s
        set
            prev_hash = v_seal.prev_hash,
            members_hash = v_seal.members_hash,
            seal_hash = v_seal.seal_hash
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


def test_all_rows_gone_is_the_blocks_of_each_seal_missing(written):
    (sealed,) = written.execute("select count(*) from seals where block_count > 0").fetchone()
    tamper(written, "delete from audit_blocks")
    assert [f.kind for f in agreed(written)] == ["block_missing"] * sealed


def test_an_empty_log_has_no_genesis(written):
    for table in ("audit_blocks", "seals"):
        tamper(written, f"delete from {table}")
    assert agreed(written) == [Finding("seal_missing", 0, expected="seal 0", actual="none")]


def test_seals_gone_from_under_their_blocks_are_each_missing(written):
    newest = written.execute(f"select {NEWEST}").fetchone()[0]
    with written.transaction(force_rollback=True):
        tamper(written, "delete from seals")
        found = agreed(written)
    missing = {f.seal for f in found if f.kind == "seal_missing"}
    assert {0, newest - 1, newest} <= missing


def rows_of_log(db):
    return db.execute("select count(*) from audit_log").fetchone()[0]


def blocks_of_log(db):
    return db.execute("select count(*) from audit_blocks").fetchone()[0]


def test_a_batch_boundary_hides_nothing(written, monkeypatch):
    # The blocks fall before, on and after a boundary, and at the very end.
    for rows in {1, 2, 3, *range(blocks_of_log(written) - 4, blocks_of_log(written) + 2)}:
        monkeypatch.setattr(reading, "BATCH_ROWS", rows)
        for n, key in ((2, "11"), (2, "21"), (2, "31")):
            with written.transaction(force_rollback=True):
                tamper(written, EDIT.format(key))
                assert [(f.kind, f.n) for f in agreed(written)] == [("row_altered", n)]


def test_a_verifier_that_skips_a_block_finds_fault_with_a_true_log(written, monkeypatch):
    honest = reading.stream

    def skip(boundary):
        def stream(connection, query, parameters):
            for i, record in enumerate(honest(connection, query, parameters)):
                if i != boundary or "plumb.audit_blocks as b where b.seal_id" not in query:
                    yield record

        return stream

    for boundary in range(blocks_of_log(written)):
        monkeypatch.setattr(reading, "stream", skip(boundary))
        with written.transaction():
            assert list(Verifier(written).findings()) != []


def test_a_verifier_that_skips_a_line_finds_fault_with_an_edited_one(written, monkeypatch):
    tamper(written, EDIT.format(21))
    honest = blocks.split_lines
    monkeypatch.setattr(blocks, "split_lines", lambda lines: honest(lines)[:1])
    with written.transaction():
        assert list(Verifier(written).findings()) != []


def test_a_large_transaction_has_several_blocks(audit):
    audit.execute("insert into app.item select g, 'n' from generate_series(1, 2500) as g")
    newest = seal(audit)
    assert audit.execute(
        "select block_number, first_n, row_count from audit_blocks where seal_id = %s order by 1",
        [newest],
    ).fetchall() == [(1, 1, 1000), (2, 1001, 1000), (3, 2001, 500)]
    assert agreed(audit) == []
    tamper(audit, EDIT.format(1500))
    assert [(f.kind, f.n) for f in agreed(audit)] == [("row_altered", 1500)]
    with audit.transaction(force_rollback=True):
        tamper(audit, "delete from audit_blocks where first_n = 1001")
        assert [f.expected for f in agreed(audit)] == ["block 2"]


def test_wide_rows_make_blocks_of_few_rows(audit):
    audit.execute(
        "insert into app.item select g, repeat(md5(g::text), 10000) from generate_series(1, 9) as g"
    )
    newest = seal(audit)
    lengths = audit.execute(
        "select max(octet_length(lines)), count(*) from audit_blocks where seal_id = %s", [newest]
    ).fetchone()
    assert lengths[0] < 1_400_000
    assert lengths[1] > 1
    assert agreed(audit) == []


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
