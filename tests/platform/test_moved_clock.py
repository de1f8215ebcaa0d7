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

# pg_cron starts jobs when a minute begins, and finishes those that run first.
MINUTE = 150
HOURS = 2 * 3600
EVERY_MINUTE = ("watchdog", "seal", "invariant", "perf", "health", "security")

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
            for job in ("invariant", "perf", "health", "security"):
                db.execute("select plumb.change_setting(%s, '60000')", [f"{job}_interval_ms"])
            yield cluster, environment, db


def ran(db, job):
    """Return whether a job ran within the last two minutes of the server's clock."""
    return db.execute(
        "select r.started_at between now() - interval '2 minutes' and now()"
        " from plumb.job_runs as r where r.job_name = %s order by r.job_run_id desc limit 1",
        [job],
    ).fetchone() == (True,)


def alarms(db):
    return set(
        db.execute("select priority, source, scope from plumb.incidents where is_open").fetchall()
    )


def log_faults(db):
    db.execute("select plumb.seal_audit(), plumb.run_audit_check(true)")
    return db.execute("select * from plumb.open_findings").fetchall()


def integrity(db):
    components = db.execute("select plumb.describe_health()").fetchone()[0]["components"]
    return next(c["status"] for c in components if c["component"] == "integrity")


def test_a_clock_that_moves_alarms_nobody_and_hides_nothing(server, clock):
    cluster, environment, db = server
    wait_until(lambda: all(ran(db, job) for job in EVERY_MINUTE), MINUTE)
    before = alarms(db)
    db.execute("insert into retail.products (sku, name, price) values ('TEA', 'Tea', 10)")
    wait_until(lambda: integrity(db) == "good", MINUTE)

    clock.move(HOURS)
    # What was measured two hours ago proves nothing now, and is nobody's fault.
    assert integrity(db) == "unknown"
    wait_until(lambda: all(ran(db, job) for job in EVERY_MINUTE), MINUTE)
    wait_until(lambda: integrity(db) == "good", MINUTE)
    assert db.execute("select mode from plumb.system_mode").fetchone() == ("normal",)
    assert db.execute("select plumb.scheduler_fault()").fetchone() == (None,)
    assert log_faults(db) == []
    db.execute("truncate retail.payments")
    assert alarms(db) == before

    clock.move(0)
    # Nothing that was found in the future counts, and an edit is still seen.
    assert integrity(db) == "unknown"
    db.execute("insert into retail.products (sku, name, price) values ('CUP', 'Cup', 4)")
    db.execute("update retail.products set price = 5 where sku = 'TEA'")
    assert log_faults(db) == []
    # A launcher is given two minutes to begin.
    fault = wait_until(lambda: db.execute("select plumb.scheduler_fault()").fetchone()[0], MINUTE)
    assert fault.startswith("the clock was set back")
    scheduler = db.execute("select plumb.describe_scheduler()").fetchone()[0]
    assert (scheduler["status"], "set back" in scheduler["reason"]) == ("dead", True)
    db.execute("alter table retail.products disable trigger all")
    db.execute("update retail.products set price = 6 where sku = 'CUP'")
    db.execute("select plumb.audit_table('retail.products')")
    db.execute("select plumb.seal_audit(), plumb.run_audit_check(true)")
    found = alarms(db) - before
    assert {alarm[:2] for alarm in found} == {("P1", "audit"), ("P2", "audit")}

    db.close()
    cluster.stop()
    environment.setenv("LD_PRELOAD", str(clock.library))
    environment.setenv("MOVED_CLOCK_FILE", str(clock.file))
    cluster.start()
    environment.undo()
    with psycopg.connect(cluster.url(CRON_DATABASE), autocommit=True) as again:
        wait_until(lambda: all(ran(again, job) for job in EVERY_MINUTE), MINUTE)
        assert again.execute("select plumb.scheduler_fault()").fetchone() == (None,)
        assert alarms(again) - before == found
