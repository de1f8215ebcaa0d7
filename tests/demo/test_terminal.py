"""What the commands that only show something say, on a terminal, in a pipe and as JSON."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

import psycopg
import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.demo import break_invariant
from plumbline.cli.manual import JSON_FIELDS
from plumbline.cli.verify import verify
from plumbline.core import progress
from psycopg.conninfo import make_conninfo
from waiting import wait_until

SHOWN = {
    "status": ("status",),
    "top": ("top",),
    "incidents": ("incidents",),
    "invariants": ("invariants",),
    "explain": ("explain", "NO_NEGATIVE_STOCK"),
    "history": ("history", "retail.stock", "10"),
    "verify": ("verify",),
}


@pytest.fixture(scope="module")
def broken_url(shop_server, cluster_url):
    """Yield the URL of a shop in which an invariant is violated, for what only reads."""
    name = f"{shop_server.template_dbname}_broken"
    with psycopg.connect(cluster_url, autocommit=True) as server:
        server.execute(f"create database {name} template {shop_server.template_dbname}")
        url = make_conninfo(cluster_url, dbname=name)
        break_invariant(url, "NO_NEGATIVE_STOCK", lambda _line="": None)
        verify(url)
        yield url
        server.execute(f"drop database {name} with (force)")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that runs a command on a database: its exit code and what it printed."""
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path / "home"))

    def run_on(url, *arguments):
        monkeypatch.setenv("DATABASE_URL", url)
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return run_on


@pytest.fixture
def plumb(run, shop_url):
    """Return a function that runs a command on a shop of its own."""
    return lambda *arguments: run(shop_url, *arguments)


@pytest.fixture
def broken(run, broken_url):
    """Return a function that runs a command on the shop that is broken."""
    return lambda *arguments: run(broken_url, *arguments)


