"""A cluster that exists for one drill: it shares no role, no setting and no port with another.

It stands in PLUMB_HOME/drill, listens on a socket in a directory that only the server's account
can open, and asks everybody for a password. A lock on its directory lives as long as the drill,
so that the next run finds what a killed one left, and removes it.
"""

import contextlib
import fcntl
import os
import re
import secrets
import shlex
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ...core.cluster import Cluster
from ...core.errors import PlumbError
from ...core.host import free_port, make_service_directory
from ...core.programs import address
from ...core.session import open_session
from .shadow import NoShadow, create_database, maintenance

DIRECTORY = "drill"
DATABASE = "copy"
NAME = re.compile("[0-9a-f]{8}")

SETTINGS = {
    "listen_addresses": "",
    # It is thrown away, so nothing of it has to outlive a crash.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "20",
    "max_worker_processes": "8",
    "track_io_timing": "off",
    "log_lock_waits": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    # The drill reports what fails; the log must not grow with what a copy says.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


class ThrowawayShadow:
    """A cluster for one drill.

    Args:
        home: PLUMB_HOME.
        major: The major version of the server that was dumped.
    """

    role = "plumb_drill"

    def __init__(self, home: Path, major: int) -> None:
        """Name it; nothing is there yet."""
        self.url = ""
        self._parent = home / DIRECTORY
        self._major = major
        self._cluster: Cluster | None = None
        self._lock: int | None = None

    def renew(self, locale: dict[str, str]) -> None:
        """Create and start it, with an empty database.

        Args:
            locale: The options of `create database` for that of the database that was dumped.

        Raises:
            NoShadow: This machine cannot run one; the message says why.
        """
        try:
            make_service_directory(self._parent)
            remove_leftovers(self._parent.parent)
            self._start()
        except (PlumbError, OSError, psycopg.Error) as error:
            raise NoShadow(
                f"no cluster for the drill can be made here: {error}",
                "Repair that, or name a database of another server in SHADOW_DB_URL.",
            ) from error
        with maintenance(self.url) as server:
            create_database(server, DATABASE, locale)
        self.url = make_conninfo(self.url, dbname=DATABASE)

    def _start(self) -> None:
        home = self._parent / secrets.token_hex(4)
        make_service_directory(home)
        self._lock = _locked(home)
        superuser = f"drill_{secrets.token_hex(8)}"
        self._cluster = Cluster(
            home, free_port(), DATABASE, SETTINGS, major=self._major, superuser=superuser,
            preloaded=(),
        )  # fmt: skip
        self._cluster.create()
        self._cluster.start()
        password = secrets.token_hex(32)
        with open_session(self._cluster.url("postgres"), "plumb", autocommit=True) as server:
            verifier = server.pgconn.encrypt_password(
                password.encode(), superuser.encode(), b"scram-sha-256"
            )
            server.execute(
                sql.SQL("alter role {} password {}").format(
                    sql.Identifier(superuser), verifier.decode()
                )
            )
        self._cluster.require_passwords()
        self.url = make_conninfo(self._cluster.url("postgres"), password=password)

    def end_sessions(self) -> None:
        """End the sessions of a drill, so that it ends."""
        if self._cluster:
            with contextlib.suppress(PlumbError):
                self._cluster.stop("immediate")

    def discard(self) -> None:
        """Remove it."""
        if self._cluster:
            self._cluster.remove()
            self._cluster = None
        self._unlock()

    def keep(self, copy_url: str) -> str:
        """Leave it running. Returns what to print about it."""
        self._unlock()
        target, environment = address(copy_url)
        # In the variable it does not show in the list of processes.
        command = f"PGPASSWORD={environment['PGPASSWORD']} psql {shlex.quote(target)}"
        return f"The copy stays until the next drill: {command}"

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def remove_leftovers(home: Path) -> None:
    """Stop and remove the clusters of drills that are over.

    Args:
        home: PLUMB_HOME.
    """
    parent = home / DIRECTORY
    if not parent.is_dir():
        return
    for path in parent.iterdir():
        if not NAME.fullmatch(path.name):
            continue
        lock = _locked(path)
        if lock is not None:
            try:
                # Its port only names its socket, and goes with the directory.
                Cluster(path, 1).remove()
            finally:
                os.close(lock)


def _locked(home: Path) -> int | None:
    """Return a descriptor that holds a directory's lock, or nothing when another process does."""
    try:
        descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
