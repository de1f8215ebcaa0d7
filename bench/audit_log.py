"""What the audit log does with what was written: sealing, verifying, looking a row up, its size."""

import statistics
import time
from typing import Any

import psycopg

from ..core.rows import fetch_value
from ..core.statements import statement
from . import shops
from .lab import QUICK, Lab, Plan, Row

DESCRIPTION = "sealing 10,000 transactions, verifying rows per second, row history, bytes per row"
SEALED_TRANSACTIONS = 10_000
# Rows of the log when it is verified and searched: few when quick, else as in a busy shop's month.
LOG_ROWS = {True: 100_000, False: 1_000_000}
ROWS_PER_TRANSACTION = 10
COUNT = "select sum(row_count)::bigint from plumb.audit_blocks"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Measure one audited shop; there is no baseline, because no other tool does this.

    Args:
        lab: Where to measure.
        plan: Its rounds count.
    """
    url = shops.audited(lab)
    with psycopg.connect(url, autocommit=True) as connection:
        # What is written here is measured later; it need not reach the disk one by one.
        connection.execute("set synchronous_commit = off")
        connection.execute("select plumb.seal_audit()")
        rows = [_sealing(lab, connection, plan)]
        log_rows = LOG_ROWS[plan.seconds <= QUICK.seconds]
        lab.report(f"writing a log of {log_rows} rows")
        connection.execute(_write(log_rows // ROWS_PER_TRANSACTION, ROWS_PER_TRANSACTION))
        rows.append(_sealing_a_backlog(lab, connection, log_rows))
        connection.execute("vacuum (analyze) plumb.audit_blocks, plumb.audit_intake")
        rows += [
            _verifying(lab, connection, plan),
            _verifying_what_is_new(lab, connection, plan),
            _history(connection, plan),
            _size(connection),
        ]
    return rows


def _timed(
    connection: psycopg.Connection, query: str, parameters: list[Any] | None = None
) -> float:
    started = time.perf_counter()
    connection.execute(query, parameters).fetchall()
    return (time.perf_counter() - started) * 1000


def _sealing(lab: Lab, connection: psycopg.Connection, plan: Plan) -> Row:
    values = []
    for _ in range(plan.rounds):
        connection.execute(_write(SEALED_TRANSACTIONS, 1))
        values.append(_timed(connection, "select plumb.run_seal()"))
    lab.report(f"sealing {SEALED_TRANSACTIONS} transactions: {statistics.median(values):.0f} ms")
    return Row(f"seal {SEALED_TRANSACTIONS} transactions", 1, "ms", values)


def _sealing_a_backlog(lab: Lab, connection: psycopg.Connection, log_rows: int) -> Row:
    started = time.perf_counter()
    steps = 0
    while fetch_value(connection, "select exists (select from plumb.audit_intake)"):
        connection.execute("select plumb.seal_audit()")
        steps += 1
    speed = log_rows / (time.perf_counter() - started)
    lab.report(f"sealing a backlog of {log_rows} rows in {steps} steps: {speed:.0f} rows/s")
    return Row(f"seal a backlog of {log_rows} rows", 1, "rows/s", [speed])


def _verifying(lab: Lab, connection: psycopg.Connection, plan: Plan) -> Row:
    count = fetch_value(connection, COUNT)
    values = []
    for _ in range(plan.rounds):
        milliseconds = _timed(connection, "select * from plumb.verify_audit()")
        values.append(count / milliseconds * 1000)
    lab.report(f"verifying {count} rows: {statistics.median(values):.0f} rows/s")
    return Row(f"verify {count} rows", 1, "rows/s", values)


def _verifying_what_is_new(lab: Lab, connection: psycopg.Connection, plan: Plan) -> Row:
    values = []
    for _ in range(plan.rounds):
        newest = fetch_value(connection, "select max(seal_id) from plumb.seals")
        connection.execute(_write(100, ROWS_PER_TRANSACTION))
        connection.execute("select plumb.seal_audit()")
        values.append(
            _timed(connection, "select * from plumb.verify_audit(%s::bigint)", [newest + 1])
        )
    lab.report(f"verifying the newest 1,000 rows: {statistics.median(values):.0f} ms")
    return Row("verify the newest 1,000 rows", 1, "ms", values)


def _write(transactions: int, rows: int) -> str:
    """Return a statement that writes payments, so many rows in each transaction."""
    return statement(__package__, "write_log").format(transactions=transactions, rows=rows)


def _history(connection: psycopg.Connection, plan: Plan) -> Row:
    keys = connection.execute(
        statement(__package__, "random_keys"),
        [plan.rounds * 10],
    ).fetchall()
    values = [
        _timed(connection, "select * from plumb.row_history('retail.payments', %s)", [key])
        for (key,) in keys
    ]
    return Row("row history", 1, "ms", values)


def _size(connection: psycopg.Connection) -> Row:
    size = fetch_value(
        connection,
        statement(__package__, "log_bytes_per_row"),
    )
    return Row("log per audited row", 1, "bytes", [size])
