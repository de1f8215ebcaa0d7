"""Personal data can leave the log; the chain still holds, and the erasing is on record."""

import psycopg
import pytest

from .conftest import findings, seal, tamper


@pytest.fixture
def redacted(audit):
    audit.execute("insert into app.item values (1, 'Ada', 1), (2, 'Bob', 2)")
    seal(audit)
    audit.execute("update app.item set name = 'Ada L.' where id = 1")
    audit.execute("update app.item set id = 3 where id = 1")
    changed = audit.execute(
        "select redact_audit('app.item', '1', '{name}', 'request 7')"
    ).fetchone()
    assert changed == (3,)
    return audit


def test_the_column_is_gone_and_the_chain_verifies(redacted):
    text = redacted.execute("select string_agg(l::text, '') from audit_log as l").fetchone()[0]
    assert "Ada" not in text
    assert "Bob" in text
    seal(redacted)
    assert findings(redacted) == []


def test_the_rest_of_the_row_stays_readable(redacted):
    assert redacted.execute(
        "select new_row from row_history('app.item', '1') where op = 'INSERT'"
    ).fetchone()[0] == {"id": 1, "price": 1, "seen_at": None}


def test_the_redaction_is_on_record(redacted):
    assert redacted.execute(
        "select new_row ->> 'reason', jsonb_array_length(new_row -> 'rows')"
        " from audit_log where op = 'REDACT'"
    ).fetchone() == ("request 7", 3)


def test_all_of_the_payload_can_go(redacted):
    redacted.execute("select redact_audit('app.item', '1', null, 'request 8')")
    assert redacted.execute(
        "select count(*) from audit_log where relation = 'app.item' and record_key = '1'"
    ).fetchone() == (0,)
    seal(redacted)
    assert findings(redacted) == []


def test_what_stands_under_a_former_name_of_the_table_goes_as_well(redacted):
    redacted.execute("insert into app.item values (4, 'Eve', 1)")
    redacted.execute("alter table app.item rename to thing")
    redacted.execute("update app.thing set name = 'Eve M.' where id = 4")
    assert redacted.execute(
        "select redact_audit('app.thing', '4', '{name}', 'request 9')"
    ).fetchone() == (2,)
    text = redacted.execute("select string_agg(l::text, '') from audit_log as l").fetchone()[0]
    assert "Eve" not in text
    seal(redacted)
    assert findings(redacted) == []


def test_what_remains_is_still_protected(redacted):
    tamper(
        redacted,
        "update audit_blocks set lines = replace(lines, '\"price\": 1', '\"price\": 100')"
        ' where lines like \'%"op": "INSERT"%\' and block_hash is not null',
    )
    assert [kind for kind, _seal, _n in findings(redacted)] == ["redaction_altered"]


def test_a_redaction_of_one_s_own_is_found(redacted):
    tamper(
        redacted,
        "update audit_blocks set lines = replace(lines, '\"Bob\"', 'null'),"
        " salts = overlay(salts placing decode(repeat('00', 32), 'hex') from 33)"
        " where lines like '%\"Bob\"%'",
    )
    assert [kind for kind, _seal, _n in findings(redacted)] == ["redaction_altered"]


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        ("'app.item', '77', null, 'x'", "PL001"),
        ("'app.item', '1', '{}', 'x'", "PL002"),
        ("'app.item', '1', null, ''", "PL002"),
    ],
)
def test_bad_input_is_refused(redacted, arguments, state):
    with pytest.raises(psycopg.Error) as error:
        redacted.execute(f"select redact_audit({arguments})")
    assert error.value.sqlstate == state


def test_the_hash_of_a_block_tells_nothing_of_what_was_erased(redacted):
    block_hash, keys, salts, lines = redacted.execute(
        "select block_hash, keys, salts, lines from audit_blocks where block_hash is not null"
    ).fetchone()
    assert bytes(32) in salts
    # Whoever guesses the line right still lacks the salt.
    guessed = lines.replace('"new_row": {"id": 1, ', '"new_row": {"id": 1, "name": "Ada", ')
    assert redacted.execute(
        "select block_digest(null, %s::integer[], %s, %s) = %s", [keys, salts, guessed, block_hash]
    ).fetchone() == (False,)


def test_the_key_can_go_from_the_index_as_well(redacted):
    number = redacted.execute("select key_number('app.item', '3')").fetchone()
    redacted.execute("select redact_audit('app.item', '3', null, 'request 8')")
    seal(redacted)
    assert number not in redacted.execute("select unnest(keys) from audit_blocks").fetchall()
    assert findings(redacted) == []


def test_a_redacted_row_is_seen_as_such(redacted):
    assert redacted.execute(
        "select count(*) filter (where is_redacted), count(*) from audit_log"
        " where relation = 'app.item' and record_key = '1'"
    ).fetchone() == (3, 3)