class Terminal:
    """A command on a terminal of a given width."""

    def __init__(self, columns, *arguments, **variables):
        self._main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plumbline.cli", *arguments],
            env=kept | {"TERM": "xterm-256color", **variables},
            stdin=other,
            stdout=other,
            stderr=other,
        )
        os.close(other)
        self.said = ""

    def read_until(self, wanted=None):
        """Return what was said until it held what is wanted, or the command ended."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and (wanted is None or wanted not in self.said):
            if select.select([self._main], [], [], 0.2)[0]:
                try:
                    self.said += os.read(self._main, 65536).decode()
                except OSError:
                    break
        return self.said

    def close(self):
        os.close(self._main)
        return self.process.wait(20)


def test_incidents_lists_the_open_ones_and_is_1_while_there_is_one(broken):
    code, said = broken("incidents")

    assert code == 1
    assert re.search(r"^ +1  P1 +OPEN .* NO_NEGATIVE_STOCK: 1 violation$", said, re.M)


def test_incidents_is_0_when_none_is_open(plumb):
    assert plumb("incidents") == (0, "No incident is open.\n")


def test_an_incident_is_shown_with_what_is_wrong_what_happened_and_the_next_command(broken):
    code, said = broken("incidents", "1")

    assert code == 1
    for part in ("quantity is -3", "opened", "next         select subject", "docs/runbooks"):
        assert part in said


def test_an_incident_that_does_not_exist_is_2(plumb):
    code, said = plumb("incidents", "77")

    assert (code, "there is no incident 77" in said) == (2, True)


def test_invariants_is_1_while_one_is_violated(broken):
    code, said = broken("invariants")

    assert code == 1
    assert re.search(r"^NO_NEGATIVE_STOCK +P1 +violated +1 ", said, re.M)
    assert re.search(r"^STOCK_MOVEMENT_BALANCE +P2 +holds +0 ", said, re.M)


def test_invariants_is_0_when_all_hold_and_2_before_the_first_check(plumb, db):
    plumb("verify")
    assert plumb("invariants")[0] == 0

    db.execute("update plumb.invariants set is_enabled = false")
    assert plumb("invariants")[0] == 2


def test_explain_tells_what_an_invariant_says_and_what_violates_it(broken):
    code, said = broken("explain", "NO_NEGATIVE_STOCK")

    assert code == 1
    for part in ("retail.stock", "quantity is -3", "SELECT", "INCIDENT", "none: a person"):
        assert part in said
    assert broken("explain", "STOCK_MOVEMENT_BALANCE")[0] == 0


def test_explain_of_an_unknown_name_is_2_and_says_where_they_are_listed(plumb):
    code, said = plumb("explain", "NOTHING")

    assert (code, "./plumb invariants" in said) == (2, True)


def test_history_shows_each_version_of_a_row(broken):
    code, said = broken("history", "retail.stock", "10")

    assert code == 0
    assert re.search(r"quantity: \d+ → -3", said)
    assert re.search(r"^ +\d+  \d\d-\d\d \d\d:\d\d +UPDATE ", said, re.M)


def test_history_is_1_for_an_unknown_row_and_2_for_a_table_that_is_not_audited(plumb):
    assert plumb("history", "retail.stock", "987654")[0] == 1

    code, said = plumb("history", "pg_catalog.pg_class", "1")
    assert (code, "is not audited" in said) == (2, True)


def test_an_auditor_may_read_a_history(db, connect):
    session = connect()
    session.execute("set role plumb_auditor")

    said = session.execute("select plumb.describe_record_page('retail.stock', '10')").fetchone()
    assert said[0]["relation"] == "retail.stock"


def test_top_shows_once_in_a_pipe_what_needs_a_person(broken):
    code, said = broken("top")

    assert code == 1
    assert "1 invariant is violated" in said.splitlines()[0]
    for part in ("may deploy   no: NO_OPEN_P1_INCIDENTS", "next: select subject", "holds"):
        assert part in said


def test_json_has_the_documented_fields(broken):
    for command, arguments in SHOWN.items():
        code, said = broken(*arguments, "--json")

        assert {*json.loads(said)} == {*JSON_FIELDS[command]}, command
        assert code in (0, 1)


def test_colours_are_for_a_terminal_and_width_is_kept(broken, broken_url):
    coloured, plain = (
        Terminal(70, "invariants", DATABASE_URL=broken_url, **variables)
        for variables in ({}, {"NO_COLOR": "1"})
    )

    for terminal in (coloured, plain):
        said = re.sub(r"\x1b\[[0-9;]*m", "", terminal.read_until())
        assert max(len(line.rstrip()) for line in said.splitlines()) <= 70
        assert "violated" in said
        assert terminal.close() == 1
    assert "\x1b[1;31mviolated" in coloured.said
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain.said)
    assert "\x1b" not in broken("invariants")[1]


def test_a_table_that_is_piped_is_not_cut(broken, broken_url):
    name = "A" * 300
    with psycopg.connect(broken_url, autocommit=True) as connection:
        connection.execute("update plumb.incidents set title = %s", [name])

    assert name in broken("incidents")[1]


def test_top_follows_what_happens_until_it_is_interrupted(plumb, shop_url):
    plumb("verify")
    terminal = Terminal(100, "top", "--interval", "0.5", DATABASE_URL=shop_url)
    assert "NO_NEGATIVE_STOCK" in terminal.read_until("NO_NEGATIVE_STOCK")

    break_invariant(shop_url, "NO_NEGATIVE_STOCK", lambda _line="": None)
    plumb("verify")

    assert "1 invariant is violated" in terminal.read_until("1 invariant is violated")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.process.wait(20) == 130
    terminal.close()


def test_top_goes_on_through_an_outage_with_what_was_known(plumb, shop_url, cluster_url):
    plumb("verify")
    name = psycopg.conninfo.conninfo_to_dict(shop_url)["dbname"]
    terminal = Terminal(150, "top", "--interval", "0.5", DATABASE_URL=shop_url)
    terminal.read_until("NO_NEGATIVE_STOCK")
    with psycopg.connect(cluster_url, autocommit=True) as server:
        server.execute(f"alter database {name} allow_connections false")
        try:
            server.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = %s and application_name = 'plumb top'",
                [name],
            )
            terminal.said = ""
            said = terminal.read_until("NO_NEGATIVE_STOCK")
        finally:
            server.execute(f"alter database {name} allow_connections true")

    assert "the database could not be asked" in said and "this was so at" in said
    break_invariant(shop_url, "NO_NEGATIVE_STOCK", lambda _line="": None)
    plumb("verify")
    assert "1 invariant is violated" in terminal.read_until("1 invariant is violated")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.process.wait(20) == 130
    terminal.close()


def test_long_work_shows_how_far_it_is_on_a_terminal_only(broken, broken_url):
    for arguments, wanted in (
        (("verify",), "checking invariants: "),
        (("audit", "verify", "--independent"), "verifying the log: "),
        (("audit", "verify"), "verifying the log: rows"),
        (("migrate",), "migrating: functions/"),
    ):
        terminal = Terminal(150, *arguments, DATABASE_URL=broken_url)
        said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.read_until(wanted))
        assert re.search(f"{wanted}.*left", said), said
        terminal.process.send_signal(signal.SIGINT)
        # The signal itself where the command was at its end.
        assert terminal.close() in (0, 1, 130, -signal.SIGINT)

    assert "checking" not in broken("verify")[1]


def test_a_statement_that_takes_long_says_what_it_is_at(db, connect, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(progress, "WATCH_SECONDS", 0.05)
    db.execute("create table app_item (id integer)")
    # Whoever writes to the table keeps the index waiting.
    writer, builder = connect(autocommit=False), connect()
    writer.execute("insert into app_item values (1)")
    said = []

    with progress.statement_progress(
        db.info.dsn, builder.info.backend_pid, lambda _done, now: said.append(now)
    ):
        building = threading.Thread(
            target=builder.execute, args=["create index concurrently on app_item (id)"]
        )
        building.start()
        wait_until(lambda: said, 10)
        writer.commit()
        building.join()

    assert said[0].startswith("building an index, waiting for")
