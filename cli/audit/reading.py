"""Streams the audit log's tables; trusts none of the database's code.

Rows are fetched in batches, so a log of any length takes little memory.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg

from .format import Block, Entry, Row, Seal

# Rows fetched at a time from the server.
BATCH_ROWS = 10_000

_cursor_numbers = count()

SEALS = """
    select seal_id, format, origin, is_opening, snapshot::text, adopted::text, transaction_count,
        row_count, members_hash, timestamptz_send(sealed_at), prev_hash, seal_hash, block_count
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
    from plumb.audit_rows as l {where}
    order by l.txid, l.base_seal, l.n, l.row_hash, l.prev_hash, l.relation
"""
BLOCKS = """
    select seal_id, block_number, txid::text::numeric, format, first_n, row_count, keys::text,
        lines, salts, digests, block_hash, prev_hash, link_hash
    from plumb.audit_blocks as b {where} order by b.seal_id, b.block_number, b.link_hash
"""
# What the log says of our own tables and no seal has taken yet.
INTAKE = """
    select i.txid::text::numeric, i.op, coalesce(i.new_row, i.old_row) ->> i.key, i.new_row::text
    from plumb.audit_intake as i
    where i.relation = %s order by i.txid, i.position
"""


@dataclass(frozen=True)
class Record:
    """What the log says about one of our own tables, in either format or not sealed yet.

    Args:
        place: Base seal, transaction and number.
        op: Such as REDACT, RETENTION or ACCEPT.
        record_key: The key, None for the table as a whole.
        content: Its new_row, parsed.
    """

    place: tuple[int | None, int | None, int | None]
    op: str | None
    record_key: str | None
    content: Any

    def order(self) -> list[tuple[bool, int]]:
        """Return what records sort by: null comes last, as it does in PostgreSQL."""
        return [(value is None, value or 0) for value in self.place]


def read_seals(
    connection: psycopg.Connection, where: str = "", parameters: Sequence[Any] = ()
) -> Iterator[Seal]:
    """Stream seals in order; `where` is a clause of our own, never of a user's."""
    for values in stream(connection, SEALS.format(where=where), parameters):
        yield Seal(*(*values[:9], _microseconds(values[9]), *values[10:]))


def read_entries(
    connection: psycopg.Connection,
    where: str = "",
    parameters: Sequence[Any] = (),
    order: str = BY_SEAL,
) -> Iterator[Entry]:
    """Stream sealed transactions of format 1, by seal or by transaction."""
    query = ENTRIES.format(where=where, order=order)
    for seal_id, txid, *rest in stream(connection, query, parameters):
        yield Entry(seal_id, _number(txid), *rest)


def read_rows(
    connection: psycopg.Connection, where: str = "", parameters: Sequence[Any] = ()
) -> Iterator[Row]:
    """Stream rows of format 1 by transaction and number."""
    for values in stream(connection, ROWS.format(where=where), parameters):
        base_seal, txid, n, format_, occurred_at, *rest = values
        yield Row(base_seal, _number(txid), n, format_, _microseconds(occurred_at), *rest)


def read_blocks(
    connection: psycopg.Connection, where: str = "", parameters: Sequence[Any] = ()
) -> Iterator[Block]:
    """Stream blocks of format 2 by seal and number."""
    for seal_id, number, txid, *rest in stream(connection, BLOCKS.format(where=where), parameters):
        yield Block(seal_id, number, _number(txid), *rest)


def read_own_records(
    connection: psycopg.Connection, relation: str, newest_seal: int
) -> list[Record]:
    """Return what the log says about one of our own tables, in order.

    Args:
        connection: A session that may read the log.
        relation: Such as plumb.audit_log, which stands for the log itself.
        newest_seal: From which what is not sealed yet starts.
    """
    records = [
        Record(
            (row.base_seal, row.txid, row.n),
            row.op,
            row.record_key,
            json.loads(row.new_row or "null"),
        )
        for row in read_rows(connection, "where l.relation = %s", [relation])
    ]
    number = table_number(relation)
    for block in read_blocks(
        connection, "where b.seal_id >= 0 and b.keys @> array[%s]::integer[]", [number]
    ):
        for line in split_lines(block.lines):
            said = read_line(line)
            if said.get("relation") == relation:
                place = (block.seal_id - 1, block.txid, said.get("n"))
                content = said.get("new_row")
                records.append(Record(place, said.get("op"), said.get("record_key"), content))
    for n, (txid, op, key, new_row) in enumerate(stream(connection, INTAKE, [relation])):
        content = json.loads(new_row or "null")
        records.append(Record((newest_seal, _number(txid), n), op, key, content))
    return sorted(records, key=Record.order)


def table_number(relation: str) -> int:
    """Return the number under which blocks that have rows of a table are indexed."""
    digest = hashlib.md5(relation.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big", signed=True)


def split_lines(lines: str | None) -> list[str]:
    """Return the lines of a block."""
    return lines.split("\n") if lines else []


def read_line(line: str) -> dict[str, Any]:
    """Return what a line says; nothing when the line was altered so that it says nothing."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def stream(
    connection: psycopg.Connection, query: str, parameters: Sequence[Any]
) -> Iterator[tuple[Any, ...]]:
    """Fetch a query's rows in batches."""
    # Several streams may be open at once, so each cursor has a name of its own.
    with connection.cursor(name=f"audit_{next(_cursor_numbers)}") as cursor:
        cursor.itersize = BATCH_ROWS
        yield from cursor.execute(query, parameters or None)


def _number(txid: Decimal | None) -> Any:
    return None if txid is None else int(txid)


def _microseconds(sent: bytes | None) -> Any:
    return None if sent is None else int.from_bytes(sent, "big", signed=True)
