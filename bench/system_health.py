"""How fast /system-health answers 200 requests a second, and that none fails.

The load is open: a request is due at its time whether or not the one before was answered, and its
latency counts from then, so that a stall is paid by all that had to wait for it.
"""

import http.client
import os
import subprocess
import sys
import threading
import time
from http import HTTPStatus

import psycopg

from ..core.errors import PlumbError
from ..core.host import free_port
from ..core.migrate import migrate
from .lab import Lab, Plan, Row

DESCRIPTION = "200 requests a second to /system-health, latency in ms; an error fails it"
REQUESTS_PER_SECOND = 200
CLIENTS = 8
# A minute where other benchmarks run five seconds: rare stalls need time to show.
SECONDS_FACTOR = 12
START_SECONDS_MAX = 30
WARM_UP_SECONDS = 2


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Measure the service as its real process.

    Args:
        lab: Where to measure.
        plan: How long, times SECONDS_FACTOR, and how often.

    Raises:
        PlumbError: The service did not start, or a request failed.
    """
    url, port = lab.create_database("system_health", _fill), free_port()
    service = subprocess.Popen(
        [sys.executable, "-m", "plumbline.api", "--quiet"],
        env=os.environ | {"DATABASE_URL": url, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    medians, tails = [], []
    try:
        _wait(port)
        # The first connections and plans of each process are no part of how fast it answers.
        _load(port, WARM_UP_SECONDS)
        for number in range(plan.rounds):
            took = _load(port, plan.seconds * SECONDS_FACTOR)
            medians.append(took[len(took) // 2] * 1000)
            tails.append(took[int(len(took) * 0.99)] * 1000)
            lab.report(
                f"round {number + 1} of {plan.rounds}: {len(took)} requests,"
                f" p50 {medians[-1]:.1f} ms, p99 {tails[-1]:.1f} ms, no error"
            )
    finally:
        service.terminate()
        service.wait(timeout=30)
    ratios = [tail / median for tail, median in zip(tails, medians, strict=True)]
    return [Row("p50", CLIENTS, "ms", medians), Row("p99", CLIENTS, "ms", tails, ratios)]


def _load(port: int, seconds: int) -> list[float]:
    took: list[float] = []
    errors: list[str] = []
    begins = time.perf_counter() + 0.2
    step = CLIENTS / REQUESTS_PER_SECOND

    def run(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for number in range(round(seconds / step)):
            due = begins + client / REQUESTS_PER_SECOND + number * step
            time.sleep(max(due - time.perf_counter(), 0))
            try:
                connection.request("GET", "/system-health")
                answer = connection.getresponse()
                answer.read()
                if answer.status != HTTPStatus.OK:
                    errors.append(f"status {answer.status}")
            except (OSError, http.client.HTTPException) as error:
                errors.append(repr(error))
                connection.close()
            took.append(time.perf_counter() - due)

    threads = [threading.Thread(target=run, args=[client]) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise PlumbError(f"{len(errors)} of {len(took)} requests failed: {errors[0]}")
    return sorted(took)


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise PlumbError("the service did not start within 30 s") from error
            time.sleep(0.2)
        finally:
            connection.close()


def _fill(url: str) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    with psycopg.connect(url) as connection:
        connection.execute("update plumb.rate_limits set requests_max = 1000000000")
        connection.execute("select plumb.check_invariants()")
        connection.execute("select plumb.score_health()")
