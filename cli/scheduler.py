"""Runs the jobs from outside, for servers whose pg_cron does not.

It does what pg_cron does, by the schedule in plumb.jobs: each job in transactions of its own, as
the role plumb_worker. Any number of these may run beside each other and beside pg_cron, because
every run claims its job. Where the server has no plpython3u, it delivers the alerts as well.
"""

import argparse
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import psycopg

from ..core.errors import PlumbError
from ..core.explain import explained, first_line
from ..core.output import say
from ..core.rows import fetch_value
from ..core.session import open_session
from .dispatch import dispatch

APPLICATION_NAME = "plumb scheduler"
# One session for each: jobs that may take long wait for each other, never the others for them.
TIMEOUT_SECONDS_MAX = (120, 300, None)
# How long a session waits until it looks again for what is due: the shortest interval of a job.
PAUSE_SECONDS = 1
RECONNECT_SECONDS_MAX = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--once", action="store_true", help="run what is due now and end")


def run(arguments: argparse.Namespace) -> int:
    """Run jobs until interrupted, or once.

    Returns:
        0 when everything due was run; how each run ended stands in plumb.cron_status.

    Raises:
        PlumbError: The database cannot be reached, or has no jobs.
    """
    from ..core.target import database_url

    url = database_url()
    with explained("no job was run"):
        session = _connect(url)
        if arguments.once:
            with session:
                _run_due(session, None)
                _deliver(session)
            return 0
        name = session.info.dbname
        session.close()
    say(f"runs the jobs of {name} as they are due; interrupt it to stop")
    for limit in TIMEOUT_SECONDS_MAX:
        step = partial(_run_due, limit=limit)
        threading.Thread(target=_repeat, args=(url, step), daemon=True).start()
    _repeat(url, _deliver)
    return 0


def _connect(url: str) -> psycopg.Connection:
    """Open a session that is what pg_cron's are: of plumb_worker, and in UTC."""
    session = open_session(url, APPLICATION_NAME, autocommit=True)
    try:
        if not fetch_value(session, "select to_regclass('plumb.jobs') is not null"):
            raise PlumbError(
                f"database {session.info.dbname} has no jobs of Plumbline",
                "./plumb up or ./plumb migrate installs them.",
            )
        session.execute("set timezone = 'UTC'")
        # Where there is no such role, the jobs run as whoever installed them.
        with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue):
            session.execute("set role plumb_worker")
    except BaseException:
        session.close()
        raise
    return session


def _run_due(session: psycopg.Connection, limit: int | None) -> None:
    session.execute("call plumb.run_due_jobs(%s)", [limit])


def _deliver(session: psycopg.Connection) -> None:
    if not fetch_value(session, "select to_regproc('plumb.py_post') is not null"):
        for line in dispatch(session):
            say(line)


def _repeat(url: str, step: Callable[[psycopg.Connection], None]) -> None:
    """Take a step again and again, however often the database goes and comes back."""
    failures = 0
    while True:
        try:
            with _connect(url) as session:
                while True:
                    step(session)
                    failures = 0
                    time.sleep(PAUSE_SECONDS)
        except psycopg.Error as error:
            print(f"plumb: {first_line(error)}", file=sys.stderr, flush=True)
        except PlumbError as error:
            print(f"plumb: {error}", file=sys.stderr, flush=True)
        failures += 1
        time.sleep(min(2**failures, RECONNECT_SECONDS_MAX))
