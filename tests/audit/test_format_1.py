"""What was written in format 1 verifies for ever: each attack on it is found at its place."""

import pytest
from plumbline.cli.audit import reading
from plumbline.cli.audit.verifier import Finding, Verifier

from .clusters import agreed, held_to
from .conftest import load_format_1, seal, tamper

AN_ITEM = "relation = 'app.item' and record_key = '{}'"
RECOMPUTE = (
    "update audit_rows as l set actor = 'evil', row_hash = sha256(l.prev_hash || link_bytes("
    "payload_digest(l.salt, l.record_key, l.old_row, l.new_row), l.occurred_at, l.format,"
    " l.base_seal, l.txid, l.n, l.op, l.relation, 'evil', l.app_user)) where " + AN_ITEM
)
COPY = (
    "insert into audit_rows select base_seal, {}, occurred_at, {}, format, op, relation, '99',"
    " actor, app_user, old_row, new_row, salt, payload_digest, {}, row_hash from audit_rows where "
    + AN_ITEM
)
DELETE = "delete from audit_rows where " + AN_ITEM
EDIT = "update audit_rows set new_row = '{{\"id\": 666}}' where " + AN_ITEM
SEALED = "(select max(seal_id) - 1 from seals)"
NEWEST = "(select max(seal_id) from seals)"
DROP_TRANSACTION = "delete from {} where txid = (select txid from audit_rows where " + AN_ITEM + ")"

