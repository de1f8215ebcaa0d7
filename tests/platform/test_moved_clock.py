"""The system clock is set forth and back under pg_cron's workers: no alarm, and nothing hidden."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from plumbline.core.migrate import migrate
from plumbline.core.scratch import CRON_DATABASE, scratch_cluster
from waiting import wait_until

# pg_cron starts jobs when a minute begins, and a job of five minutes within five.
MINUTE, FIVE_MINUTES = 90, 400
HOURS = 2 * 3600

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler"),
]


class Clock:
    """The clock of a server, and of every process that it starts."""

    def __init__(self, directory: Path) -> None:
        self.library = directory / "moved_clock.so"
        self.file = directory / "seconds"
        source = Path(__file__).parent / "moved_clock.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", self.library, source], check=True)
        directory.chmod(0o755)
        self.move(0)

    def move(self, seconds: int) -> None:
        """Set the clock to as many seconds from the true time."""
        self.file.write_text(str(seconds), encoding="ascii")
        self.file.chmod(0o644)


@pytest.fixture(scope="module")
def clock():
    # The account of the server may enter no directory of pytest's.
    with tempfile.TemporaryDirectory(prefix="plumb-clock-") as directory:
        yield Clock(Path(directory))


@pytest.fixture(scope="module")
def server(clock):
    """Yield a server with that clock, and a session on its guarded database."""
    with pytest.MonkeyPatch.context() as environment, scratch_cluster() as cluster:
        cluster.stop()
        environment.setenv("LD_PRELOAD", str(clock.library))
        environment.setenv("MOVED_CLOCK_FILE", str(clock.file))
        cluster.start()
        environment.undo()
        url = cluster.url(CRON_DATABASE)
        migrate(url, report=lambda _line: None, demo_schema="retail")
        with psycopg.connect(url, autocommit=True) as db:
            yield cluster, environment, db


def ran(db, job):
    """Return whether a job ran within the last two minutes of the server's clock."""
    return db.execute(
        "select r.started_at between now() - interval '2 minutes' and now()"
        " from plumb.job_runs as r where r.job_name = %s order by r.job_run_id desc limit 1",
        [job],
    ).fetchone() == (True,)


def alarms(db):
    return db.execute(
        "select priority, source, scope, description from plumb.incidents where is_open"
        " and source not in ('backup')"
    ).fetchall()


def log_faults(db):
    db.execute("select plumb.seal_audit(), plumb.run_audit_check(true)")
    return db.execute("select * from plumb.open_findings").fetchall()


def integrity(db):
    components = db.execute("select plumb.describe_health()").fetchone()[0]["components"]
    return next(c["status"] for c in components if c["component"] == "integrity")


def test_a_clock_that_moves_alarms_nobody_and_hides_nothing(server, clock):
    cluster, environment, db = server
    wait_until(lambda: ran(db, "seal"), MINUTE)
    db.execute("call plumb.run_job('invariant', true)")
    db.execute("insert into retail.products (sku, name, price) values ('TEA', 'Tea', 10)")
    assert integrity(db) == "good"

    clock.move(HOURS)
    # What was measured two hours ago proves nothing now, and is nobody's fault.
    assert integrity(db) == "unknown"
    wait_until(lambda: ran(db, "watchdog") and ran(db, "seal"), MINUTE)
    wait_until(lambda: ran(db, "invariant") and ran(db, "perf"), FIVE_MINUTES * 2)
    assert integrity(db) == "good"
    assert db.execute("select plumb.scheduler_fault()").fetchone() == (None,)
    assert log_faults(db) == []
    db.execute("truncate retail.payments")
    assert alarms(db) == []

    clock.move(0)
    # Nothing that was found in the future counts, and an edit is still seen.
    assert integrity(db) == "unknown"
    db.execute("insert into retail.products (sku, name, price) values ('CUP', 'Cup', 4)")
    db.execute("update retail.products set price = 5 where sku = 'TEA'")
    assert log_faults(db) == []
    assert "the clock was set back" in db.execute("select plumb.scheduler_fault()").fetchone()[0]
    scheduler = db.execute("select plumb.describe_scheduler()").fetchone()[0]
    assert (scheduler["status"], "set back" in scheduler["reason"]) == ("dead", True)
    db.execute("alter table retail.products disable trigger all")
    db.execute("update retail.products set price = 6 where sku = 'CUP'")
    db.execute("select plumb.audit_table('retail.products')")
    db.execute("select plumb.seal_audit(), plumb.run_audit_check(true)")
    assert [(row[0], row[1]) for row in alarms(db)] == [("P1", "audit")]

    db.close()
    cluster.stop()
    environment.setenv("LD_PRELOAD", str(clock.library))
    environment.setenv("MOVED_CLOCK_FILE", str(clock.file))
    cluster.start()
    environment.undo()
    with psycopg.connect(cluster.url(CRON_DATABASE), autocommit=True) as again:
        wait_until(lambda: ran(again, "watchdog") and ran(again, "seal"), MINUTE)
        assert again.execute("select plumb.scheduler_fault()").fetchone() == (None,)
        assert [(row[0], row[1]) for row in alarms(again)] == [("P1", "audit")]
