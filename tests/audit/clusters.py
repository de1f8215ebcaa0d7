"""Servers that a test may kill, copy and promote, which the suite's own cannot be."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from plumbline.cli.audit.verifier import Finding, Verifier
from plumbline.core.cluster import Cluster
from plumbline.core.host import free_port, make_service_directory, service_process_options
from plumbline.core.programs import server_programs
from plumbline.core.scratch import CRON_DATABASE, SETTINGS
from waiting import wait_until

# Far more than any of it takes, so that a test fails instead of hanging.
SECONDS_MAX = 60
# The class of the cursors of sessions on such a server: a test of the other form sets its own.
CURSOR = psycopg.Cursor


def connect(cluster: Cluster, database: str, **options: object) -> psycopg.Connection:
    """Open a superuser's session that finds the tables of plumb and of the shop by their names."""
    options.setdefault("autocommit", True)
    options.setdefault("cursor_factory", CURSOR)
    path = "-c search_path=public,retail,plumb"
    return psycopg.connect(cluster.url(database), options=path, **options)


def run(*arguments: object) -> str:
    """Run a program as the account that owns the clusters; returns what it printed."""
    result = subprocess.run(
        [str(argument) for argument in arguments],
        **service_process_options(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr
    return result.stdout


def kill(cluster: Cluster) -> None:
    """End every process of a server with SIGKILL, its postmaster first: as a crash does.

    Only what was handed to the operating system is left of it. That is what a crash of the server
    leaves; fsync decides what a crash of the machine leaves, so it may be off here.
    """
    processes = sorted(cluster.processes(), key=lambda p: p != cluster.postmaster_id())
    for process_id in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)
    wait_until(lambda: not cluster.processes(), SECONDS_MAX)


@contextlib.contextmanager
def copy_of(cluster: Cluster, is_standby: bool = False, **settings: str) -> Iterator[Cluster]:
    """Yield a stopped copy of a running server, made by pg_basebackup, and remove it at the end.

    Args:
        cluster: The server to copy.
        is_standby: Whether the copy will follow the server as standby `copy`.
        settings: More lines for the copy's postgresql.conf.
    """
    home = cluster.home.parent / f"copy-{free_port()}"
    make_service_directory(home, 0o755)
    copy = Cluster(home, free_port(), CRON_DATABASE, SETTINGS | settings)
    for directory in (copy.socket_directory, copy.log_directory):
        make_service_directory(directory)
    try:
        follow = ["--write-recovery-conf"] if is_standby else []
        run(
            cluster.programs / "pg_basebackup",
            *("--pgdata", copy.data, "--checkpoint", "fast", "--wal-method", "stream"),
            *("--dbname", cluster.url("postgres") + "&application_name=copy"),
            *follow,
        )
        yield copy
    finally:
        copy.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


def has_caught_up(primary: psycopg.Connection, standby: psycopg.Connection) -> None:
    """Return once a standby has replayed all that its primary has written until now."""
    (position,) = primary.execute("select pg_current_wal_flush_lsn()").fetchone()
    query = "select pg_last_wal_replay_lsn() >= %s::pg_lsn"
    wait_until(lambda: standby.execute(query, [position]).fetchone()[0], SECONDS_MAX)


def agreed(db: psycopg.Connection, from_seal: int = 0) -> list[Finding]:
    """Return the findings of both verifiers from a seal on, which agree in every column."""
    by_sql, by_python = findings_of_both(db, from_seal)
    assert by_sql == by_python, set(by_sql) ^ set(by_python)
    return by_sql


def findings_of_both(
    db: psycopg.Connection, from_seal: int = 0
) -> tuple[list[Finding], list[Finding]]:
    """Return what verify_audit() finds from a seal on, and what the independent verifier does."""
    with db.transaction():
        own = db.execute(
            "select kind, seal, txid::text::bigint, n, relation, expected, actual"
            " from verify_audit(%s)",
            [from_seal],
        )
        by_sql = [Finding(*row) for row in own]
        by_python = list(Verifier(db).findings(from_seal))
    return sorted(by_sql, key=repr), sorted(by_python, key=repr)


def places(found: list[Finding]) -> list[tuple]:
    """Return where findings are: kind, seal, transaction and n of each."""
    return sorted(((f.kind, f.seal, f.txid, f.n) for f in found), key=repr)


def anchor_of(db: psycopg.Connection) -> dict:
    """Return the newest seal's anchor."""
    (anchor,) = db.execute("select describe_anchor(max(seal_id)) from seals").fetchone()
    return anchor


def held_to(db: psycopg.Connection, *anchors: dict) -> list[tuple[str, int]]:
    """Return where a log differs from anchors: kind and seal."""
    query = "select kind, seal from verify_anchors(%s)"
    return db.execute(query, [json.dumps(anchors)]).fetchall()


def unreconciled(db: psycopg.Connection) -> list[tuple]:
    """Return where the audited tables differ from what their log says they hold."""
    query = (
        "select r.kind, r.record_key from audited_tables as a"
        " cross join lateral reconcile_audit(a.relation::regclass) as r"
    )
    return db.execute(query).fetchall()


class ClusterOfMajor(Cluster):
    """A cluster of a given major version, where the suite's own is of the newest."""

    def __init__(self, major: int, *arguments: object, **options: object) -> None:
        """Name the cluster, as `Cluster` does."""
        super().__init__(*arguments, **options)
        self._major = major

    @property
    def programs(self) -> Path:
        """The server programs of that version."""
        return server_programs(self._major)


@contextlib.contextmanager
def new_server(beside: Cluster, major: int) -> Iterator[Cluster]:
    """Yield a running, empty server of a major version, and remove it at the end."""
    home = beside.home.parent / f"new-{free_port()}"
    make_service_directory(home, 0o755)
    server = ClusterOfMajor(major, home, free_port(), CRON_DATABASE, SETTINGS)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)
