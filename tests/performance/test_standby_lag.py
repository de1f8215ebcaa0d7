"""A real standby that stops replaying is found, and forgotten once it has caught up."""

import subprocess
import time

import psycopg
import pytest
from plumbline.core.cluster import Cluster
from plumbline.core.host import free_port, service_process_options
from plumbline.core.migrate import migrate
from plumbline.core.scratch import SETTINGS, scratch_cluster

pytestmark = pytest.mark.slow

SECONDS_MAX = 60
# A standby tells how far it is every second instead of every ten.
STANDBY = SETTINGS | {"wal_receiver_status_interval": "1s"}


@pytest.fixture
def primary():
    with scratch_cluster() as cluster:
        cluster.ensure_database("replicated")
        migrate(cluster.url("replicated"), report=lambda _line: None, demo_schema="retail")
        yield cluster


@pytest.fixture
def standby(primary):
    """Yield a streaming standby of the primary, inside its directory and removed with it."""
    replica = Cluster(primary.home / "standby", free_port(), settings=STANDBY)
    subprocess.run(
        [
            str(primary.programs / "pg_basebackup"),
            *("--pgdata", str(replica.data), "--dbname", primary.url("postgres")),
            *("--write-recovery-conf", "--checkpoint", "fast"),
        ],
        check=True,
        **service_process_options(),
    )
    subprocess.run(
        ["mkdir", str(replica.socket_directory), str(replica.log_directory)],
        check=True,
        **service_process_options(),
    )
    replica.start()
    yield replica
    replica.stop("immediate")


def wait_for(session, status):
    """Write until the check has a status: lag is measured by what there is to replay."""
    deadline = time.monotonic() + SECONDS_MAX
    while True:
        session.execute("select pg_logical_emit_message(false, 'plumb', 'test')")
        found = session.execute(
            "select c.status, c.value, c.why from plumb.check_replication_lag() as c"
        ).fetchone()
        if found[0] == status and found[2] == "1 standby is connected":
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_a_standby_that_stops_replaying_is_an_incident_until_it_catches_up(primary, standby):
    incidents = "select scope from plumb.open_incidents where scope = 'replication_lag'"
    with (
        psycopg.connect(primary.url("replicated"), autocommit=True) as session,
        psycopg.connect(standby.url("replicated"), autocommit=True) as replica,
    ):
        session.execute("select plumb.change_setting('check_replication_lag_warning', '1')")
        session.execute("select plumb.change_setting('check_replication_lag_critical', '2')")
        wait_for(session, "ok")

        replica.execute("select pg_wal_replay_pause()")
        assert wait_for(session, "critical")[1] >= 2
        session.execute("select plumb.run_perf()")
        assert session.execute(incidents).fetchall() == [("replication_lag",)]

        replica.execute("select pg_wal_replay_resume()")
        wait_for(session, "ok")
        session.execute("select plumb.run_perf()")
        assert session.execute(incidents).fetchall() == []
