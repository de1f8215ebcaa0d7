"""What docs/history.md says for a pooler and for other languages, with the real software."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from history_page import CHANGE, line_of
from plumbline.core.host import free_port
from waiting import wait_until

pytestmark = pytest.mark.slow

DRIVER = "/usr/share/java/postgresql.jar"


def install(*packages, program=None, file=None):
    """Install packages of the distribution that are not there."""
    if not (shutil.which(program) if program else Path(file).exists()):
        subprocess.run(["apt-get", "install", "-y", "-qq", *packages], check=True)


@pytest.fixture
def pooler(place):
    """Yield the address of a PgBouncer in transaction mode with one connection to the server."""
    install("pgbouncer", program="pgbouncer")
    port = free_port()
    server = " ".join(
        f"{key}={place[key]}" for key in ("host", "port", "dbname", "user", "password")
    )
    # Its account can enter no directory of pytest's.
    home = Path(tempfile.mkdtemp(prefix="plumb-test-"))
    home.chmod(0o755)
    config = home / "pgbouncer.ini"
    config.write_text(
        f"[databases]\napp = {server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = any\npool_mode = transaction\n"
        "default_pool_size = 1\nunix_socket_dir =\n"
    )
    # It refuses to run as root.
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    running = subprocess.Popen(
        ["pgbouncer", "-q", config], user=account.pw_uid if account else None, cwd="/"
    )
    url = f"host=127.0.0.1 port={port} dbname=app user=anybody"

    def answers():
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return False
        return True

    try:
        wait_until(answers, 20)
        yield url
    finally:
        running.terminate()
        running.wait(timeout=20)
        shutil.rmtree(home)


def test_pgbouncer_hands_no_name_on(named, pooler):
    line = line_of("psycopg")
    sessions = [psycopg.connect(pooler, prepare_threshold=None) for _ in range(3)]
    for user, session in zip(("ann", "bob", None), sessions, strict=True):
        with session.cursor() as cursor:
            if user:
                exec(line, {"cursor": cursor, "user": user})
            cursor.execute(CHANGE)
            cursor.execute("select pg_backend_pid()")
            pid = cursor.fetchone()
        session.commit()
    ann, bob, nobody = named()
    assert (ann, bob) == ("ann", "bob")
    assert nobody not in ("ann", "bob")
    # All had the same connection.
    with sessions[0].cursor() as cursor:
        assert cursor.execute("select pg_backend_pid()").fetchone() == pid
    for session in sessions:
        session.close()


PRISMA_SCHEMA = """
generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
}
model Item {
  id    Int @id
  price Int
  @@map("item")
}
"""
PRISMA = """
const {{ PrismaClient }} = require("@prisma/client");
const {{ PrismaPg }} = require("@prisma/adapter-pg");
const place = {{ connectionString: process.env.PLACE }};
const prisma = new PrismaClient({{ adapter: new PrismaPg(place, {{ schema: "app" }}) }});
(async () => {{
  const user = "ann";
  const change = prisma.item.updateMany({{ data: {{ price: {{ increment: 1 }} }} }});
  await {line};
  await prisma.item.updateMany({{ data: {{ price: {{ increment: 1 }} }} }});
  await prisma.$disconnect();
}})().catch((error) => {{ console.error(error); process.exit(1); }});
"""


def test_prisma(named, place, tmp_path):
    packages = ["prisma@7", "@prisma/client@7", "@prisma/adapter-pg@7"]
    subprocess.run(
        ["npm", "install", "--silent", "--ignore-scripts", *packages], cwd=tmp_path, check=True
    )
    (tmp_path / "schema.prisma").write_text(PRISMA_SCHEMA)
    # It migrates nothing here, and so needs no engine, which it would fetch.
    subprocess.run(
        ["npx", "prisma", "generate", "--schema", "schema.prisma"],
        cwd=tmp_path,
        check=True,
        env=os.environ | {"PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true"},
    )
    url = f"postgresql://{place['user']}:{place['password']}@{place['host']}:{place['port']}"
    script = PRISMA.format(line=line_of("Prisma").replace("…", "change"))
    subprocess.run(
        ["node", "-e", script],
        cwd=tmp_path,
        check=True,
        env=os.environ | {"PLACE": f"{url}/{place['dbname']}"},
    )
    ann, nobody = named()
    assert ann == "ann"
    assert nobody != "ann"


JDBC = """
import java.sql.*;
public class Change {{
  public static void main(String[] given) throws Exception {{
    String user = "ann";
    try (Connection connection = DriverManager.getConnection(given[0], given[1], given[2])) {{
      connection.setAutoCommit(false);
      try (PreparedStatement naming = {line}) {{
        naming.setString(1, user);
        naming.execute();
      }}
      connection.createStatement().execute({change});
      connection.commit();
      connection.createStatement().execute({change});
      connection.commit();
    }}
  }}
}}
"""


def test_jdbc(named, place, tmp_path):
    install("libpostgresql-jdbc-java", file=DRIVER)
    install("default-jdk-headless", program="javac")
    source = tmp_path / "Change.java"
    source.write_text(JDBC.format(line=line_of("JDBC, Hibernate"), change=json.dumps(CHANGE)))
    url = f"jdbc:postgresql://{place['host']}:{place['port']}/{place['dbname']}"
    subprocess.run(
        ["java", "-cp", DRIVER, source, url, place["user"], place["password"]],
        check=True,
    )
    ann, nobody = named()
    assert ann == "ann"
    assert nobody != "ann"


RAILS = """
require "active_record"
ActiveRecord::Base.establish_connection(ENV["PLACE"])
class Item < ActiveRecord::Base
  self.table_name = "app.item"
  def self.change = update_all("price = price + 1")
end
user = "ann"
Item.transaction do
  connection = Item.connection
  {line}
  Item.change
end
Item.change
"""


def test_rails(named, place):
    install("ruby-activerecord", "ruby-pg", program="ruby")
    url = f"postgresql://{place['user']}:{place['password']}@{place['host']}:{place['port']}"
    subprocess.run(
        ["ruby", "-e", RAILS.format(line=line_of("Rails"))],
        check=True,
        env=os.environ | {"PLACE": f"{url}/{place['dbname']}"},
    )
    ann, nobody = named()
    assert ann == "ann"
    assert nobody != "ann"
