"""docs/guide.md proves the architecture guide row by row: every command shows what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<guide>.+?) \| `(?P<command>.+)` \| `(?P<shows>.+)` \|$", re.MULTILINE)
ROWS = [match.groups() for match in ROW.finditer((ROOT / "docs/guide.md").read_text("utf-8"))]


@pytest.fixture(scope="module")
def shop(service_database):
    """Return the URL of a database whose jobs have run once."""
    with psycopg.connect(service_database, autocommit=True) as connection:
        connection.execute("insert into retail.customers (name) values ('Ada')")
        for job in ("seal", "invariant", "perf", "health"):
            connection.execute(f"call plumb.run_job('{job}', true)")
    return service_database


def test_no_row_is_missing():
    lines = (ROOT / "docs/guide.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| Guide")]
    assert len(rows) == len(ROWS) >= 80


@pytest.mark.parametrize(("guide", "command", "shows"), ROWS, ids=[row[0] for row in ROWS])
def test_the_command_proves_the_row(shop, server_process, guide, command, shows):
    plumb = f"{sys.executable} -m plumbline.cli"
    command = command.replace("\\|", "|").replace("http://127.0.0.1:3000", server_process.url)
    command = command.replace("./plumb psql", "psql $DATABASE_URL").replace("./plumb", plumb)
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": shop},
    )
    # A verdict that is not good is an answer, too.
    assert done.returncode in ((0, 1, 2) if "verify" in command else (0,)), done.stderr
    assert re.search(shows, done.stdout, re.IGNORECASE), done.stdout + done.stderr
