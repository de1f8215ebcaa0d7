"""The database's record of a deployment, and the session that writes it.

The session holds the lock that keeps other deployments out. It may be lost at any moment, since
what is deployed may well restart the database; then another one takes its place.
"""

import os
import socket
import time
from typing import Any

import psycopg

from ...core.rows import fetch_row
from ...core.session import open_session
from ...core.statements import statement


class Record:
    """The database's record of a deployment, over a session that comes back when it is lost."""

    def __init__(self, url: str) -> None:
        """Connect.

        Args:
            url: The database's.

        Raises:
            psycopg.Error: It cannot be reached.
        """
        self._url = url
        self.deployment_id: int | None = None
        self.host = socket.gethostname()
        self._connection = self._connect()

    def _connect(self) -> psycopg.Connection:
        # A server that vanished without a word is noticed within seconds, not hours.
        connection = open_session(
            self._url,
            "plumb deploy",
            autocommit=True,
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10000,
        )
        connection.execute("set statement_timeout = '60s'")
        # And the server notices that we vanished, and lets go of our lock.
        connection.execute(statement(__package__, "set_keepalives"))
        return connection

    @property
    def connection(self) -> psycopg.Connection:
        """The session as it is now."""
        return self._connection

    def ask(self, query: str, *values: object) -> Any:
        """Return the first row of a query, asked again on a new session if this one is lost.

        Raises:
            psycopg.Error: The database refused; or the session is lost and cannot be had again
                now: then `is_lost` is true.
        """
        if self.is_lost:
            self._resume()
        try:
            return fetch_row(self._connection, query, values)
        except psycopg.Error:
            if not self.is_lost:
                raise
        self._resume()
        return fetch_row(self._connection, query, values)

    def ask_patiently(self, seconds_max: float, query: str, *values: object) -> Any:
        """Like `ask`, but wait some seconds for the database to come back."""
        deadline = time.monotonic() + seconds_max
        while True:
            try:
                return self.ask(query, *values)
            except psycopg.Error as error:
                if not is_outage(error) or time.monotonic() > deadline:
                    raise
                time.sleep(1)

    @property
    def is_lost(self) -> bool:
        """Whether the session is gone."""
        return self._connection.closed

    def _resume(self) -> None:
        self._connection.close()
        connection = self._connect()
        try:
            if self.deployment_id is not None:
                connection.execute(
                    "select plumb.resume_deployment(%s, %s, %s)",
                    [self.deployment_id, self.host, os.getpid()],
                )
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def close(self) -> None:
        """End the session, and with it the lock."""
        self._connection.close()


def is_outage(error: psycopg.Error) -> bool:
    """Whether waiting may help: no server, a session cut off, or its ghost holding our lock."""
    return (
        isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        or error.sqlstate == "PL004"
    )
