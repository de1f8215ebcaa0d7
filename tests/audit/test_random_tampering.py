"""Whatever a superuser does to the log at random, the verifiers agree, and none of them fails."""

import random

import pytest

from .clusters import findings_of_both
from .conftest import load_format_1, seal, tamper

CASES = 120
ONE = "where ctid = (select ctid from {0} order by random() limit 1)"
# What each column of a row of the log may be changed to; `null` is tried for every one of them.
ROW = {
    "base_seal": ["base_seal + 1", "base_seal - 1", "-1", "99"],
    "txid": ["'3'", "(txid::text::bigint + 1)::text::xid8"],
    "n": ["n + 1", "n - 1", "0", "100001", "2147483647", "-2147483648"],
    "occurred_at": ["occurred_at + interval '1 microsecond'"],
    "format": ["2"],
    "op": ["'DELETE'"],
    "relation": ["'x'"],
    "record_key": ["'x'", "''"],
    "actor": ["'x'"],
    "app_user": ["'x'", "''"],
    "old_row": ["'{}'"],
    "new_row": ["'{}'"],
    "salt": ["salt || '\\x00'", "''"],
    "payload_digest": ["sha256('')", "payload_digest(salt, record_key, old_row, new_row)"],
    "prev_hash": ["sha256('')", "''", "row_hash"],
    "row_hash": ["sha256('')", "''", "prev_hash", "row_digest(t)"],
}
ENTRY = {
    "seal_id": ["seal_id + 1"],
    "txid": ["'3'"],
    "base_seal": ["base_seal + 1"],
    "row_count": ["row_count + 1", "row_count - 1"],
    "last_hash": ["sha256('')"],
}
SEAL = {
    "seal_id": ["seal_id + 1"],
    "format": ["2"],
    "origin": ["'x'"],
    "is_opening": ["not is_opening"],
    "snapshot": ["'3:3:'"],
    "adopted": ["'{5}'"],
    "row_count": ["row_count + 1"],
    "members_hash": ["sha256('')"],
    "sealed_at": ["now()"],
    "prev_hash": ["sha256('')"],
    "seal_hash": ["sha256('')", "seal_digest(t)"],
}
BLOCK = {
    "seal_id": ["seal_id + 1", "seal_id - 1", "-1", "99"],
    "block_number": ["block_number + 1", "block_number - 1", "0", "2147483647", "-2147483648"],
    "txid": ["'3'", "(txid::text::bigint + 1)::text::xid8"],
    "format": ["1", "3"],
    "first_n": ["first_n + 1", "first_n - 1", "2147483647", "-2147483648"],
    "row_count": ["row_count + 1", "row_count - 1", "-5", "2147483647"],
    "keys": ["'{}'", "'{7,8}'"],
    "lines": [
        *["''", "'x'", "lines || e'\\n'", "lines || e'\\n' || lines", "left(lines, 40)"],
        *["replace(lines, '1', '2')", "replace(lines, '{\"n\"', '{\"m\"')", "upper(lines)"],
    ],
    "salts": ["salts || '\\x00'", "''", "decode(repeat('00', octet_length(salts)), 'hex')"],
    "digests": ["digests || '\\x00'", "''", "salts"],
    "block_hash": ["sha256('')", "block_digest(null, keys, salts, lines)"],
    "prev_hash": ["sha256('')", "''", "link_hash"],
    "link_hash": ["sha256('')", "''", "prev_hash", "link_digest(t)"],
}
SEAL_OF_BLOCKS = {
    "seal_id": ["seal_id + 1"],
    "format": ["1", "3"],
    "origin": ["'x'"],
    "is_opening": ["not is_opening"],
    "block_count": ["block_count + 1", "block_count - 1", "2147483647"],
    "transaction_count": ["transaction_count + 1"],
    "row_count": ["row_count + 1"],
    "members_hash": ["sha256('')"],
    "sealed_at": ["now()"],
    "prev_hash": ["sha256('')"],
    "seal_hash": ["sha256('')", "seal_digest(t)"],
}
TABLES = {"audit_rows": ROW, "audit_transactions": ENTRY, "seals": SEAL}
TABLES_OF_BLOCKS = {"audit_blocks": BLOCK, "seals": SEAL_OF_BLOCKS}


@pytest.fixture
def unguarded(audit):
    """Yield a log of six seals, with a redacted row and an unsealed one, and no constraints."""
    for key in range(0, 60, 4):
        audit.execute("insert into app.item select %s + g from generate_series(0, 3) as g", [key])
        if key % 10 == 0:
            seal(audit)
    audit.execute("update app.item set name = 'b' where id < 3")
    audit.execute("select redact_audit('app.item', '1', '{name}', 'a request')")
    seal(audit)
    audit.execute("insert into app.item values (100), (101)")
    # Takes what no partition of ours does.
    audit.execute("create table plumb.audit_blocks_rest partition of plumb.audit_blocks default")
    drop_constraints(audit, TABLES_OF_BLOCKS)
    return audit


