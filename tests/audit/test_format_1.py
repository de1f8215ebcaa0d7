"""What an earlier version wrote in format 1 stays readable, and nothing is added to it."""

import pytest

from .attacks.rows import AN_ITEM, COPY, EDIT
from .attacks.seals import NEWEST, SEALED
from .clusters import agreed, places
from .conftest import load_format_1, seal, tamper


@pytest.fixture
def written(chained):
    """Yield a log in format 1: keys 10-12 and 20-22 in its last but one seal, then 30-32."""
    assert agreed(chained) == []
    return chained


@pytest.fixture
def long(audit):
    """Yield a log of 140 transactions, of which the newest seal has 130; a row is redacted."""
    load_format_1(audit, "long")
    assert agreed(audit) == []
    return audit


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
