"""Clusters for tests and benchmarks: made for one run, removed after it, never the user's own."""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from psycopg import sql

from .cluster import PRELOADED, SUPERUSER, Cluster
from .host import free_port, make_service_directory
from .session import open_session

CRON_DATABASE = "plumb_cron_test"
# Each test copies a database of some 600 files, which a disk's file system takes ten times as
# long for as memory does. A container's /dev/shm may be tiny, hence the room that it must have:
# the write-ahead log takes up to 1 GB, the databases some hundred MB.
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 3 * 1024**3
SETTINGS = {
    # Nothing here outlives the run, so nothing has to reach the disk.
    "fsync": "off",
    "full_page_writes": "off",
    # Two-phase commit is off by default; what must hold under it needs it.
    "max_prepared_transactions": "20",
    # Safe mode is tested against logical replication too.
    "wal_level": "logical",
    # The sessions of the product set it for themselves; those of the tests are many and short.
    "jit": "off",
    # PostgreSQL's default, which guarded servers will often have: no JSON to read.
    "log_destination": "stderr",
}


@contextmanager
def scratch_cluster(
    settings: Mapping[str, str] = SETTINGS,
    directory: Path | None = None,
    preloaded: Sequence[str] = PRELOADED,
) -> Iterator[Cluster]:
    """Yield a running cluster and remove it, however the run ends.

    Args:
        settings: Lines of postgresql.conf; by default those of tests, which are not durable.
        directory: Where it is made; when absent in memory, or where that has no room, in the
            system's temporary directory.
        preloaded: The libraries of the server, where they are installed.
    """
    # The socket's path has to be short, which the system's own temporary directory is.
    parent = Path(tempfile.mkdtemp(prefix="plumb-test-", dir=directory or _memory()))
    parent.chmod(0o755)
    home = parent / "home"
    former = signal.signal(signal.SIGTERM, _interrupt)
    try:
        make_service_directory(home, 0o755)
        cluster = Cluster(home, free_port(), CRON_DATABASE, settings, preloaded=preloaded)
        cluster.create()
        cluster.start()
        try:
            cluster.ensure_database(CRON_DATABASE)
            yield cluster
        finally:
            cluster.stop("immediate")
    finally:
        signal.signal(signal.SIGTERM, former)
        shutil.rmtree(parent, ignore_errors=True)


def tcp_url(cluster: Cluster, database: str) -> str:
    """Return a superuser's URL over loopback, for tests that stand between client and server.

    The password is random and dies with the cluster: no other account of this machine gets in.

    Args:
        cluster: A running cluster.
        database: The database's name.
    """
    password = secrets.token_hex(16)
    with open_session(cluster.url("postgres"), "plumb", autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(SUPERUSER), password)
        )
    return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{cluster.port}/{database}"


def _memory() -> Path | None:
    try:
        has_room = shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN
    except OSError:
        return None
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None


def _interrupt(_signal_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
