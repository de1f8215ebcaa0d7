"""Verifies the audit log from outside: reads the tables, trusts none of the database's code.

Findings are those that docs/audit.md defines, one by one the same as plumb.verify_audit()
returns. What is in format 1 is looked at here, the blocks of format 2 in blocks.py. Rows are
streamed, so a log of any length takes little memory; seals are held, 200 bytes each.
"""

import re
from collections.abc import Callable, Generator, Iterator
from itertools import groupby
from typing import Any

import psycopg

from ...core.rows import fetch_row, fetch_value
from .blocks import BlockChecks
from .finding import Finding, hexed, members, missing_seal, row_count
from .format import Entry, Row, Seal, group_hashes, members_hash
from .reading import (
    BY_TRANSACTION,
    read_blocks,
    read_entries,
    read_own_records,
    read_rows,
    read_seals,
)

Advance = Callable[[float, str, float], None]
PASSES = 3

# What a REDACT row says of each row, and of each block.
LISTED_ROWS = {
    "base_seal": "[0-9]{1,18}",
    "txid": "[0-9]{1,18}",
    "n": "[0-9]{1,9}",
    "remains": "[0-9a-f]{64}",
}
LISTED_BLOCKS = {"seal": "[0-9]{1,18}", "block": "[0-9]{1,9}", "keys": "[0-9a-f]{64}"}


def verify(
    connection: psycopg.Connection, from_seal: int = 0, advance: Advance | None = None
) -> list[Finding]:
    """Verify the log, in one snapshot.

    Args:
        connection: Not in a transaction; its user may read audit_log, seals,
            audit_transactions,
            audit_blocks, audit_intake and audit_retentions.
        from_seal: Leave out findings about seals up to this one; 0 for none.
        advance: Receives how far it is: what is done, what is looked at, and how much there is.

    Returns:
        The findings, by place; none when the log is what was written.
    """
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        return list(Verifier(connection, advance).findings(from_seal))


