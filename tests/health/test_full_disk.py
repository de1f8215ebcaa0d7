"""While every write fails nothing is green: neither readiness nor the score."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from plumbline.core.cluster import Cluster
from plumbline.core.host import service_process_options
from plumbline.core.migrate import migrate
from plumbline.core.revisions import head_revision
from plumbline.core.scratch import scratch_cluster

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "log_destination": "stderr",
    "shared_preload_libraries": "",
}
DISK = "220m"


@pytest.fixture
def disk() -> Iterator[Path]:
    """Yield a file system of its own, small enough to be filled."""
    place = Path(tempfile.mkdtemp(prefix="plumb-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        place.rmdir()
        pytest.skip("this account may mount no file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


@pytest.fixture
def small(disk) -> Iterator[Cluster]:
    """Yield a server whose data lies there."""
    with scratch_cluster(SETTINGS, disk) as cluster:
        migrate(cluster.url("postgres"), report=lambda _line: None, demo_schema="retail")
        yield cluster


@pytest.fixture
def fill(small) -> Callable[[], Path]:
    """Return a function that takes all the room that the server's account may have."""

    def take_all() -> Path:
        path = small.home / "log" / "ballast"
        free = shutil.disk_usage(small.home).free
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={path}", "bs=4096", f"count={free // 4096 + 10}"],
            **service_process_options(),
            capture_output=True,
            check=False,
        )
        assert os.statvfs(small.home).f_bavail == 0
        return path

    return take_all


def test_a_full_disk_is_neither_ready_nor_healthy_until_there_is_room(small, fill):
    with psycopg.connect(small.url("postgres"), autocommit=True) as session:
        session.execute("create table public.thing (text text)")
        ask = "select plumb.describe_readiness(%s)"
        session.execute("select plumb.expect_revision(%s)", [head_revision()])
        session.execute("select plumb.verify()")
        healthy = described(session)
        # Nothing was served and no backup was made yet.
        assert (healthy["score"], healthy["measuredLive"]) == (55, False)
        assert session.execute(ask, [head_revision()]).fetchone()[0]["ready"]

        ballast = fill()
        with pytest.raises(psycopg.errors.DiskFull):
            session.execute(
                "insert into public.thing select repeat('x', 100) from generate_series(1, 100000)"
            )

        readiness = session.execute(ask, [head_revision()]).fetchone()[0]
        assert not readiness["ready"]
        assert "No space left on device" in readiness["writeFault"]
        # What the session found out in the second before may still stand.
        in_the_next_second(session)
        health = described(session)
        assert (health["measuredLive"], health["score"]) == (True, 40)
        assert "writes fail: " in health["capReason"]
        assert "No space left on device" in health["capReason"]
        assert not health["safeMode"]

        ballast.unlink()
        assert session.execute(ask, [head_revision()]).fetchone()[0]["ready"]
        assert described(session) == healthy | {"scheduler": described(session)["scheduler"]}


def in_the_next_second(session):
    session.execute(
        "select set_config("
        "'plumb.current_time', (clock_timestamp() + interval '1 second')::text, false)"
    )


def described(session):
    return json.loads(session.execute("select plumb.describe_health()::text").fetchone()[0])


def test_a_limit_on_temporary_files_is_no_full_disk(db):
    db.execute("set temp_file_limit = '64kB'")

    assert db.execute("select plumb.write_fault()").fetchone() == (None,)


def test_looking_costs_the_database_nothing_that_stays(db):
    before = db.execute("select pg_current_wal_insert_lsn(), pg_current_xact_id_if_assigned()")
    before = before.fetchone()
    with db.transaction():
        db.execute("select plumb.write_fault() from generate_series(1, 100)")
        assert db.execute("select pg_current_xact_id_if_assigned()").fetchone() == (None,)
    del before
    assert db.execute("select count(*) from pg_ls_tmpdir()").fetchone() == (0,)


def test_health_asks_once_a_second_whether_writes_are_taken(db, at):
    db.execute("set track_functions = 'all'")
    db.execute("select plumb.score_health()")
    assert probes(db) == 1
    assert probes(db) == 0
    at("1 second")
    assert probes(db) == 1
    # A clock that was set back, and what somebody else writes into the setting, prove nothing.
    at("0 seconds")
    assert probes(db) == 1
    at("5 seconds")
    for forged in ("infinity", "2099-01-01", "0", "on", ""):
        db.execute("select set_config('plumb.writes_taken_at', %s, false)", [forged])
        assert probes(db) == 1


def probes(session):
    counted = "select coalesce(pg_stat_get_xact_function_calls(%s::regprocedure), 0)"
    with session.transaction():
        before = session.execute(counted, ["plumb.write_fault()"]).fetchone()[0]
        session.execute("select plumb.describe_health()")
        return session.execute(counted, ["plumb.write_fault()"]).fetchone()[0] - before
