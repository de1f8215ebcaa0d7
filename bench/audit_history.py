"""Looking one row up in a log of ten million rows, and what the index for it costs sealing."""

import statistics
import time

import psycopg

from . import shops
from .audit_checkout import SEAL
from .lab import FOLDER, QUICK, Lab, Plan, Row

DESCRIPTION = "row_history in a log of ten million rows; checkouts without the index it reads"
# Log rows, and the keys they belong to: each key has ten versions.
LOG_ROWS = {True: 100_000, False: 10_000_000}
VERSIONS = 10
LOOKUPS_PER_ROUND = 20
# Without the index the log cannot be searched: the checkouts show what it costs, nothing else.
DROP_INDEX = "drop index plumb.audit_blocks_keys_idx"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Look rows up, then compare writers with and without the index.

    Args:
        lab: Where to measure.
        plan: Its rounds count.
    """
    variants = {"indexed": shops.audited(lab), "no index": lab.create_database("bare_log", _drop)}
    rows = lab.compare(variants, "checkout.sql", plan, dict.fromkeys(variants, SEAL))
    log_rows = LOG_ROWS[plan.seconds <= QUICK.seconds]
    lab.report(f"writing a log of {log_rows} rows")
    with psycopg.connect(variants["indexed"], autocommit=True) as connection:
        grow = (FOLDER / "long_log.sql").read_text(encoding="utf-8")
        connection.execute(grow.format(log_rows=log_rows, versions=VERSIONS))
        connection.execute("vacuum (analyze) plumb.audit_blocks")
        values = [_milliseconds(connection, log_rows) for _ in range(plan.rounds)]
    lab.report(f"row history among {log_rows} rows: {statistics.median(values):.1f} ms")
    return [*rows, Row(f"history of {log_rows}", 1, "ms", values)]


def _milliseconds(connection: psycopg.Connection, log_rows: int) -> float:
    keys = connection.execute(
        "select (1e9 + trunc(random() * %s))::bigint::text from generate_series(1, %s)",
        [log_rows // VERSIONS, LOOKUPS_PER_ROUND],
    ).fetchall()
    took = []
    for (key,) in keys:
        started = time.perf_counter()
        found = connection.execute(
            "select * from plumb.row_history('retail.payments', %s)", [key]
        ).fetchall()
        took.append((time.perf_counter() - started) * 1000)
        assert len(found) == VERSIONS
    return statistics.median(took)


def _drop(url: str) -> None:
    shops.fill_audited(url)
    with psycopg.connect(url) as connection:
        connection.execute(DROP_INDEX)
