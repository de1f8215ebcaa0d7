"""What docs/history.md says for each driver names the user, in that transaction and no other."""

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from contextvars import ContextVar

import psycopg
import pytest
from history_page import CHANGE, PAGE, line_of
from plumbline.core.programs import client_program
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL


def test_psycopg(named, place):
    with closing(psycopg.connect(**place)) as connection, connection.cursor() as cursor:
        user = "ann"
        exec(line_of("psycopg"), {"cursor": cursor, "user": user})
        cursor.execute(CHANGE)
        connection.commit()
        connection.execute("set application_name = 'nobody'")
        cursor.execute(CHANGE)
        connection.commit()
    assert named() == ["ann", "nobody"]


def test_sqlalchemy(named, place):
    code = re.search(r"```python\n(@event.*?)```", PAGE, re.S)[1]
    url = URL.create(
        "postgresql+psycopg",
        place["user"],
        place["password"],
        place["host"],
        int(place["port"]),
        place["dbname"],
    )
    engine = create_engine(url)
    current_user = ContextVar("current_user", default="")
    exec(code, {"event": event, "engine": engine, "current_user": current_user})
    for user in ("ann", "bob"):
        current_user.set(user)
        with engine.begin() as connection:
            connection.execute(text(CHANGE))
    engine.dispose()
    assert named() == ["ann", "bob"]


def test_psql(db, named, place):
    script = f"begin; {line_of('psql')} {CHANGE}; commit;"
    program = client_program("psql", db.info.server_version // 10000)
    environment = os.environ | {"PGPASSWORD": place["password"]}
    target = " ".join(f"{key}={place[key]}" for key in ("host", "port", "user", "dbname"))
    subprocess.run([program, "-Xq", "-c", script, target], check=True, env=environment)
    assert named() == ["ann"]


DJANGO = """
import django
from django.conf import settings
settings.configure(DATABASES={{"default": {{"ENGINE": "django.db.backends.postgresql",
    "NAME": {dbname!r}, "HOST": {host!r}, "PORT": {port!r}, "USER": {user!r},
    "PASSWORD": {password!r}}}}})
django.setup()
from types import SimpleNamespace
from django.db import connection, transaction
request = SimpleNamespace(user=SimpleNamespace(username="ann"))
with transaction.atomic():
    {line}
    connection.cursor().execute({change!r})
"""


@pytest.mark.slow
def test_django(named, place, tmp_path):
    python = tmp_path / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "django", "psycopg[binary]"], check=True)
    script = DJANGO.format(**place, line=line_of("Django"), change=CHANGE)
    subprocess.run([python, "-c", script], check=True)
    assert named() == ["ann"]


NODE = """
const {{ Pool }} = require("pg");
(async () => {{
  const pool = new Pool({place});
  const client = await pool.connect();
  const user = "ann";
  await client.query("begin");
  {line};
  await client.query({change});
  await client.query("commit");
  await client.query("set application_name = 'nobody'");
  await client.query({change});
  client.release();
  await pool.end();
}})().catch((error) => {{ console.error(error); process.exit(1); }});
"""


@pytest.mark.slow
def test_node_postgres(named, place, tmp_path):
    subprocess.run(["npm", "install", "--silent", "pg"], cwd=tmp_path, check=True)
    names = {"host": "host", "port": "port", "user": "user", "password": "password"}
    where = {name: place[key] for name, key in (names | {"database": "dbname"}).items()}
    script = NODE.format(
        place=json.dumps(where), line=line_of("node-postgres"), change=json.dumps(CHANGE)
    )
    subprocess.run(["node", "-e", script], cwd=tmp_path, check=True)
    assert named() == ["ann", "nobody"]
