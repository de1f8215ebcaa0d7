"""How fast the pages are: overview and incident, with months of history behind them."""

import time
from http import HTTPStatus
from typing import Any

import psycopg

from ..api import create_app
from ..api.config import Config
from ..core.errors import PlumbError
from . import shops
from .lab import FOLDER, QUICK, Lab, Plan, Row

DESCRIPTION = (
    "overview and incident page, p95 and CPU time in ms: a million log rows, 1,000 incidents"
)
# Rows of the audit log; the other histories shrink alike when quick.
LOG_ROWS = {True: 100_000, False: 1_000_000}
PAGES = {"overview": "/", "incident": "/view/incidents/1", "incidents": "/view/incidents"}
REQUESTS = {True: 20, False: 100}
SHARE = 0.95


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Open each page many times in this process, as a browser does.

    Args:
        lab: Where to measure.
        plan: Its rounds count.

    Raises:
        PlumbError: A page was not shown.
    """
    is_quick = plan.seconds <= QUICK.seconds
    url = lab.create_database("pages", shops.fill_audited)
    lab.report(f"writing {LOG_ROWS[is_quick]} audited rows and the histories of months")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        rows_wanted = str(LOG_ROWS[is_quick])
        connection.execute("select set_config('bench.log_rows', %s, false)", [rows_wanted])
        for script in ("history.sql", "pages.sql"):
            connection.execute((FOLDER / script).read_text(encoding="utf-8"))
        connection.execute("update plumb.rate_limits set requests_max = 1000000000")
    app = create_app(Config(url))
    client = app.test_client()
    rows = []
    for name, path in PAGES.items():
        _milliseconds(client, path)
        values, costs = [], []
        for _ in range(plan.rounds):
            before = lab.cpu_seconds() + time.process_time()
            took = sorted(_milliseconds(client, path) for _ in range(REQUESTS[is_quick]))
            # Beside other work a page takes longer, but no more CPU time.
            spent = lab.cpu_seconds() + time.process_time() - before
            costs.append(spent * 1000 / len(took))
            values.append(took[int(len(took) * SHARE)])
        lab.report(f"{name}: p95 {max(values):.0f} ms, CPU {max(costs):.0f} ms")
        rows += [Row(name, 1, "ms", values), Row(f"CPU of {name}", 1, "ms", costs)]
    app.extensions["plumbline"].stop()
    app.config["DATABASE"].close()
    return rows


def _milliseconds(client: Any, path: str) -> float:
    started = time.perf_counter()
    answer = client.get(path, headers={"Accept": "text/html"})
    took = time.perf_counter() - started
    if answer.status_code != HTTPStatus.OK:
        raise PlumbError(f"{path} was answered with {answer.status_code}")
    return took * 1000
