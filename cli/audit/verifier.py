"""Verifies the audit log from outside: reads the tables, trusts none of the database's code.

Findings are those that docs/audit.md defines, one by one the same as plumb.verify_audit()
returns. Rows are streamed, so a log of any length takes little memory; seals are held, 200
bytes each.
"""

import json
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, groupby

import psycopg

from .format import Entry, Row, Seal, group_hashes, members_hash

# Rows fetched at a time from the server.
BATCH_ROWS = 10_000

# What a REDACT row says of each row.
LISTED = {
    "base_seal": "[0-9]{1,18}",
    "txid": "[0-9]{1,18}",
    "n": "[0-9]{1,9}",
    "remains": "[0-9a-f]{64}",
}

_cursor_numbers = count()

SEALS = """
    select seal_id, format, origin, is_opening, snapshot::text, adopted::text, transaction_count,
        row_count, members_hash, timestamptz_send(sealed_at), prev_hash, seal_hash
    from (select * from plumb.seals where seal_id is not null) as s {where}
    order by seal_id, seal_hash
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
    from plumb.audit_log as l {where}
    order by l.txid, l.base_seal, l.n, l.row_hash, l.prev_hash, l.relation
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
    for seal_id, txid, *rest in _stream(connection, query, parameters):
        yield Entry(seal_id, _number(txid), *rest)


def read_rows(
    connection: psycopg.Connection, where: str = "", parameters: Sequence = ()
) -> Iterator[Row]:
    """Stream rows by transaction and number."""
    for values in _stream(connection, ROWS.format(where=where), parameters):
        base_seal, txid, n, format_, occurred_at, *rest = values
        yield Row(base_seal, _number(txid), n, format_, _microseconds(occurred_at), *rest)


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
        return list(Verifier(connection).findings(from_seal))


class Verifier:
    """One pass over the tables in the caller's transaction."""

    def __init__(self, connection: psycopg.Connection) -> None:
        """Read what every check needs: the seals, the cut, and what was redacted."""
        self._connection = connection
        self._read_seals = list(read_seals(connection))
        self._seals = {seal.seal_id: seal for seal in self._read_seals}
        self._newest = max(self._seals, default=-1)
        (self._cut,) = connection.execute(
            "select coalesce(max(first_kept_seal), 0) from plumb.audit_retentions"
        ).fetchone()
        self._remains = self._redacted_remains()

    def findings(self, from_seal: int = 0) -> Iterator[Finding]:
        """Yield every finding but those about seals before this one, which are from 0 on."""
        checks = (
            self._check_seals,
            self._check_members,
            self._check_rows,
            self._check_retention,
        )
        for check in checks:
            for finding in check():
                if finding.seal is None or not 0 <= finding.seal < from_seal:
                    yield finding

    def _redacted_remains(self) -> dict[tuple[int, int, int], str]:
        """Return what the newest REDACT row says is left of each redacted row."""
        remains = {}
        records = read_rows(
            self._connection, "where op = 'REDACT' and relation = 'plumb.audit_log'"
        )
        # Null comes last, as it does in PostgreSQL.
        for record in sorted(
            records, key=lambda row: [(v is None, v or 0) for v in (row.base_seal, row.txid, row.n)]
        ):
            remains |= _listed_remains(json.loads(record.new_row or "null"))
        return remains

    def _check_seals(self) -> Iterator[Finding]:
        if 0 not in self._seals:
            yield _missing_seal(0)
        previous = None
        for seal in self._read_seals:
            seal_id = seal.seal_id
            if previous is not None:
                for missing in range(previous.seal_id + 1, seal_id):
                    yield _missing_seal(missing)
            elif seal_id > 0:
                for missing in range(1, seal_id):
                    yield _missing_seal(missing)
            computed = seal.computed_hash()
            if computed != seal.seal_hash or computed is None:
                yield Finding(
                    "seal_altered",
                    seal_id,
                    expected=_hex(computed, None),
                    actual=_hex(seal.seal_hash),
                )
            yield from self._check_link(seal, previous)
            previous = seal

    def _check_link(self, seal: Seal, previous: Seal | None) -> Iterator[Finding]:
        if previous is None:
            return
        if previous.seal_id == seal.seal_id:
            expected = f"one seal {seal.seal_id}"
            yield Finding("seal_unlinked", seal.seal_id, expected=expected, actual="another")
        elif (
            previous.seal_id == seal.seal_id - 1
            and previous.seal_hash is not None
            and previous.seal_hash != seal.prev_hash
        ):
            yield Finding(
                "seal_unlinked",
                seal.seal_id,
                expected=previous.seal_hash.hex(),
                actual=_hex(seal.prev_hash),
            )

    def _check_members(self) -> Iterator[Finding]:
        expected_id = self._cut
        entries = read_entries(self._connection, "where t.seal_id is not null")
        groups = groupby(entries, lambda entry: entry.seal_id)
        for seal_id, group in groups:
            entries = list(group)
            if not 0 <= seal_id <= max(self._newest, 0):
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
        row_count = sum(entry.row_count or 0 for entry in entries)
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
        has_place = "where num_nulls(t.seal_id, t.txid, t.base_seal) = 0"
        entries = read_entries(self._connection, has_place, order=BY_TRANSACTION)
        entry = next(entries, None)
        for place, group in groupby(
            read_rows(self._connection), lambda row: (row.txid, row.base_seal)
        ):
            if None in place:
                for row in group:
                    yield from self._check_row(row, None)
                continue
            while entry is not None and (entry.txid, entry.base_seal) < place:
                yield from self._check_absent(entry)
                entry = next(entries, None)
            rows = list(group)
            if entry is None or (entry.txid, entry.base_seal) != place:
                yield from self._check_unsealed(rows)
            while entry is not None and (entry.txid, entry.base_seal) == place:
                yield from self._check_transaction(rows, entry)
                entry = next(entries, None)
        while entry is not None:
            yield from self._check_absent(entry)
            entry = next(entries, None)

    def _check_absent(self, entry: Entry) -> Iterator[Finding]:
        if entry.base_seal >= self._cut:
            yield Finding(
                "transaction_missing",
                entry.seal_id,
                entry.txid,
                expected=_rows(entry.row_count),
                actual="none",
            )

    def _check_unsealed(self, rows: list[Row]) -> Iterator[Finding]:
        rows = yield from self._check_chain(rows, None)
        if not rows:
            return
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
        rows = yield from self._check_chain(rows, entry)
        if not rows or entry.row_count is None:
            return
        last = rows[-1]
        if last.n < entry.row_count:
            yield Finding(
                "row_missing",
                entry.seal_id,
                entry.txid,
                last.n + 1,
                last.relation,
                expected=_rows(entry.row_count),
                actual=str(last.n),
            )
        elif last.n == entry.row_count and last.row_hash != entry.last_hash:
            yield Finding(
                "transaction_altered",
                entry.seal_id,
                entry.txid,
                last.n,
                last.relation,
                expected=_hex(entry.last_hash, None),
                actual=_hex(last.row_hash),
            )

    def _check_chain(
        self, rows: list[Row], entry: Entry | None
    ) -> Generator[Finding, None, list[Row]]:
        """Check rows of one transaction; returns those that have a number."""
        seal_id = None if entry is None else entry.seal_id
        for row in rows:
            yield from self._check_row(row, seal_id)
        rows = [row for row in rows if row.has_place]
        before = None
        for row in rows:
            place = (seal_id, row.txid, row.n)
            n_before = 0 if before is None else max(before.n, 0)
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
                if expected is not None and expected != _hex(row.prev_hash):
                    yield Finding(
                        "row_unlinked",
                        *place,
                        row.relation,
                        expected,
                        _hex(row.prev_hash),
                    )
            if entry is not None and entry.row_count is not None and row.n > entry.row_count:
                yield Finding(
                    "row_added",
                    *place,
                    rows[-1].relation,
                    _rows(entry.row_count),
                    f"row {row.n}",
                )
            before = row
        return rows

    def _check_row(self, row: Row, seal_id: int | None) -> Iterator[Finding]:
        """Check a row by itself."""
        place = (seal_id, row.txid, row.n)
        computed = row.computed_hash()
        if computed is None or computed != row.row_hash or not row.has_one_digest:
            yield Finding(
                "row_altered", *place, row.relation, _hex(computed, None), _hex(row.row_hash)
            )
        if row.is_redacted:
            yield from self._check_redaction(row, place)

    def _expected_link(self, row: Row, before: Row | None) -> str | None:
        """Return the hash a row must point to, or the seal that never was; None for unknown."""
        if before is not None and row.n > 1:
            return _hex(before.row_hash, None)
        if row.base_seal < 0 or row.base_seal > self._newest:
            return f"seal {row.base_seal}"
        seal = self._seals.get(row.base_seal)
        return None if seal is None else _hex(seal.seal_hash, None)

    def _check_redaction(self, row: Row, place: tuple) -> Iterator[Finding]:
        listed = self._remains.get((row.base_seal, row.txid, row.n))
        if listed != row.remains():
            expected = listed or "a REDACT row that lists it"
            yield Finding("redaction_altered", *place, row.relation, expected, row.remains())

    def _check_retention(self) -> Iterator[Finding]:
        if self._cut == 0:
            return
        if self._cut > max(self._newest, 0):
            yield _missing_seal(self._cut)
        rows, transactions = self._connection.execute(
            "select (select count(*) from plumb.audit_log where base_seal < %(cut)s),"
            " (select count(*) from plumb.audit_transactions where seal_id < %(cut)s)",
            {"cut": self._cut},
        ).fetchone()
        if rows + transactions > 0:
            yield Finding(
                "retention_incomplete",
                self._cut,
                expected="nothing from before",
                actual=f"{rows} rows, {transactions} transactions",
            )
        stated = {
            json.loads(row.new_row or "{}").get("first_kept_seal")
            for row in read_rows(
                self._connection, "where op = 'RETENTION' and relation = 'plumb.audit_log'"
            )
        }
        if not {self._cut, str(self._cut)} & stated:
            expected = "a RETENTION row of the log"
            yield Finding("retention_unrecorded", self._cut, expected=expected, actual="none")