class Verifier:
    """One pass over the tables in the caller's transaction."""

    def __init__(self, connection: psycopg.Connection, advance: Advance | None = None) -> None:
        """Read what every check needs: the seals, the cut, and what was redacted."""
        self._connection = connection
        self._advance = advance
        self._read_seals = list(read_seals(connection))
        self._seals = {seal.seal_id: seal for seal in self._read_seals}
        self._newest = max(self._seals, default=-1)
        self._cut: int = fetch_value(
            connection, "select coalesce(max(first_kept_seal), 0) from plumb.audit_retentions"
        )
        self._records = read_own_records(connection, "plumb.audit_log", self._newest)
        self._remains: dict[tuple[int, int, int], str] = {}
        self._keys: dict[tuple[int, int], str] = {}
        self._read_redactions()

    def findings(self, from_seal: int = 0) -> Iterator[Finding]:
        """Yield every finding but those about seals before this one, which are from 0 on."""
        checks = (
            self._check_seals,
            self._check_members,
            self._check_blocks,
            self._check_rows,
            self._check_retention,
        )
        for check in checks:
            for finding in check():
                if finding.seal is None or not 0 <= finding.seal < from_seal:
                    yield finding

    def _tell(self, passes: int, what: str, seal_id: int = 0) -> None:
        """Say how far it is: each of the passes goes through all seals."""
        if self._advance:
            count = self._newest + 1
            self._advance(passes * count + max(seal_id, 0), what, PASSES * count)

    def _read_redactions(self) -> None:
        """Read what the newest REDACT row says is left of each redacted row and block."""
        for record in self._records:
            if record.op != "REDACT":
                continue
            for item in _listed(record.content, "rows", LISTED_ROWS):
                place = (int(item["base_seal"]), int(item["txid"]), int(item["n"]))
                self._remains[place] = str(item["remains"])
            for item in _listed(record.content, "blocks", LISTED_BLOCKS):
                self._keys[int(item["seal"]), int(item["block"])] = str(item["keys"])

    def _check_seals(self) -> Iterator[Finding]:
        if 0 not in self._seals:
            yield missing_seal(0)
        previous = None
        for seal in self._read_seals:
            seal_id = seal.seal_id
            if previous is not None:
                for missing in range(previous.seal_id + 1, seal_id):
                    yield missing_seal(missing)
            elif seal_id > 0:
                for missing in range(1, seal_id):
                    yield missing_seal(missing)
            computed = seal.computed_hash()
            if computed != seal.seal_hash or computed is None:
                yield Finding(
                    "seal_altered",
                    seal_id,
                    expected=hexed(computed, None),
                    actual=hexed(seal.seal_hash),
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
                actual=hexed(seal.prev_hash),
            )

    def _check_members(self) -> Iterator[Finding]:
        expected_id = self._cut
        entries = read_entries(self._connection, "where t.seal_id is not null")
        groups = groupby(entries, lambda entry: entry.seal_id)
        for seal_id, group in groups:
            self._tell(0, "transactions", seal_id)
            members_of_seal = list(group)
            if not 0 <= seal_id <= max(self._newest, 0):
                yield missing_seal(seal_id)
                continue
            if seal_id < self._cut:
                continue
            for empty in range(expected_id, seal_id):
                yield from self._check_members_of(empty, [])
            yield from self._check_members_of(seal_id, members_of_seal)
            expected_id = seal_id + 1
        for empty in range(expected_id, self._newest + 1):
            yield from self._check_members_of(empty, [])

    def _check_members_of(self, seal_id: int, entries: list[Entry]) -> Iterator[Finding]:
        seal = self._seals.get(seal_id)
        if seal is None or seal.has_blocks:
            return
        computed = members_hash(group_hashes(entries))
        rows = sum(entry.row_count or 0 for entry in entries)
        if computed != seal.members_hash or (len(entries), rows) != (
            seal.transaction_count,
            seal.row_count,
        ):
            yield Finding(
                "members_altered",
                seal_id,
                expected=members(seal.row_count, seal.transaction_count, seal.members_hash),
                actual=members(rows, len(entries), computed),
            )

    def _check_blocks(self) -> Iterator[Finding]:
        checks = BlockChecks(self._remains, self._keys)
        blocks = read_blocks(self._connection, "where b.seal_id is not null")
        expected_id = self._cut
        for seal_id, group in groupby(blocks, lambda block: block.seal_id):
            self._tell(1, "blocks", seal_id)
            if not 0 <= seal_id <= max(self._newest, 0):
                yield missing_seal(seal_id)
                continue
            if seal_id < self._cut:
                continue
            for empty in range(expected_id, seal_id):
                yield from checks.check(empty, self._seals.get(empty), [])
            yield from checks.check(seal_id, self._seals.get(seal_id), list(group))
            expected_id = seal_id + 1
        for empty in range(expected_id, self._newest + 1):
            yield from checks.check(empty, self._seals.get(empty), [])

    def _check_rows(self) -> Iterator[Finding]:
        self._tell(2, "rows")
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
                expected=row_count(entry.row_count),
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
                expected=row_count(entry.row_count),
                actual=str(last.n),
            )
        elif last.n == entry.row_count and last.row_hash != entry.last_hash:
            yield Finding(
                "transaction_altered",
                entry.seal_id,
                entry.txid,
                last.n,
                last.relation,
                expected=hexed(entry.last_hash, None),
                actual=hexed(last.row_hash),
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
                if expected is not None and expected != hexed(row.prev_hash):
                    yield Finding(
                        "row_unlinked",
                        *place,
                        row.relation,
                        expected,
                        hexed(row.prev_hash),
                    )
            if entry is not None and entry.row_count is not None and row.n > entry.row_count:
                yield Finding(
                    "row_added",
                    *place,
                    rows[-1].relation,
                    row_count(entry.row_count),
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
                "row_altered", *place, row.relation, hexed(computed, None), hexed(row.row_hash)
            )
        if row.is_redacted:
            yield from self._check_redaction(row, place)

    def _expected_link(self, row: Row, before: Row | None) -> str | None:
        """Return the hash a row must point to, or the seal that never was; None for unknown."""
        if before is not None and row.n > 1:
            return hexed(before.row_hash, None)
        if row.base_seal < 0 or row.base_seal > self._newest:
            return f"seal {row.base_seal}"
        seal = self._seals.get(row.base_seal)
        return None if seal is None else hexed(seal.seal_hash, None)

    def _check_redaction(
        self, row: Row, place: tuple[int | None, int | None, int | None]
    ) -> Iterator[Finding]:
        listed = self._remains.get((row.base_seal, row.txid, row.n))
        if listed != row.remains():
            expected = listed or "a REDACT row that lists it"
            seal_id, txid, n = place
            yield Finding(
                "redaction_altered", seal_id, txid, n, row.relation, expected, row.remains()
            )

    def _check_retention(self) -> Iterator[Finding]:
        if self._cut == 0:
            return
        if self._cut > max(self._newest, 0):
            yield missing_seal(self._cut)
        rows, transactions = fetch_row(
            self._connection,
            "select (select count(*) from plumb.audit_rows where base_seal < %(cut)s) + (select"
            " coalesce(sum(row_count), 0) from plumb.audit_blocks where seal_id < %(cut)s),"
            " (select count(*) from plumb.audit_transactions where seal_id < %(cut)s) + (select"
            " count(*) filter (where first_n = 1) from plumb.audit_blocks where seal_id < %(cut)s)",
            {"cut": self._cut},
        )
        if rows + transactions > 0:
            yield Finding(
                "retention_incomplete",
                self._cut,
                expected="nothing from before",
                actual=f"{rows} rows, {transactions} transactions",
            )
        stated = {
            record.content.get("first_kept_seal")
            for record in self._records
            if record.op == "RETENTION" and isinstance(record.content, dict)
        }
        if not {self._cut, str(self._cut)} & stated:
            expected = "a RETENTION row of the log"
            yield Finding("retention_unrecorded", self._cut, expected=expected, actual="none")


def _listed(record: object, name: str, patterns: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what one REDACT row lists; an item that redaction never writes names nothing."""
    items = record.get(name) if isinstance(record, dict) else None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and all(
            re.fullmatch(pattern, str(item.get(name, ""))) for name, pattern in patterns.items()
        ):
            yield item
