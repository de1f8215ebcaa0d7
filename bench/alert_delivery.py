"""Delivery of ten thousand alerts to three receivers, of which one is dead and one is slow."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

from ..core.errors import PlumbError
from ..core.host import free_port
from ..core.migrate import migrate
from ..core.rows import fetch_value
from ..core.statements import statement
from .lab import QUICK, Lab, Plan, Row

DESCRIPTION = "alerts delivered a second with one receiver dead and one slow; none lost, none twice"
ALERTS = {True: 500, False: 10_000}
SLOW_ANSWER_SECONDS = 0.01
# Alerts as an escalated incident makes them, all at once.
QUEUE = statement(__package__, "queue_alerts")
LEFT = statement(__package__, "count_undelivered")


class Receiver:
    """A real HTTP server that counts what it took.

    Args:
        answer_seconds: How long it thinks before each answer.
    """

    def __init__(self, answer_seconds: float = 0) -> None:
        """Start listening on a free port."""
        self.taken: Counter[str] = Counter()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(answer_seconds)
                receiver.taken[body["messageId"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Queue alerts and run the dispatcher until both living receivers have them all.

    Args:
        lab: Where to measure.
        plan: Its rounds count.

    Raises:
        PlumbError: An alert was lost, or delivered twice.
    """
    count = ALERTS[plan.seconds <= QUICK.seconds]
    receivers = {"quick": Receiver(), "slow": Receiver(SLOW_ANSWER_SECONDS)}
    urls = {name: receiver.url for name, receiver in receivers.items()}
    urls["dead"] = f"http://127.0.0.1:{free_port()}/"
    database = lab.create_database("alert_delivery", lambda url: _fill(url, urls))
    values = []
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            for number in range(plan.rounds):
                connection.execute(QUEUE, [count])
                started = time.perf_counter()
                while fetch_value(connection, LEFT):
                    connection.execute("call plumb.run_job('dispatch', true)")
                values.append(count / (time.perf_counter() - started))
                _check(receivers, count * (number + 1))
                lab.report(f"round {number + 1} of {plan.rounds}: {values[-1]:.0f} alerts/s")
    finally:
        for receiver in receivers.values():
            receiver.server.shutdown()
            receiver.server.server_close()
    return [Row(f"{count} alerts", 1, "alerts/s", values)]


def _check(receivers: dict[str, Receiver], count: int) -> None:
    for name, receiver in receivers.items():
        taken = receiver.taken
        if len(taken) != count or taken.total() != count:
            raise PlumbError(
                f"receiver {name} took {len(taken)} of {count} alerts, {taken.total()} times in all"
            )


def _fill(url: str, urls: dict[str, str]) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    with psycopg.connect(url) as connection:
        for name, address in urls.items():
            connection.execute(
                statement(__package__, "add_destination"),
                [name],
            )
            connection.execute("select plumb.connect_destination(%s, %s)", [name, address])
