"""The service's few connections to the database, which are renewed after it restarts.

Every session becomes plumb_api before its first statement, whatever DATABASE_URL's role may do,
so a mistake in this service can never use more rights than that role has.

There is no pool library here on purpose: psycopg_pool connects in the background, so a request
that waits learns neither that connecting failed nor why, and during an outage the requests that
gave up stay in its queue. Connecting in the request that needs it answers at once, and rightly.
"""

import functools
import json
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from ..core.explain import first_line
from ..core.rows import fetch_value
from ..core.session import SETUP
from ..core.statements import statement

# Connections are renewed after this long, so that none keeps a server's old settings for ever.
CONNECTION_SECONDS_MAX = 3600
# When no connection came free for so long, those in use hang, and waiting for one would only take
# the service's last threads from requests that need no database.
STALL_SECONDS = 1.0
# Who comes now waits at least so long, for a connection may be changing hands at this instant.
WAIT_SECONDS_MIN = 0.05
# Calls remembered with their quoted names; there are fewer functions than that.
QUERIES_MAX = 500


class DatabaseUnavailable(Exception):
    """No usable connection within the time a request may wait; the message says why."""


class _Session(psycopg.Connection[TupleRow]):
    """A connection whose every wait ends: a server that hangs cannot end its own statements."""

    wait_seconds: float = 60.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server as psycopg does, but not for ever.

        Args:
            gen: What psycopg waits for.
            interval: How often it looks for signals, in seconds.
            timeout: A shorter limit of psycopg's own, in seconds.

        Raises:
            DatabaseUnavailable: The server did not answer in time.
        """
        limit = self.wait_seconds if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except psycopg.errors._WaitTimeout as error:
            raise DatabaseUnavailable(f"no answer within {limit:g} s") from error


class Database:
    """Calls functions of schema plumb, each in a transaction of its own.

    Connections are made by the first calls of each process, so that neither importing nor
    forking carries one along.

    Args:
        url: libpq URL of a role that may `set role plumb_api`.
        connections_max: Most connections of one process.
        connect_seconds: Longest wait for a connection.
        statement_seconds: Longest run of one statement.
        application_name: How the sessions call themselves in pg_stat_activity.
    """

    def __init__(
        self,
        url: str,
        *,
        connections_max: int = 4,
        connect_seconds: float = 2.0,
        statement_seconds: int = 5,
        application_name: str = "plumb api",
    ) -> None:
        """Keep the parameters; connect to nothing."""
        self._url = url
        self._connections_max = connections_max
        self._connect_seconds = connect_seconds
        self._statement_seconds = statement_seconds
        self._setup = "; ".join(
            (
                SETUP,
                statement(__package__, "become_api"),
                f"set statement_timeout = '{int(statement_seconds)}s'",
                "set timezone = 'UTC'",
            )
        )
        self._application_name = application_name
        self._reset()

    def call(self, function: str, **arguments: object) -> str | None:
        """Call a function of schema plumb and return its result as text.

        Args:
            function: Its name without schema.
            **arguments: Its named arguments; those that are None are left to their defaults.

        Raises:
            DatabaseUnavailable: No connection could be had in time.
            psycopg.Error: What the function raised, or the connection broke meanwhile.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        query = _query(function, tuple(given))
        with self._connection() as connection:
            text: str | None = fetch_value(connection, query, list(given.values()))
            return text

    def read(self, function: str, **arguments: object) -> Any:
        """Call a function that returns a JSON object and return it parsed.

        Args:
            function: As for `call`.
            **arguments: As for `call`.

        Raises:
            DatabaseUnavailable: As for `call`.
            psycopg.Error: As for `call`.
        """
        return json.loads(self.call(function, **arguments) or "{}")

    def close(self) -> None:
        """Close the idle connections; later calls open new ones."""
        if self._process_id == os.getpid():
            while self._idle:
                self._idle.pop()[0].close()

    def _reset(self) -> None:
        self._process_id = os.getpid()
        self._permits = threading.BoundedSemaphore(self._connections_max)
        self._lent_at = time.monotonic()
        self._probing = threading.Lock()
        # The newest connection last: those that are not needed grow old and are closed.
        self._idle: list[tuple[psycopg.Connection, float]] = []
        self._failure = ""

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        if self._process_id != os.getpid():
            self._reset()
        self._wait_for_permit()
        try:
            connection, made_at = self._take()
            try:
                yield connection
            finally:
                is_idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
                if is_idle and time.monotonic() < made_at + CONNECTION_SECONDS_MAX:
                    self._idle.append((connection, made_at))
                else:
                    connection.close()
        finally:
            self._permits.release()

    def _wait_for_permit(self) -> None:
        begun_at = now = time.monotonic()
        gives_up_at = begun_at
        while not self._permits.acquire(timeout=max(gives_up_at - now, 0)):
            now = time.monotonic()
            gives_up_at = min(
                begun_at + self._connect_seconds,
                max(self._lent_at + STALL_SECONDS, begun_at + WAIT_SECONDS_MIN),
            )
            if now >= gives_up_at:
                raise DatabaseUnavailable(
                    f"all {self._connections_max} connections are busy,"
                    f" the last one came free {now - self._lent_at:.1f} s ago"
                )
        self._lent_at = time.monotonic()

    def _take(self) -> tuple[psycopg.Connection, float]:
        while self._idle:
            try:
                connection, made_at = self._idle.pop()
            except IndexError:  # another thread took the last one meanwhile
                break
            if _is_alive(connection):
                return connection, made_at
            connection.close()
        return self._connect(), time.monotonic()

    def _connect(self) -> psycopg.Connection:
        """Return a new session as plumb_api.

        While the database is known to be away, one request at a time finds out whether it is
        back; the others get the known answer at once instead of queueing up behind a timeout.
        """
        known = self._failure
        if known and not self._probing.acquire(blocking=False):
            raise DatabaseUnavailable(known)
        try:
            connection = _Session.connect(
                self._url,
                autocommit=True,
                application_name=self._application_name,
                client_encoding="UTF8",
                connect_timeout=max(round(self._connect_seconds), 1),
                # A server that vanished without a word is given up after this long.
                tcp_user_timeout=10_000,
            )
            # The server's own limit comes first; it keeps the session usable.
            connection.wait_seconds = self._statement_seconds + 1
            try:
                connection.execute(self._setup)
            except BaseException:
                connection.close()
                raise
        except (psycopg.Error, DatabaseUnavailable) as error:
            self._failure = first_line(error)
            raise DatabaseUnavailable(self._failure) from error
        finally:
            if known:
                self._probing.release()
        self._failure = ""
        return connection


@functools.lru_cache(maxsize=QUERIES_MAX)
def _query(function: str, names: tuple[str, ...]) -> str:
    # Quoting the names costs half as much as a whole short call, so it is done once.
    named = [sql.SQL("{} => %s").format(sql.Identifier(name)) for name in names]
    query = sql.SQL("select {}({})::text").format(
        sql.Identifier("plumb", function), sql.SQL(", ").join(named)
    )
    return query.as_string()


def _is_alive(connection: psycopg.Connection) -> bool:
    """Return whether the server has not closed an idle connection; costs no round trip.

    A server that goes says so on the socket, and a server that has nothing to say leaves it
    silent, so only a socket with something to read is worth asking.
    """
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return True
    try:
        connection.execute("")
    except (psycopg.Error, DatabaseUnavailable):
        return False
    return True
