"""The service's way to the database: a small pool that a restart of the server cannot spoil.

Every session becomes plumb_api before its first statement, whatever DATABASE_URL's role may do,
so a mistake in this service can never use more rights than that role has.
"""

import json
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

# How often a waiting request looks whether connecting has failed meanwhile, in seconds.
FAILURE_POLL_SECONDS = 0.1


class DatabaseUnavailable(Exception):
    """No usable connection within the time a request may wait; the message says why."""


class Database:
    """Calls functions of schema plumb, each in a transaction of its own.

    The pool is made at the first call in each process, so that neither importing nor forking
    carries a connection along.

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
        self._setup = (
            f"set role plumb_api; set statement_timeout = '{int(statement_seconds)}s';"
            " set timezone = 'UTC'; set default_transaction_isolation = 'read committed'"
        )
        self._application_name = application_name
        self._lock = threading.Lock()
        self._pool: ConnectionPool | None = None
        self._process_id = 0
        self._failed_at = 0.0
        self._failure = ""

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
        named = [sql.SQL("{} => %s").format(sql.Identifier(name)) for name in given]
        query = sql.SQL("select {}({})::text").format(
            sql.Identifier("plumb", function), sql.SQL(", ").join(named)
        )
        with self._connection() as connection:
            return connection.execute(query, list(given.values())).fetchone()[0]

    def read(self, function: str, **arguments: object) -> dict:
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
        """Close the pool's connections; the next call would open a new pool."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None and self._process_id == os.getpid():
            pool.close(timeout=1)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        pool = self._open_pool()
        connection = self._take(pool)
        try:
            yield connection
        finally:
            pool.putconn(connection)

    def _open_pool(self) -> ConnectionPool:
        with self._lock:
            if self._pool is None or self._process_id != os.getpid():
                self._process_id = os.getpid()
                self._pool = ConnectionPool(
                    self._url,
                    connection_class=self._session_class(),
                    kwargs={
                        "autocommit": True,
                        "application_name": self._application_name,
                        "connect_timeout": max(round(self._connect_seconds), 1),
                        # A server that vanished without a word is given up after this long.
                        "tcp_user_timeout": 10_000,
                    },
                    min_size=1,
                    max_size=self._connections_max,
                    # Half a worker's threads may wait here; the others keep answering.
                    max_waiting=self._connections_max,
                    timeout=self._connect_seconds,
                    # The next request tries again at once instead of sitting out a backoff.
                    reconnect_timeout=0,
                    open=True,
                )
            return self._pool

    def _session_class(self) -> type[psycopg.Connection]:
        database = self

        class Session(psycopg.Connection):
            """A connection that has become plumb_api, or tells why it could not."""

            @classmethod
            def connect(cls, *args: object, **kwargs: object) -> psycopg.Connection:
                try:
                    connection = super().connect(*args, **kwargs)
                    try:
                        connection.execute(database._setup)
                    except BaseException:
                        connection.close()
                        raise
                except psycopg.Error as error:
                    database._failure = str(error).strip().splitlines()[0]
                    database._failed_at = time.monotonic()
                    raise
                return connection

        return Session

    def _take(self, pool: ConnectionPool) -> psycopg.Connection:
        """Return a living connection, waiting no longer than a request may.

        The wait is cut into slices: when connecting was refused meanwhile, the answer is known
        and nobody needs to sit out the rest.
        """
        started_at = time.monotonic()
        deadline = started_at + self._connect_seconds
        while True:
            remaining = deadline - time.monotonic()
            try:
                connection = pool.getconn(timeout=min(FAILURE_POLL_SECONDS, remaining))
            except TooManyRequests as error:
                raise DatabaseUnavailable("too many requests wait for a connection") from error
            except PoolTimeout as error:
                if self._failed_at >= started_at:
                    raise DatabaseUnavailable(self._failure) from error
                if time.monotonic() >= deadline:
                    reason = f"no connection within {self._connect_seconds:g} s"
                    raise DatabaseUnavailable(reason) from error
                continue
            if _is_alive(connection):
                return connection
            connection.close()
            pool.putconn(connection)


def _is_alive(connection: psycopg.Connection) -> bool:
    """Tell whether the server has not closed an idle connection; costs no round trip.

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
    except psycopg.Error:
        return False
    return True
