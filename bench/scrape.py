"""What a scrape of /metrics costs a new database, and one that has been guarding for months."""

import statistics
import time
from http import HTTPStatus

import psycopg
from werkzeug.test import Client

from ..api import create_app
from ..api.config import Config
from ..core.errors import PlumbError
from ..core.migrate import migrate
from . import shops
from .lab import FOLDER, QUICK, Lab, Plan, Row

DESCRIPTION = "GET /metrics in this process, a new database against a million audited rows, in ms"
# Rows of the audit log; the other histories shrink alike when quick.
LOG_ROWS = {True: 100_000, False: 1_000_000}
# What Prometheus asks for in five minutes.
SCRAPES_PER_ROUND = 20


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Scrape both databases in turn.

    Args:
        lab: Where to measure.
        plan: How often; one client.

    Raises:
        PlumbError: A scrape was answered with an error.
    """
    log_rows = LOG_ROWS[plan.seconds <= QUICK.seconds]
    urls = {"new": lab.create_database("scrape_new", _fill), "old": shops.audited(lab)}
    lab.report(f"writing {log_rows} audited rows and the histories of months")
    _grow_old(urls["old"], log_rows)
    names = {"new": "new database", "old": f"{log_rows} audited rows"}
    apps = {name: create_app(Config(url)) for name, url in urls.items()}
    values: dict[str, list[float]] = {name: [] for name in urls}
    try:
        for number in range(plan.rounds):
            # Every other round goes backward: the second variant has no advantage.
            for name in list(apps) if number % 2 == 0 else reversed(apps):
                values[name].append(_milliseconds(Client(apps[name])))
            spoken = ", ".join(f"{names[name]} {values[name][-1]:.1f} ms" for name in apps)
            lab.report(f"round {number + 1} of {plan.rounds}: {spoken}")
    finally:
        for app in apps.values():
            app.extensions["plumbline"].stop()
            app.config["DATABASE"].close()
    ratios = [old / new for old, new in zip(values["old"], values["new"], strict=True)]
    return [
        Row(names["new"], 1, "ms", values["new"]),
        Row(names["old"], 1, "ms", values["old"], ratios),
    ]


def _milliseconds(client: Client) -> float:
    took = []
    for _ in range(SCRAPES_PER_ROUND):
        started = time.perf_counter()
        answer = client.get("/metrics")
        took.append((time.perf_counter() - started) * 1000)
        if answer.status_code != HTTPStatus.OK:
            raise PlumbError(f"a scrape was answered with {answer.status}")
    return statistics.median(took)


def _fill(url: str) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    _run_jobs(url)


def _grow_old(url: str, log_rows: int) -> None:
    history = (FOLDER / "history.sql").read_text(encoding="utf-8")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        connection.execute("select set_config('bench.log_rows', %s, false)", [str(log_rows)])
        connection.execute(history)
        connection.execute("select plumb.seal_audit()")
        connection.execute("vacuum (analyze)")
    _run_jobs(url)


def _run_jobs(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for function in ("run_perf", "check_invariants", "score_health"):
            connection.execute(f"select plumb.{function}()")
