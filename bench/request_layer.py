"""What the request layer costs a request: the same tiny application with it and without."""

import time
from http import HTTPStatus

import psycopg
from werkzeug.test import Client

from ..api.database import Database
from ..api.layers.protocol import Environ, StartResponse
from ..api.layers.request import RequestLayer
from ..core.errors import PlumbError
from ..core.migrate import migrate
from .lab import Lab, Plan, Row

DESCRIPTION = "one request in this process, behind the request layer against bare, in µs"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare requests through the layer with requests straight to the application.

    Args:
        lab: Where to measure.
        plan: How long and how often; one client.

    Raises:
        PlumbError: A request was refused.
    """
    database = Database(lab.create_database("request_layer", _fill))
    layer = RequestLayer(_answer, database, "bench")
    try:
        variants = {"bare": Client(_answer), "request layer": Client(layer)}
        values: dict[str, list[float]] = {name: [] for name in variants}
        for number in range(plan.rounds):
            # Every other round goes backward: the second variant has no advantage.
            for name in list(variants) if number % 2 == 0 else reversed(variants):
                values[name].append(_microseconds(variants[name], plan.seconds))
            spoken = ", ".join(f"{name} {values[name][-1]:.0f} µs" for name in variants)
            lab.report(f"round {number + 1} of {plan.rounds}: {spoken}")
    finally:
        layer.stop()
        database.close()
    ratios = [one / bare for one, bare in zip(values["request layer"], values["bare"], strict=True)]
    return [
        Row("bare", 1, "µs", values["bare"]),
        Row("request layer", 1, "µs", values["request layer"], ratios),
    ]


def _answer(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 HTTPStatus.OK", [("Content-Type", "text/plain")])
    return [b"ok"]


def _microseconds(client: Client, seconds: float) -> float:
    count = 0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        answer = client.get("/", environ_base={"REMOTE_ADDR": "127.0.0.1"})
        if answer.status_code != HTTPStatus.OK:
            raise PlumbError(f"a request was answered with {answer.status}")
        count += 1
    return (time.perf_counter() - started) * 1e6 / count


def _fill(url: str) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    with psycopg.connect(url) as connection:
        # The limit itself must stay out of the way: a refusal is another path.
        connection.execute("update plumb.rate_limits set requests_max = 1000000000")
