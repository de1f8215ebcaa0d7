"""When a program that a backup started dies, the run ends and tells which, and holds nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from plumbline.cli.backup import store as backup_store
from plumbline.core.errors import PlumbError
from psycopg.conninfo import conninfo_to_dict


class Command:
    """A `plumb backup` that runs."""

    def __init__(self, backups, *arguments: str) -> None:
        """Start it."""
        environment = os.environ | {
            "DATABASE_URL": backups.url,
            "BACKUP_DIR": str(backups.directory),
            "SHADOW_DB_URL": backups.shadow_url,
            "GPG_KEY_ID": backups.key_id,
        }
        self._backups = backups
        self._process = subprocess.Popen(
            [sys.executable, "-m", "plumbline.cli", "backup", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, query: str) -> None:
        """Return once a query of the watcher returns true."""
        with psycopg.connect(self._backups.url, autocommit=True) as watcher:
            while not watcher.execute(f"select ({query}), pg_sleep(0.02)").fetchone()[0]:
                assert self._process.poll() is None, self._process.stdout.read()

    def kill_child(self, program: str, end_signal: int = signal.SIGKILL) -> None:
        """End a program that it started."""
        killed = 0
        for child in _descendants(self._process.pid):
            if Path(f"/proc/{child}/comm").read_text().strip() == program:
                os.kill(child, end_signal)
                killed += 1
        assert killed

    def result(self) -> tuple[int, str]:
        """Return its exit status and all it said; it has to end by itself."""
        said, _ = self._process.communicate(timeout=120)
        return self._process.returncode, said

    def end(self) -> None:
        """End it, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def _descendants(process_id: int) -> Iterator[int]:
    # A process may end while it is looked at.
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process_id}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from _descendants(child)


@pytest.fixture
def start(backups):
    """Yield a function that starts a command which is ended after the test."""
    started = []

    def begin(*arguments: str) -> Command:
        started.append(Command(backups, *arguments))
        return started[-1]

    yield begin
    for command in started:
        command.end()


def assert_nothing_is_held(db) -> None:
    for _ in range(500):
        held = db.execute(
            "select (select count(*) from pg_stat_activity where datname = current_database()"
            " and (application_name like 'plumb backup%' or application_name like 'pg_dump%')),"
            " plumb.is_claimed('backup'), pg_sleep(0.02)"
        ).fetchone()[:2]
        if held == (0, False):
            return
    raise AssertionError(held)


IS_DUMPING = """exists (select from pg_locks as l join pg_stat_activity as a using (pid)
    where not l.granted and a.application_name = 'pg_dump')"""
IS_RESTORING = """exists (select from pg_stat_activity
    where datname = '{}' and wait_event = 'PgSleep')"""


@pytest.mark.parametrize("program", ["pg_dump", "gpg"])
def test_a_backup_ends_with_the_first_of_its_programs(backups, make_key, start, connect, program):
    backups.key_id = make_key("ops@example.com")
    blocker = connect(autocommit=False)
    blocker.execute("lock table retail.sales in access exclusive mode")
    run = start("run")
    run.wait_for(IS_DUMPING)

    run.kill_child(program)
    status, said = run.result()
    blocker.rollback()

    assert (status, f"{program} was ended by SIGKILL" in said) == (2, True), said
    assert backup_store.published(backups.directory) == []
    assert list(backups.directory.iterdir()) == []
    assert backups.open_incidents() == [("run",)]
    assert backups.db.execute("select status from plumb.backups").fetchall() == [("failed",)]
    assert_nothing_is_held(backups.db)
    backups.make()
    assert backups.open_incidents() == []


def test_a_backup_ends_when_the_session_that_lends_the_snapshot_dies(backups, start, connect):
    blocker = connect(autocommit=False)
    blocker.execute("lock table retail.sales in access exclusive mode")
    run = start("run")
    run.wait_for(IS_DUMPING)

    backups.db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'plumb backup snapshot'"
    )
    blocker.rollback()

    assert run.result()[0] == 2
    assert backups.open_incidents() == [("run",)]
    assert_nothing_is_held(backups.db)


def test_a_gpg_that_ends_early_ends_a_dump_larger_than_every_pipe(
    backups, make_key, tmp_path, monkeypatch
):
    backups.key_id = make_key("ops@example.com")
    backups.db.execute(
        "create table public.large as select string_agg(sha512((i * 1000 + j)::text::bytea), '')"
        " from generate_series(1, 80) as i, generate_series(1, 1000) as j group by i"
    )
    real = subprocess.run(["which", "gpg"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "gpg"
    fake.write_text(
        '#!/bin/sh\ncase "$*" in\n*--encrypt*) echo "gpg: no space in the card" >&2; exit 2 ;;\n'
        f'*) exec {real.strip()} "$@" ;;\nesac\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")

    with pytest.raises(PlumbError, match="gpg failed: gpg: no space in the card"):
        backups.make()

    assert backups.open_incidents() == [("run",)]
    assert_nothing_is_held(backups.db)


@pytest.mark.parametrize("program", ["pg_restore", "gpg"])
def test_a_drill_ends_with_the_first_of_its_programs_and_blames_no_backup(
    backups, shadow, make_key, start, program
):
    backups.key_id = make_key("ops@example.com")
    backups.db.execute(
        "create function public.slow(integer) returns boolean language sql as"
        " 'select current_database() !~ ''shadow'' or pg_sleep($1) is not null'"
    )
    backups.db.execute("create table public.a (id integer check (public.slow(id)))")
    backups.db.execute("insert into a values (60)")
    # While this waits to be read, gpg cannot end.
    backups.db.execute(
        "create table public.b as select string_agg(sha512((i * 1000 + j)::text::bytea), '')"
        " from generate_series(1, 200) as i, generate_series(1, 1000) as j group by i"
    )
    backups.make()
    drill = start("validate")
    drill.wait_for(IS_RESTORING.format(conninfo_to_dict(shadow)["dbname"]))

    drill.kill_child(program)
    status, said = drill.result()

    assert (status, f"{program} was ended by SIGKILL" in said) == (2, True), said
    assert backups.open_incidents() == [("validation",)]
    assert_nothing_is_held(backups.db)
