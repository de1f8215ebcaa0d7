"""Delivers alerts from outside, for servers that cannot have plpython3u.

It does what the dispatch job does, through the same SQL, and runs the very text of the
server's own PL/Python functions: there is one sender, wherever it runs.
"""

import argparse
import json
import sys
import textwrap
import time
from base64 import b64decode
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg

from ..core.explain import explained, first_line
from ..core.output import say
from ..core.rows import fetch_value
from ..core.session import open_session

RECONNECT_SECONDS_MAX = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--once", action="store_true", help="send what is due now and end")


def run(arguments: argparse.Namespace) -> int:
    """Deliver until interrupted, or once.

    Returns:
        0 when everything due was attempted.
    """
    from ..core.target import database_url

    url = database_url()
    with explained():
        connection = _connect(url)
        while True:
            try:
                with connection:
                    _deliver(connection, arguments.once)
                return 0
            except psycopg.OperationalError as error:
                if arguments.once:
                    raise
                print(f"plumb: {first_line(error)}", file=sys.stderr, flush=True)
                connection = _connect_again(url)


def _connect(url: str) -> psycopg.Connection:
    return open_session(url, "plumb dispatch", autocommit=True)


def _connect_again(url: str) -> psycopg.Connection:
    """Wait until the database is back, however long that takes."""
    pause = 1
    while True:
        try:
            return _connect(url)
        except psycopg.OperationalError:
            time.sleep(pause)
            pause = min(2 * pause, RECONNECT_SECONDS_MAX)


def _deliver(connection: psycopg.Connection, once: bool) -> None:
    while True:
        for line in dispatch(connection):
            say(line)
        if once:
            return
        time.sleep(_setting(connection, "dispatch_interval_ms") / 1000)


def dispatch(connection: psycopg.Connection) -> list[str]:
    """Deliver everything that is due.

    Args:
        connection: An autocommit connection of plumb_worker or a superuser; no transaction is
            open while a receiver is waited for.

    Returns:
        One line per batch, such as `3 delivered`.
    """
    request_text, send, read_answer, send_mail = (
        plpython(name) for name in ("py_http_request", "py_post", "py_http_answer", "py_send_mail")
    )
    lines: list[str] = []
    while True:
        connection.execute("select plumb.prepare_deliveries()")
        connection.execute("select plumb.claim_deliveries('outside')")
        requests = fetch_value(connection, "select plumb.claimed_requests()")
        if requests is None:
            return lines
        now = int(time.time())
        mails = [request for request in requests if "mail" in request]
        requests = [request for request in requests if "mail" not in request]
        for request in requests:
            request["text"] = request_text(p_request=json.dumps(request), p_now=now)
        ca_file = fetch_value(connection, "select plumb.setting('alert_ca_file')")
        connect_seconds_max = _setting(connection, "delivery_connect_seconds_max")
        results = json.loads(
            send(
                p_requests=json.dumps(requests),
                p_seconds_max=_setting(connection, "delivery_seconds_max"),
                p_connect_seconds_max=connect_seconds_max,
                p_ca_file=ca_file,
            )
        ) + json.loads(
            send_mail(
                p_requests=json.dumps(mails), p_seconds_max=connect_seconds_max, p_ca_file=ca_file
            )
        )
        for result in results:
            if "raw" in result:
                raw = b64decode(result.pop("raw"))
                result.update(json.loads(read_answer(p_raw=raw, p_now=now)))
        lines.append(
            fetch_value(connection, "select plumb.record_deliveries(%s)", [json.dumps(results)])
        )


def plpython(name: str) -> Callable[..., str]:
    """Compile the body of one of db/functions/alerts' PL/Python functions for use out here.

    Args:
        name: The function's name; its arguments become keyword arguments, jsonb as text.

    Returns:
        The function.
    """
    path = Path(str(files("plumbline.db"))) / "functions" / "alerts" / f"{name}.sql"
    body = path.read_text(encoding="utf-8").split("$$")[1]
    source = f"def {name}():\n{textwrap.indent(body, '    ')}"

    def call(**arguments: object) -> str:
        # As in the server, the arguments are globals of the body.
        names: dict[str, Any] = dict(arguments)
        exec(compile(source, str(path), "exec"), names)
        result: str = names[name]()
        return result

    return call


def _setting(connection: psycopg.Connection, name: str) -> float:
    return float(fetch_value(connection, "select plumb.setting_number(%s)", [name]))
