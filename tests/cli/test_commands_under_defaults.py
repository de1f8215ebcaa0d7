"""What somebody sets for the whole database does not change what a command does."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hostile_defaults import DEFAULTS, hostile_defaults
from plumbline.cli import preflight
from plumbline.core.errors import PlumbError
from plumbline.core.migrate import migrate
from psycopg import sql
from psycopg.conninfo import make_conninfo

CALLS = (
    ("migrate",),
    ("verify",),
    ("verify", "--json"),
    ("audit", "verify"),
    ("audit", "verify", "--independent"),
    ("token", "create", "ci"),
    ("token", "list"),
    ("backup", "run", "--validate"),
    ("backup", "list"),
    ("backup", "prune"),
    ("report",),
    ("dispatch", "--once"),
    ("gate", "release"),
    ("deploy", "release", "--deploy-command", "true", "--watch-seconds", "1"),
)


@pytest.fixture
def hostile(shop) -> Iterator[psycopg.Connection]:
    """Yield a session on a shop whose database has every default that gets in the way."""
    with hostile_defaults(shop):
        yield shop


@pytest.fixture
def plumb(home, tmp_path, plain_url) -> Callable[..., subprocess.CompletedProcess]:
    """Return a function that runs a command on the test's database."""

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", *arguments],
            env=os.environ
            | {"DATABASE_URL": plain_url, "BACKUP_DIR": str(tmp_path), "PLUMB_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_command_ends_as_it_does_without_them(plumb, hostile, call):
    # Longer than the database's limit for a statement.
    hostile.execute(
        "create or replace function plumb.run_seal() returns text language sql"
        " as 'select pg_sleep(0.4)::text'"
    )
    done = plumb(*call)

    assert "Traceback" not in done.stderr
    assert done.returncode in ((0, 2) if call[0] in ("backup", "gate", "deploy") else (0,)), (
        done.stdout + done.stderr
    )
    for word in ("timeout", "read-only", "serializable", "search_path", "encoding", "codec"):
        assert word not in done.stdout + done.stderr


@pytest.fixture(params=["LATIN1", "SQL_ASCII", "EUC_JP", "WIN1252"])
def other_encoding(db, cluster_url, request) -> Iterator[str]:
    """Yield the URL of an empty database in another encoding."""
    name = sql.Identifier("plumb_test_encoding")
    db.execute(
        sql.SQL("create database {} template template0 encoding {} locale 'C'").format(
            name, request.param
        )
    )
    yield make_conninfo(cluster_url, dbname="plumb_test_encoding")
    db.execute(sql.SQL("drop database {} with (force)").format(name))


def test_a_database_in_another_encoding_is_refused_before_anything_is_made(other_encoding):
    with pytest.raises(PlumbError, match="needs UTF8; nothing was changed") as refused:
        migrate(other_encoding, report=lambda _line: None, demo_schema="retail")
    assert "encoding 'UTF8'" in refused.value.hint
    with pytest.raises(PlumbError, match="encoding 'UTF8'"):
        preflight.check(other_encoding, report=lambda _line: None)

    with psycopg.connect(other_encoding) as connection:
        query = "select count(*) from pg_namespace where nspname = 'plumb'"
        assert connection.execute(query).fetchone() == (0,)


def test_a_new_database_with_every_default_is_installed(db, cluster_url):
    name = sql.Identifier("plumb_test_defaults")
    db.execute(sql.SQL("create database {}").format(name))
    try:
        for default in DEFAULTS:
            db.execute(sql.SQL("alter database {} set " + default).format(name))
        url = make_conninfo(cluster_url, dbname="plumb_test_defaults")
        migrate(url, report=lambda _line: None, has_guide_names=True, demo_schema="retail")
        migrate(url, report=lambda _line: None, has_guide_names=True, demo_schema="retail")
    finally:
        db.execute(sql.SQL("drop database {} with (force)").format(name))
