"""The middleware of clients/node, run by a real node against a real database."""

import json
import os
import subprocess
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "clients" / "node"


def node(*arguments, **environment):
    return subprocess.run(
        ["node", *arguments],
        cwd=CLIENT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def url(db):
    """Return the database's URL; psql may be older than the libpq that made the session's."""
    info = db.info
    return f"postgresql://{info.user}:{info.password}@{info.host}:{info.port}/{info.dbname}"


def test_the_middleware_keeps_the_order_of_the_guide(url):
    files = sorted(str(path) for path in CLIENT.glob("test/*.test.js"))
    done = node("--test", *files, PLUMB_TEST_URL=url)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("condition", "code"),
    [("holds", 0), ("is violated", 1), ("cannot be reached", 2)],
)
def test_npm_run_verify_ends_as_verify_does(db, url, condition, code):
    if condition == "is violated":
        db.execute("set session_replication_role = replica")
        db.execute("insert into retail.stock values (99, -1)")
    if condition == "cannot be reached":
        url = "postgresql://127.0.0.1:1/none"
    script = json.loads((CLIENT / "package.json").read_text())["scripts"]["verify"].split()

    done = node(*script[1:], DATABASE_URL=url)

    assert (script[0], done.returncode) == ("node", code), done.stdout + done.stderr


def test_a_verify_that_cannot_be_run_is_2():
    done = node("verify.js", PLUMB_COMMAND="/nonexistent/plumb")

    assert done.returncode == 2
    assert "PLUMB_COMMAND" in done.stderr