def _listed_remains(record: object) -> dict[tuple[int, int, int], str]:
    """Return what one REDACT row lists; an item that redaction never writes names no row."""
    items = record.get("rows") if isinstance(record, dict) else None
    listed = {}
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and all(
            re.fullmatch(pattern, str(item.get(name, ""))) for name, pattern in LISTED.items()
        ):
            place = (int(item["base_seal"]), int(item["txid"]), int(item["n"]))
            listed[place] = str(item["remains"])
    return listed


def _missing_seal(seal_id: int) -> Finding:
    return Finding("seal_missing", seal_id, expected=f"seal {seal_id}", actual="none")


def _count(rows: int | None, transactions: int | None, digest: bytes | None) -> str:
    shown = ("" if part is None else part for part in (rows, transactions, _hex(digest, "")))
    return "{} rows in {} transactions, {}".format(*shown)


def _number(txid: Decimal | None) -> int | None:
    return None if txid is None else int(txid)


def _microseconds(sent: bytes | None) -> int | None:
    return None if sent is None else int.from_bytes(sent, "big", signed=True)


def _rows(count: int | None) -> str:
    return f"{'' if count is None else count} rows"


def _hex(stored: bytes | None, absent: str | None = "none") -> str | None:
    return absent if stored is None else stored.hex()
