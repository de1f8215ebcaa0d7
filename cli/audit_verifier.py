"""Verifies the audit log from outside: reads the tables, trusts none of the database's code.

Findings are those that docs/audit.md defines, one by one the same as plumb.verify_audit()
returns. Rows are streamed, so a log of any length takes little memory; seals are held, 200
bytes each.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby

import psycopg
from plumbline.cli.audit_format import Entry, Row, Seal, group_hashes, members_hash

# Rows fetched at a time from the server.
BATCH_ROWS = 10_000

_cursor_numbers = count()

SEALS = """
    select seal_id, format, origin, is_opening, snapshot::text, adopted::text, transaction_count,
        row_count, members_hash, timestamptz_send(sealed_at), prev_hash, seal_hash
    from plumb.seals {where} order by seal_id
"""
ENTRIES = """
    select seal_id, txid::text::numeric, base_seal, row_count, last_hash
    from plumb.audit_transactions as t {where} order by {order}
"""
BY_SEAL = "t.seal_id, t.txid, t.base_seal"
BY_TRANSACTION = "t.txid, t.base_seal, t.seal_id"
ROWS = """
    select base_seal, txid::text::numeric, n, format, timestamptz_send(occurred_at), op, relation,
        record_key, actor, app_user, old_row::text, new_row::text, salt, payload_digest,
        prev_hash, row_hash
    from plumb.audit_log as l {where} order by l.txid, l.base_seal, l.n
"""


def read_seals(
    connection: psycopg.Connection, where: str = "", parameters: Sequence = ()
) -> Iterator[Seal]:
    """Stream seals in order; `where` is a clause of our own, never of a user's."""
    for values in _stream(connection, SEALS.format(where=where), parameters):
        yield Seal(*values[:9], _microseconds(values[9]), *values[10:])


def read_entries(
    connection: psycopg.Connection, where: str = "", parameters: Sequence = (), order: str = BY_SEAL
) -> Iterator[Entry]:
    """Stream sealed transactions, by seal or by transaction."""
    query = ENTRIES.format(where=where, order=order)
    for seal_id, txid, base_seal, row_count, last_hash in _stream(connection, query, parameters):
        yield Entry(seal_id, int(txid), base_seal, row_count, last_hash)


def read_rows(
    connection: psycopg.Connection, where: str = "", parameters: Sequence = ()
) -> Iterator[Row]:
    """Stream rows by transaction and number."""
    for values in _stream(connection, ROWS.format(where=where), parameters):
        base_seal, txid, n, format_, occurred_at, *rest = values
        yield Row(base_seal, int(txid), n, format_, _microseconds(occurred_at), *rest)


