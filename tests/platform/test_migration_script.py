"""`migrate --sql` writes what a migration does as one script, and changes nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from plumbline.core.cluster import Cluster
from plumbline.core.migrate import migrate
from plumbline.core.revisions import head_revision
from plumbline.core.scratch import scratch_cluster
from plumbline.core.script import Script

SECRET = "https://hooks.example.com/a-secret-path"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with scratch_cluster(preloaded=()) as made:
        with psycopg.connect(made.url("postgres"), autocommit=True) as admin:
            admin.execute("create role app_owner login")
            admin.execute("create database managed owner app_owner")
            admin.execute("create database fresh")
            admin.execute("create database usual")
        yield made


def write(url: str, path: Path) -> str:
    script = Script()
    migrate(url, report=lambda _line: None, script=script)
    script.write(path)
    return path.read_text(encoding="utf-8")


def run(server: Cluster, url: str, path: Path) -> subprocess.CompletedProcess:
    program = str(server.programs / "psql")
    return subprocess.run(
        [program, "--no-psqlrc", "-f", str(path), url], capture_output=True, text=True, check=False
    )


def schema_of(server: Cluster, url: str) -> list[str]:
    program = str(server.programs / "pg_dump")
    done = subprocess.run(
        [program, "--schema-only", url], capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if "restrict" not in line]


@pytest.mark.parametrize(
    ("database", "user"), [("fresh", None), ("managed", "app_owner")], ids=["superuser", "owner"]
)
def test_the_script_makes_what_a_migration_makes(server, tmp_path, monkeypatch, database, user):
    monkeypatch.setenv("ALERT_WEBHOOK_URL", SECRET)
    url = server.url(database, user=user)
    text = write(url, tmp_path / "install.sql")
    assert SECRET not in text
    with psycopg.connect(url, autocommit=True) as session:
        assert session.execute("select to_regnamespace('plumb')").fetchone() == (None,)

        done = run(server, url, tmp_path / "install.sql")

        assert done.returncode == 0, done.stderr
        assert session.execute("select version_num from plumb.schema_revision").fetchone() == (
            head_revision(),
        )
        session.execute("select plumb.verify()")
        session.execute("call plumb.run_due_jobs()")
        assert (
            session.execute(
                "select r.job_name from plumb.job_runs as r where r.result <> 'succeeded'"
            ).fetchall()
            == []
        )
    if user is None:
        migrate(server.url("usual"), report=lambda _line: None)
        assert schema_of(server, url) == schema_of(server, server.url("usual"))


def test_an_upgrade_is_written_as_well_and_leaves_the_data(server, tmp_path):
    url = server.url("usual")
    migrate(url, report=lambda _line: None)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("select plumb.change_setting('flap_window_seconds', '700')")
        write(url, tmp_path / "upgrade.sql")

        done = run(server, url, tmp_path / "upgrade.sql")

        assert done.returncode == 0, done.stderr
        assert session.execute("select plumb.setting('flap_window_seconds')").fetchone() == ("700",)