# What is done, and each finding's kind, seal (counted from the first of the two seals), whether
# it names the transaction, and n.
ATTACKS = {
    "first row edited": (EDIT.format(20), [("row_altered", 0, True, 1)]),
    "middle row edited": (EDIT.format(21), [("row_altered", 0, True, 2)]),
    "last row edited": (EDIT.format(22), [("row_altered", 0, True, 3)]),
    "salt of another length": (
        "update audit_rows set salt = salt || '\\x00' where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "no salt": (
        "update audit_rows set salt = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "first row recomputed": (RECOMPUTE.format(20), [("row_unlinked", 0, True, 2)]),
    "middle row recomputed": (RECOMPUTE.format(21), [("row_unlinked", 0, True, 3)]),
    "last row recomputed": (RECOMPUTE.format(22), [("transaction_altered", 0, True, 3)]),
    "first row deleted": (DELETE.format(20), [("row_missing", 0, True, 1)]),
    "middle row deleted": (DELETE.format(21), [("row_missing", 0, True, 2)]),
    "last row deleted": (DELETE.format(22), [("row_missing", 0, True, 3)]),
    "transaction deleted": (
        DROP_TRANSACTION.format("audit_rows", 20),
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
        + "; update audit_rows as l set prev_hash = o.row_hash from audit_rows as o"
        " where l.txid = o.txid and l.n = 1 and o.n = 0",
        [
            *[("row_added", 0, True, 0), ("row_altered", 0, True, 0)],
            *[("row_altered", 0, True, 1), ("row_unlinked", 0, True, 1)],
        ],
    ),
    "row doubled": (
        "alter table audit_rows drop constraint audit_log_pkey;"
        + COPY.format("txid", "n", "prev_hash", 21).replace("'99'", "record_key"),
        [("row_added", 0, True, 2)],
    ),
    "time erased to hide an edit": (
        "alter table audit_rows alter occurred_at drop not null;"
        "update audit_rows set occurred_at = null, new_row = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "link erased to hide an edit": (
        "alter table audit_rows alter prev_hash drop not null;"
        "update audit_rows set prev_hash = null, new_row = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2), ("row_unlinked", 0, True, 2)],
    ),
    "first link erased to hide an edit": (
        "alter table audit_rows alter prev_hash drop not null;"
        "update audit_rows set prev_hash = null, new_row = null where " + AN_ITEM.format(20),
        [("row_altered", 0, True, 1), ("row_unlinked", 0, True, 1)],
    ),
    "hash erased to hide an edit": (
        "alter table audit_rows alter row_hash drop not null;"
        "update audit_rows set row_hash = null, new_row = null where " + AN_ITEM.format(22),
        [("row_altered", 0, True, 3), ("transaction_altered", 0, True, 3)],
    ),
    "names erased": (
        "alter table audit_rows alter actor drop not null, alter app_user drop not null;"
        "update audit_rows set actor = null, app_user = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "row appended without a number": (
        "alter table audit_rows drop constraint audit_log_pkey;"
        "alter table audit_rows alter n drop not null;"
        + COPY.format("txid", "null", "row_hash", 22)
        + "; update audit_rows as l set row_hash = row_digest(l) where n is null",
        [("row_altered", 0, True, None)],
    ),
    "row appended without a transaction": (
        "alter table audit_rows drop constraint audit_log_pkey;"
        "alter table audit_rows alter txid drop not null;"
        + COPY.format("null", 1, "prev_hash", 20)
        + "; update audit_rows as l set row_hash = row_digest(l) where txid is null",
        [("row_altered", None, None, 1)],
    ),
    "last number of all": (
        "update audit_rows set n = 2147483647 where " + AN_ITEM.format(22),
        [
            *[("row_added", 0, True, 2147483647), ("row_altered", 0, True, 2147483647)],
            ("row_missing", 0, True, 3),
        ],
    ),
    "rows swapped": (
        "update audit_rows as l set new_row = o.new_row, record_key = o.record_key"
        " from audit_rows as o where l.relation = 'app.item' and o.relation = 'app.item'"
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
        " s.prev_hash, s.seal_hash, s.block_count)::seals) as hash from seals as s"
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
def written(chained):
    """Yield a log whose last but one seal has keys 10-12 and 20-22, and whose last has 30-32."""
    assert agreed(chained) == []
    return chained


def places(found):
    return sorted(((f.kind, f.seal, f.txid, f.n) for f in found), key=repr)


def transaction(db, key):
    (number,) = db.execute(
        "select txid::text::bigint from audit_rows where " + AN_ITEM.format(key)
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


@pytest.fixture
def long(audit):
    """Yield a log of 140 transactions, of which the newest seal has 130; a row is redacted."""
    load_format_1(audit, "long")
    assert agreed(audit) == []
    return audit


def test_a_redaction_in_the_new_format_holds_for_rows_in_the_old(written):
    first_seal = written.execute(f"select {SEALED}").fetchone()[0]
    written.execute("select redact_audit('app.item', '21', '{name}', 'asked to')")
    seal(written)
    assert agreed(written) == []
    tamper(written, "update audit_rows set new_row = '{}' where payload_digest is not null")
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
def test_a_forged_redaction_stops_neither_verifier(long, forged):
    tamper(long, f"update audit_rows set new_row = '{forged}' where op = 'REDACT'")
    assert {f.kind for f in agreed(long)} == {"redaction_altered", "row_altered"}


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
    tamper(written, "update audit_rows as l set row_hash = row_digest(l) where txid = '5'")
    entry = "select %s, txid, base_seal, n, row_hash from audit_rows where txid = '5'"
    tamper(written, f"insert into audit_transactions {entry}", [sealed])
    assert places(agreed(written)) == [("seal_missing", sealed, None, None)]


def test_a_second_entry_of_a_transaction_confirms_nothing(written):
    entry = "select -1, txid, base_seal, 1, row_hash from audit_rows where "
    tamper(written, f"insert into audit_transactions {entry}" + AN_ITEM.format(20))
    found = places(agreed(written))
    assert ("seal_missing", -1, None, None) in found
    assert [place for place in found if place[0] == "row_added"] != []


def test_the_genesis_cannot_go(written):
    tamper(written, "delete from seals where seal_id = 0")
    assert [(f.kind, f.seal) for f in agreed(written)] == [("seal_missing", 0)]


RECOMPUTE_FROM = """
do $$
declare
    v_from constant bigint := %s;
    v_seal plumb.seals;
    v_row plumb.audit_rows;
    v_before bytea;
begin
    for v_seal in select s.* from plumb.seals as s where s.seal_id >= v_from order by s.seal_id loop
        for v_row in
            select l.* from plumb.audit_rows as l
            inner join plumb.audit_transactions as t
                on t.txid = l.txid and t.base_seal = l.base_seal
            where t.seal_id = v_seal.seal_id order by l.txid, l.base_seal, l.n
        loop
            if v_row.n = 1 then
                select s.seal_hash into v_before from plumb.seals as s
                where s.seal_id = v_row.base_seal;
            end if;
            update plumb.audit_rows as l set
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
    tamper(written, "delete from audit_rows")
    assert [f.kind for f in agreed(written)] == ["transaction_missing"] * sealed


def test_an_empty_log_has_no_genesis(written):
    for table in ("audit_rows", "audit_transactions", "seals"):
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
    return db.execute("select count(*) from audit_rows").fetchone()[0]


def test_a_batch_boundary_hides_nothing(written, monkeypatch):
    # The rows of keys 20 to 22 fall before, on and after a boundary, and at the very end.
    for rows in {1, 2, 3, *range(rows_of_log(written) - 4, rows_of_log(written) + 2)}:
        monkeypatch.setattr(reading, "BATCH_ROWS", rows)
        for n, key in enumerate(("20", "21", "22"), 1):
            with written.transaction(force_rollback=True):
                tamper(written, EDIT.format(key))
                assert [(f.kind, f.n) for f in agreed(written)] == [("row_altered", n)]


def test_a_verifier_that_skips_a_row_at_a_batch_boundary_finds_fault_with_a_true_log(
    written, monkeypatch
):
    honest = reading.stream

    def skip(boundary):
        def stream(connection, query, parameters):
            for i, record in enumerate(honest(connection, query, parameters)):
                if i != boundary or "plumb.audit_rows as l " not in query:
                    yield record

        return stream

    for boundary in range(rows_of_log(written)):
        monkeypatch.setattr(reading, "stream", skip(boundary))
        with written.transaction():
            assert list(Verifier(written).findings()) != []


def test_groups_of_128_transactions_are_hashed_alike(long):
    tamper(
        long,
        "update audit_transactions set row_count = 2 where (seal_id, txid) ="
        " (select seal_id, txid from audit_transactions order by 1 desc, 2 desc limit 1)",
    )
    assert [f.kind for f in agreed(long)] == ["members_altered", "row_missing"]


def test_the_next_seal_chains_to_the_old_ones_and_closes_what_came_since(written):
    newest = written.execute(f"select {NEWEST}").fetchone()[0]
    written.execute("insert into app.item values (40)")
    opened = seal(written)
    assert written.execute(
        "select n.format, n.is_opening, n.row_count, n.prev_hash = o.seal_hash"
        " from seals as n, seals as o where n.seal_id = %s and o.seal_id = %s",
        [opened, newest],
    ).fetchone() == (2, True, 1, True)
    assert agreed(written) == []
    written.execute("insert into app.item values (41)")
    seal(written)
    for from_seal in (0, newest, newest + 1, newest + 2):
        assert agreed(written, from_seal) == []
    tamper(written, EDIT.format(20))
    assert [f.kind for f in agreed(written)] == ["row_altered"]
    assert agreed(written, opened) == []


def test_nothing_can_be_added_in_the_old_format_later(written):
    written.execute("insert into app.item values (40)")
    opened = seal(written)
    tamper(written, COPY.format("'999999999'", 1, "prev_hash", 20))
    tamper(written, "update audit_rows as l set row_hash = row_digest(l) where txid = '999999999'")
    assert places(agreed(written)) == [("transaction_added", opened, 999999999, None)]


def test_a_seal_of_the_new_format_cannot_be_made_one_of_the_old(written):
    written.execute("insert into app.item values (40)")
    opened = seal(written)
    tamper(
        written,
        "update seals set format = 1, snapshot = '3:3:', block_count = null where seal_id = %s",
        [opened],
    )
    tamper(written, "update seals as s set seal_hash = seal_digest(s) where seal_id = %s", [opened])
    kinds = {f.kind for f in agreed(written)}
    assert {"block_added", "members_altered"} <= kinds


def test_what_is_in_the_old_format_is_read_as_ever(written):
    written.execute("insert into app.item values (40)")
    seal(written)
    assert written.execute("select count(*) from row_history('app.item', '20')").fetchone() == (1,)
    assert written.execute(
        "select count(*), count(distinct format) from audit_log"
        " where relation = 'app.item' and op = 'INSERT' and row_hash is not null"
    ).fetchone() == (10, 2)
    assert written.execute(
        "select record_key from changes(0, 1000) where relation = 'app.item' and op = 'INSERT'"
    ).fetchall() == [(str(key),) for key in (10, 11, 12, 20, 21, 22, 30, 31, 32, 40)]


def test_an_update_of_the_key_in_the_old_format_leads_from_either_key(long):
    for key in ("3", "200"):
        assert ("UPDATE", {"id": 200}) in [
            (op, {"id": (new_row or {}).get("id")})
            for op, new_row in long.execute(
                "select op, new_row from row_history('app.item', %s)", [key]
            )
        ]