@pytest.fixture
def unguarded_chains(audit):
    """Yield a log that an earlier version wrote in format 1, and no constraints."""
    load_format_1(audit, "long")
    audit.execute("create table plumb.audit_log_rest partition of plumb.audit_rows default")
    drop_constraints(audit, TABLES)
    return audit


def drop_constraints(db, tables):
    for table, columns in tables.items():
        for (name,) in db.execute(
            # Newer servers list NOT NULL as well, which must go last.
            "select conname from pg_constraint where conrelid = %s::regclass and contype <> 'n'",
            [f"plumb.{table}"],
        ).fetchall():
            db.execute(f"alter table {table} drop constraint {name}")
        for column in columns:
            db.execute(f"alter table {table} alter {column} drop not null")


def some_tampering(chance, tables):
    """Return a statement that changes, removes or doubles something of the log."""
    table = chance.choices(list(tables), [6, 2, 2][: len(tables)])[0]
    one = ONE.format(table)
    what = chance.random()
    if what < 0.1:
        return f"delete from {table} {one}"
    if what < 0.2:
        return f"insert into {table} select * from {table} {one}"
    columns = chance.sample(sorted(tables[table]), chance.choice([1, 1, 2]))
    changes = (f"{name} = {chance.choice(['null', *tables[table][name]])}" for name in columns)
    return f"update {table} as t set {', '.join(changes)} {one}"


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_both_verifiers_agree_on_every_tampering_of_chains_and_the_quick_look_hides_none(
    unguarded_chains, seed
):
    unguarded = unguarded_chains
    chance = random.Random(seed)
    unguarded.execute("select setseed(%s)", [1 / seed])
    for _case in range(CASES):
        statements = [some_tampering(chance, TABLES) for _ in range(chance.choice([1, 1, 2, 4]))]
        with unguarded.transaction(force_rollback=True):
            for statement in statements:
                tamper(unguarded, statement)
            by_sql, by_python = findings_of_both(unguarded)
            exact = unguarded.execute(
                "with asked as ("
                "  select txid, base_seal from audit_rows"
                "  union select txid, base_seal from audit_transactions"
                "), lists as (select array_agg(txid) as txids, array_agg(base_seal) as bases"
                "  from asked)"
                " select f.kind, f.txid::text::bigint, f.n from lists,"
                "  verify_rows(txids, bases) as f"
                " union select f.kind, f.txid::text::bigint, f.n from lists,"
                "  verify_chains(txids, bases, 0, (select max(seal_id) from seals)) as f"
            ).fetchall()
        doubled = [
            {f for f in found if (f.kind, f.actual) == ("seal_unlinked", "another")}
            for found in (by_sql, by_python)
        ]
        assert doubled[0] == doubled[1], statements
        # Which of two seals of one number the others are held to is nobody's to say.
        if not doubled[0]:
            assert set(by_sql) == set(by_python), (statements, set(by_sql) ^ set(by_python))
        of_rows = {
            (finding.kind, finding.txid, finding.n)
            for finding in by_sql
            if finding.kind.startswith(("row_", "transaction_", "redaction_"))
        }
        assert of_rows == set(exact), statements


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_both_verifiers_agree_on_every_tampering_and_the_quick_look_hides_none(unguarded, seed):
    chance = random.Random(seed)
    unguarded.execute("select setseed(%s)", [1 / seed])
    for _case in range(CASES):
        statements = [
            some_tampering(chance, TABLES_OF_BLOCKS) for _ in range(chance.choice([1, 1, 2, 4]))
        ]
        with unguarded.transaction(force_rollback=True):
            for statement in statements:
                tamper(unguarded, statement)
            by_sql, by_python = findings_of_both(unguarded)
            exact = unguarded.execute(
                "with asked as (select array("
                "  select seal_id from audit_blocks where seal_id between 0 and"
                "   (select max(seal_id) from seals)"
                "  union select seal_id from seals where format > 1) as seal_ids)"
                " select f.kind, f.seal_id, f.txid::text::bigint, f.n from asked,"
                "  verify_lines(seal_ids) as f"
                " union select f.kind, f.seal_id, f.txid::text::bigint, f.n from asked,"
                "  verify_blocks(seal_ids) as f"
            ).fetchall()
        is_doubled = any((f.kind, f.actual) == ("seal_unlinked", "another") for f in by_sql)
        # Which of two seals of one number the others are held to is nobody's to say.
        if not is_doubled:
            assert set(by_sql) == set(by_python), (statements, set(by_sql) ^ set(by_python))
            of_blocks = {
                (f.kind, f.seal, f.txid, f.n)
                for f in by_sql
                if f.kind.startswith(("row_", "block_", "redaction_"))
            }
            assert of_blocks == {f for f in exact if f[0] != "members_altered"}, statements
