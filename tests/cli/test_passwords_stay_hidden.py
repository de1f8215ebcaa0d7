"""No program that a command starts shows a password to the other accounts of the machine."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from plumbline.core.programs import address
from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextmanager
def watched() -> Iterator[set[bytes]]:
    """Yield the command lines of all processes that are seen meanwhile, as `ps` reads them."""
    seen: set[bytes] = set()
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes())
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()


def programs(seen: set[bytes]) -> set[str]:
    return {Path(line.split(b"\0")[0].decode(errors="replace")).name for line in seen}


def as_url(parts: dict[str, str]) -> str:
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parts)


def as_query(parts: dict[str, str]) -> str:
    return "postgresql://{host}:{port}/{dbname}?user={user}&password={password}".format(**parts)


def as_words(parts: dict[str, str]) -> str:
    return make_conninfo(**parts)


@pytest.fixture
def parts(db) -> dict[str, str]:
    """Return how to enter the test's database with the password that its server asks for."""
    known = conninfo_to_dict(db.info.dsn)
    names = ("host", "port", "user", "dbname")
    return {name: str(known[name]) for name in names} | {"password": os.environ["PGPASSWORD"]}


@pytest.fixture
def plumb(tmp_path, home) -> Callable[..., subprocess.CompletedProcess]:
    """Return a function that runs a command with nothing but a URL to find the password in."""
    kept = {name: value for name, value in os.environ.items() if name != "PGPASSWORD"}

    def run(url: str, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", *arguments],
            env=kept | {"DATABASE_URL": url, "BACKUP_DIR": str(tmp_path), "PLUMB_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.mark.parametrize("form", [as_url, as_query, as_words])
def test_psql_shows_no_password(plumb, parts, form):
    with watched() as seen:
        done = plumb(form(parts), "psql", "-At", "-c", "select pg_sleep(0.3)", "-c", "select 7")

    assert (done.returncode, done.stdout) == (0, "\n7\n")
    assert "psql" in programs(seen)
    assert [line for line in seen if parts["password"].encode() in line] == []


def test_a_backup_and_its_drill_show_no_password(plumb, parts, shop, home):
    with watched() as seen:
        done = plumb(as_url(parts), "backup", "run", "--validate")

    assert done.returncode in (0, 2), done.stderr
    assert {"pg_dump", "pg_restore"} <= programs(seen)
    assert [line for line in seen if parts["password"].encode() in line] == []
    # That of the copy's role is known to nobody here.
    of_the_copy = [line for line in seen if os.fsencode(home) in line]
    assert of_the_copy
    assert [line for line in of_the_copy if b"password=" in line] == []


def test_a_copy_that_is_kept_is_named_without_a_password_on_the_command_line(plumb, parts, shop):
    assert plumb(as_url(parts), "backup", "run").returncode == 0

    kept = plumb(as_url(parts), "backup", "validate", "--keep").stderr
    assert "psql" in kept

    command = next(line for line in kept.splitlines() if "psql" in line).partition(": ")[2]
    with watched() as seen:
        done = subprocess.run(
            ["sh", "-c", f"{command} -At -c 'select pg_sleep(0.3)' -c 'select 7'"],
            capture_output=True,
            text=True,
            check=False,
        )
    password = command.partition("PGPASSWORD=")[2].partition(" ")[0]
    psql = [line for line in seen if b"psql" in line and not line.startswith(b"sh\0")]
    assert done.stdout == "\n7\n", done.stderr
    assert psql
    assert [line for line in psql if password.encode() in line] == []
    plumb(as_url(parts), "down")


def test_a_secret_that_libpq_takes_from_no_variable_reaches_it_all_the_same(parts):
    target, environment = address(make_conninfo(**parts, sslpassword="S3cret-Key"))

    assert "S3cret-Key" not in target
    assert parts["password"] not in target
    assert "S3cret-Key" not in "".join(environment.values())
    done = subprocess.run(
        ["psql", "--dbname", target, "-At", "-c", "select 7"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "7\n"), done.stderr
    service = Path(environment["PGSERVICEFILE"]).read_text()
    assert service == "[plumb]\nsslpassword=S3cret-Key\n"
    # What libpq makes of it.
    found = {option.keyword: option.val for option in psycopg.pq.Conninfo.parse(target.encode())}
    assert found[b"service"] == b"plumb"


@pytest.mark.parametrize("form", [as_url, as_query, as_words])
def test_a_password_on_our_own_command_line_is_refused(parts, form, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "plumbline.cli", "backup", "restore", "--to", form(parts)],
        env={**os.environ, "BACKUP_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "--to holds a password" in done.stderr
    assert "PGPASSWORD" in done.stderr
    assert parts["password"] not in done.stdout + done.stderr