def _stream(connection: psycopg.Connection, query: str, parameters: Sequence) -> Iterator[tuple]:
    # Several streams may be open at once, so each cursor has a name of its own.
    with connection.cursor(name=f"audit_{next(_cursor_numbers)}") as cursor:
        cursor.itersize = BATCH_ROWS
        yield from cursor.execute(query, parameters or None)


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is not as it should be; see *Findings* in docs/audit.md."""

    kind: str
    seal: int | None = None
    txid: int | None = None
    n: int | None = None
    relation: str | None = None
    expected: str | None = None
    actual: str | None = None


def verify(connection: psycopg.Connection, from_seal: int = 0) -> list[Finding]:
    """Verify the log, in one snapshot.

    Args:
        connection: Not in a transaction; its user may read audit_log, seals,
            audit_transactions and audit_retentions.
        from_seal: Leave out findings about seals up to this one; 0 for none.

    Returns:
        The findings, by place; none when the log is what was written.
    """
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        return [
            finding
            for finding in Verifier(connection).findings()
            if finding.seal is None or finding.seal >= from_seal
        ]


class Verifier:
    """One pass over the tables in the caller's transaction."""

    def __init__(self, connection: psycopg.Connection) -> None:
        """Read what every check needs: the seals, the cut, and what was redacted."""
        self._connection = connection
        self._seals = {seal.seal_id: seal for seal in read_seals(connection)}
        self._newest = max(self._seals, default=-1)
        (self._cut,) = connection.execute(
            "select coalesce(max(first_kept_seal), 0) from plumb.audit_retentions"
        ).fetchone()
        self._remains = self._redacted_remains()

    def findings(self) -> Iterator[Finding]:
        """Yield every finding."""
        yield from self._check_seals()
        yield from self._check_members()
        yield from self._check_rows()
        yield from self._check_retention()

    def _redacted_remains(self) -> dict[tuple[int, int, int], str]:
        """Return what the newest REDACT row says is left of each redacted row."""
        remains = {}
        records = read_rows(
            self._connection, "where op = 'REDACT' and relation = 'plumb.audit_log'"
        )
        for record in sorted(records, key=lambda row: (row.base_seal, row.txid, row.n)):
            for listed in json.loads(record.new_row or "{}").get("rows", []):
                place = (int(listed["base_seal"]), int(listed["txid"]), int(listed["n"]))
                remains[place] = listed["remains"]
        return remains

    def _check_seals(self) -> Iterator[Finding]:
        if 0 not in self._seals:
            yield _missing_seal(0)
        previous = None
        for seal_id, seal in self._seals.items():
            if previous is not None:
                for missing in range(previous.seal_id + 1, seal_id):
                    yield _missing_seal(missing)
            elif seal_id > 0:
                for missing in range(1, seal_id):
                    yield _missing_seal(missing)
            if seal.computed_hash() != seal.seal_hash:
                yield Finding(
                    "seal_altered",
                    seal_id,
                    expected=seal.computed_hash().hex(),
                    actual=seal.seal_hash.hex(),
                )
            before = self._seals.get(seal_id - 1)
            if before is not None and seal.prev_hash != before.seal_hash:
                yield Finding(
                    "seal_unlinked",
                    seal_id,
                    expected=before.seal_hash.hex(),
                    actual=seal.prev_hash.hex(),
                )
            previous = seal

    def _check_members(self) -> Iterator[Finding]:
        expected_id = self._cut
        groups = groupby(read_entries(self._connection), lambda entry: entry.seal_id)
        for seal_id, group in groups:
            entries = list(group)
            if seal_id > max(self._newest, 0):
                yield _missing_seal(seal_id)
                continue
            if seal_id < self._cut:
                continue
            for empty in range(expected_id, seal_id):
                yield from self._check_members_of(empty, [])
            yield from self._check_members_of(seal_id, entries)
            expected_id = seal_id + 1
        for empty in range(expected_id, self._newest + 1):
            yield from self._check_members_of(empty, [])

    def _check_members_of(self, seal_id: int, entries: list[Entry]) -> Iterator[Finding]:
        seal = self._seals.get(seal_id)
        if seal is None:
            return
        computed = members_hash(group_hashes(entries))
        row_count = sum(entry.row_count for entry in entries)
        if computed != seal.members_hash or (len(entries), row_count) != (
            seal.transaction_count,
            seal.row_count,
        ):
            yield Finding(
                "members_altered",
                seal_id,
                expected=_count(seal.row_count, seal.transaction_count, seal.members_hash),
                actual=_count(row_count, len(entries), computed),
            )

    def _check_rows(self) -> Iterator[Finding]:
        entries = read_entries(self._connection, order=BY_TRANSACTION)
        entry = next(entries, None)
        for place, group in groupby(
            read_rows(self._connection), lambda row: (row.txid, row.base_seal)
        ):
            while entry is not None and (entry.txid, entry.base_seal) < place:
                yield from self._check_absent(entry)
                entry = next(entries, None)
            rows = list(group)
            if entry is not None and (entry.txid, entry.base_seal) == place:
                yield from self._check_transaction(rows, entry)
                entry = next(entries, None)
            else:
                yield from self._check_unsealed(rows)
        while entry is not None:
            yield from self._check_absent(entry)
            entry = next(entries, None)

    def _check_absent(self, entry: Entry) -> Iterator[Finding]:
        if entry.base_seal >= self._cut:
            yield Finding(
                "transaction_missing",
                entry.seal_id,
                entry.txid,
                expected=f"{entry.row_count} rows",
                actual="none",
            )

    def _check_unsealed(self, rows: list[Row]) -> Iterator[Finding]:
        yield from self._check_chain(rows, None)
        first, last = rows[0], rows[-1]
        for seal_id in range(max(first.base_seal, -1) + 1, self._newest + 1):
            seal = self._seals.get(seal_id)
            if seal is not None and seal.sees(first.txid):
                yield Finding(
                    "transaction_added",
                    seal_id,
                    first.txid,
                    relation=last.relation,
                    expected="no such transaction",
                    actual=f"{last.n} rows",
                )
                return

    def _check_transaction(self, rows: list[Row], entry: Entry) -> Iterator[Finding]:
        yield from self._check_chain(rows, entry)
        last = rows[-1]
        if last.n < entry.row_count:
            yield Finding(
                "row_missing",
                entry.seal_id,
                entry.txid,
                last.n + 1,
                last.relation,
                expected=f"{entry.row_count} rows",
                actual=str(last.n),
            )
        elif last.n == entry.row_count and last.row_hash != entry.last_hash:
            yield Finding(
                "transaction_altered",
                entry.seal_id,
                entry.txid,
                last.n,
                last.relation,
                expected=entry.last_hash.hex(),
                actual=_hex(last.row_hash),
            )

    def _check_chain(self, rows: list[Row], entry: Entry | None) -> Iterator[Finding]:
        seal_id = None if entry is None else entry.seal_id
        before = None
        for row in rows:
            place = (seal_id, row.txid, row.n)
            n_before = 0 if before is None else before.n
            if row.n < 1:
                yield Finding("row_added", *place, row.relation, "n to begin with 1", str(row.n))
            elif row.n == n_before:
                yield Finding("row_added", *place, row.relation, f"one row {row.n}", "another")
            elif row.n > n_before + 1:
                yield Finding(
                    "row_missing",
                    seal_id,
                    row.txid,
                    n_before + 1,
                    row.relation,
                    expected="a row",
                    actual="none",
                )
            else:
                expected = self._expected_link(row, before)
                if expected is not None and expected != row.prev_hash:
                    yield Finding(
                        "row_unlinked",
                        *place,
                        row.relation,
                        expected.hex() or f"seal {row.base_seal}",
                        _hex(row.prev_hash),
                    )
            if entry is not None and row.n > entry.row_count:
                yield Finding(
                    "row_added",
                    *place,
                    rows[-1].relation,
                    f"{entry.row_count} rows",
                    f"row {row.n}",
                )
            computed = row.computed_hash()
            if computed != row.row_hash or not row.has_one_digest:
                yield Finding(
                    "row_altered",
                    *place,
                    row.relation,
                    None if computed is None else computed.hex(),
                    _hex(row.row_hash),
                )
            if row.is_redacted:
                yield from self._check_redaction(row, place)
            before = row

    def _expected_link(self, row: Row, before: Row | None) -> bytes | None:
        """Return the hash a row must point to: no bytes for none there is, None for unknown."""
        if before is not None and row.n > 1:
            return before.row_hash
        if row.base_seal < 0 or row.base_seal > self._newest:
            return b""
        seal = self._seals.get(row.base_seal)
        return None if seal is None else seal.seal_hash

    def _check_redaction(self, row: Row, place: tuple) -> Iterator[Finding]:
        listed = self._remains.get((row.base_seal, row.txid, row.n))
        if listed != row.remains():
            expected = listed or "a REDACT row that lists it"
            yield Finding("redaction_altered", *place, row.relation, expected, row.remains())

    def _check_retention(self) -> Iterator[Finding]:
        if self._cut == 0:
            return
        stated = {
            json.loads(row.new_row or "{}").get("first_kept_seal")
            for row in read_rows(
                self._connection, "where op = 'RETENTION' and relation = 'plumb.audit_log'"
            )
        }
        if not {self._cut, str(self._cut)} & stated:
            expected = "a RETENTION row of the log"
            yield Finding("retention_unrecorded", self._cut, expected=expected, actual="none")


def _missing_seal(seal_id: int) -> Finding:
    return Finding("seal_missing", seal_id, expected=f"seal {seal_id}", actual="none")


def _count(rows: int, transactions: int, digest: bytes) -> str:
    return f"{rows} rows in {transactions} transactions, {digest.hex()}"


def _microseconds(sent: bytes | None) -> int | None:
    return None if sent is None else int.from_bytes(sent, "big", signed=True)


def _hex(stored: bytes | None) -> str:
    return "none" if stored is None else stored.hex()
