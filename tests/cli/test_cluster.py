"""A cluster survives being killed, says why it does not start, and lets nobody else in."""

import os
import signal
import socket
import stat
import time
from pathlib import Path

import psycopg
import pytest
from plumbline.core.cluster import Cluster
from plumbline.core.errors import PlumbError
from plumbline.core.host import free_port


def append_setting(cluster: Cluster, line: str) -> None:
    with (cluster.data / "postgresql.conf").open("a") as settings:
        settings.write(f"{line}\n")


def kill(cluster: Cluster) -> None:
    os.kill(cluster.postmaster_id(), signal.SIGKILL)
    # The signal is sent before its receiver is gone.
    while cluster.is_running():
        time.sleep(0.01)


def test_it_starts_again_after_its_postmaster_was_killed(cluster):
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as session:
        session.execute("create table kept (n integer)")
    kill(cluster)

    cluster.start()

    with psycopg.connect(cluster.url("postgres")) as session:
        assert session.execute("select count(*) from kept").fetchone() == (0,)


def test_a_lock_file_with_a_strangers_process_id_does_not_stop_it(cluster):
    cluster.stop()
    for path in (
        cluster.data / "postmaster.pid",
        cluster.socket_directory / f".s.PGSQL.{cluster.port}.lock",
    ):
        path.write_text(f"{os.getpid()}\n{cluster.data}\n")

    assert not cluster.is_running()
    cluster.start()

    assert cluster.is_running()


def test_starting_and_stopping_twice_is_once(cluster):
    before = cluster.postmaster_id()
    cluster.start()

    assert cluster.postmaster_id() == before
    assert (cluster.stop(), cluster.stop()) == (True, False)


def test_a_taken_port_is_named(cluster):
    cluster.stop()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        cluster.port = other.getsockname()[1]
        with pytest.raises(PlumbError, match=f"port {cluster.port} is taken"):
            cluster.start()


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("shared_buffers = 'lots'", "shared_buffers"),
        ("no_such_setting = 1", "no_such_setting"),
        ("shared_preload_libraries = 'no_such_library'", "no_such_library"),
    ],
)
def test_a_setting_that_stops_it_is_named(cluster, line, cause):
    cluster.stop()
    append_setting(cluster, line)

    with pytest.raises(PlumbError, match=cause):
        cluster.start()


def test_the_users_own_settings_win(cluster):
    cluster.stop()
    append_setting(cluster, "track_io_timing = off")
    cluster.start()

    with psycopg.connect(cluster.url("postgres")) as session:
        assert session.execute("show track_io_timing").fetchone() == ("off",)


def test_only_its_owner_can_reach_its_socket_and_its_data(cluster):
    for directory in (cluster.data, cluster.socket_directory, cluster.log_directory):
        status = directory.stat()
        assert stat.S_IMODE(status.st_mode) == 0o700
        assert status.st_uid != 0


def test_it_listens_on_loopback_only_and_asks_for_a_password_there(cluster):
    with psycopg.connect(cluster.url("postgres")) as session:
        assert session.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1", port=cluster.port, user="postgres", dbname="postgres", password="x"
        )


def test_its_pages_carry_checksums(cluster):
    with psycopg.connect(cluster.url("postgres")) as session:
        assert session.execute("show data_checksums").fetchone() == ("on",)


def test_every_job_finds_room_in_the_same_minute(cluster):
    jobs = list((Path(__file__).parents[2] / "db" / "jobs").glob("*.sql"))

    with psycopg.connect(cluster.url("postgres")) as session:
        (room,) = session.execute(
            "select least(current_setting('cron.max_running_jobs')::integer,"
            " current_setting('max_worker_processes')::integer - 10)"
        ).fetchone()

    assert len(jobs) < room


def test_a_home_too_long_for_a_socket_is_refused(tmp_path):
    with pytest.raises(PlumbError, match="too long"):
        Cluster(tmp_path / ("x" * 100), free_port()).create()
