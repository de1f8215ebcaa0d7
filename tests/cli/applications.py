"""Applications that nobody here wrote: their rules proposed, everything on, taken out again."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from plumbline.cli import attach
from plumbline.cli.attach.catalog import Table, read_tables
from plumbline.cli.attach.proposal import Proposal
from plumbline.cli.uninstall import uninstall
from plumbline.core.migrate import migrate
from plumbline.core.programs import server_programs
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

RECALL_MIN = 0.8
TRUE_SHARE_MIN = 0.95
SECONDS_MAX = 60
TABLES_IN_TIME = 200
WITHOUT_OURS = ("--exclude-schema=plumb*",)


@dataclass
class Application:
    """An application's database, and how its own code is run.

    Args:
        url: The database.
        work: Lets the application work.
        change: Runs migrations of the application in a database of that name.
    """

    url: str
    work: Callable[[], None]
    change: Callable[[str], None]
    unguarded: list[str] = field(default_factory=list)
    session: Any = None

    @property
    def name(self) -> str:
        """The database."""
        return str(conninfo_to_dict(self.url)["dbname"])

    def guard(self, cluster_url: str) -> None:
        """Install Plumbline, after a copy has shown what the schema comes to be without it."""
        copy = make_database(cluster_url, f"{self.name}_copy", self.name)
        self.change(f"{self.name}_copy")
        self.unguarded = dump(copy, "--schema-only")
        drop_database(cluster_url, f"{self.name}_copy")
        migrate(self.url, report=lambda _line: None)
        self.session = psycopg.connect(self.url, autocommit=True)
        self.session.execute("set search_path = pg_catalog, pg_temp")
        self.session.execute("analyze")

    def ask(self, query: str, *parameters: Any) -> list[Any]:
        """Return the first column of a query."""
        return [row[0] for row in self.session.execute(query, parameters).fetchall()]


def drop_database(cluster_url: str, name: str) -> str:
    """Drop a database and return the URL that it will have again."""
    with psycopg.connect(cluster_url, autocommit=True) as server:
        server.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )
    return make_conninfo(cluster_url, dbname=name)


def make_database(cluster_url: str, name: str, template: str = "template1") -> str:
    """Make a database, an empty one or a copy, and return its URL."""
    url = drop_database(cluster_url, name)
    with psycopg.connect(cluster_url, autocommit=True) as server:
        command = sql.SQL("create database {} template {}")
        server.execute(command.format(sql.Identifier(name), sql.Identifier(template)))
    return url


def environment_of(url: str) -> dict[str, str]:
    """Return an environment in which libpq and its kind connect to the database."""
    place = conninfo_to_dict(url)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "DATABASE"}
    password = place.get("password") or os.environ.get("PGPASSWORD", "")
    return (
        os.environ
        | {f"PG{names[name]}": str(place[name]) for name in names}
        | {"PGPASSWORD": str(password)}
    )


def _program(name: str) -> str:
    return str(server_programs() / name)


def dump(url: str, *options: str) -> list[str]:
    """Return a dump's lines without the key that each has of its own."""
    done = subprocess.run(
        [_program("pg_dump"), "--no-password", *options, url],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "restrict" not in line[:12]]


def short(proposal: Proposal) -> tuple[str, str, str]:
    """Return what an expert would call the proposal."""
    arguments = proposal.arguments
    subject = arguments.get("total") or arguments.get("limit") or arguments.get("amount")
    subject = subject or ",".join(arguments.get("columns") or [arguments.get("column")])
    return (proposal.template, arguments["table"], subject)


def propose(application: Application) -> tuple[list[Table], list[Proposal]]:
    """Return the tables and the proposals, which come in bounded time."""
    started = time.monotonic()
    tables = read_tables(application.session, None)
    proposals, unanswered = attach.propose(application.session, tables)
    seconds = time.monotonic() - started
    print(f"{len(tables)} tables, {len(proposals)} proposals in {seconds:.1f} s")
    assert seconds < SECONDS_MAX
    assert unanswered == 0
    return tables, proposals


def check_recall(proposals: list[Proposal], expert: set[tuple[str, str, str]]) -> None:
    """Compare what is proposed with what somebody wrote down beforehand."""
    found = {short(proposal) for proposal in proposals}
    print(f"{len(expert & found)} of {len(expert)} rules of the expert; missing: {expert - found}")
    assert len(expert & found) >= RECALL_MIN * len(expert), f"missing: {expert - found}"


def turn_everything_on(application: Application) -> None:
    """Guard, audit and declare what is certain while the application works; then enforce it."""
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(application.work)
        done = subprocess.run(
            [sys.executable, "-m", "plumbline.cli", "attach", "--yes"],
            env=os.environ | {"DATABASE_URL": application.url},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - started
        assert done.returncode == 0, done.stderr
        working.result()
    waits = [int(found) for found in re.findall(r"waited at most (\d+) ms", done.stdout)]
    print(f"{len(waits)} tables attached under traffic in {seconds:.0f} s,", end=" ")
    print(f"writers waited {max(waits)} ms at most")
    assert seconds < SECONDS_MAX * max(1, len(waits) / TABLES_IN_TIME)
    names = application.ask("select name from plumb.invariants")
    enforced = []
    for name in names:
        with suppress(psycopg.errors.RaiseException, psycopg.ProgrammingError):
            application.session.execute("select plumb.enforce_invariant(%s, 'commit')", [name])
            enforced.append(name)
    print(f"{len(enforced)} of {len(names)} rules enforced at commit")
    assert len(enforced) >= RECALL_MIN * len(names)


def check_truth(application: Application) -> None:
    """Hold the certain rules against what the application did since: its work breaks none."""
    application.session.execute("select plumb.seal_audit()")
    application.session.execute("select plumb.check_invariants()")
    false = application.session.execute(
        "select name, status, error from plumb.invariant_status where status <> 'holds'"
    ).fetchall()
    (count,) = application.ask("select count(*) from plumb.invariants")
    print(f"{count - len(false)} of {count} certain rules are true")
    assert len(false) <= count * (1 - TRUE_SHARE_MIN), false
    assert application.ask("select plumb.missing_enforcement()") == []
    assert application.session.execute("select * from plumb.check_audit()").fetchall() == []


def check_restore(application: Application, cluster_url: str) -> None:
    """Dump the guarded database whole and restore it into an empty one, where nothing fails."""
    copy = make_database(cluster_url, "restored")
    subprocess.run(
        [_program("psql"), "-qX", "-1", "-v", "ON_ERROR_STOP=1", "-d", copy],
        input="\n".join(dump(application.url)),
        text=True,
        capture_output=True,
        check=True,
    )
    assert dump(copy, "--data-only", *WITHOUT_OURS) == dump(
        application.url, "--data-only", *WITHOUT_OURS
    )
    drop_database(cluster_url, "restored")


def check_no_trace(application: Application) -> None:
    """Detach and uninstall: the schema is what it was, the data what it is."""
    data = dump(application.url, "--data-only", *WITHOUT_OURS)
    subprocess.run(
        [sys.executable, "-m", "plumbline.cli", "detach", "public"],
        env=os.environ | {"DATABASE_URL": application.url},
        check=True,
    )
    assert (
        application.ask(
            "select tgname from pg_trigger where tgname like 'plumb%%'"
            " and tgrelid::regclass::text not like 'plumb.%%'"
        )
        == []
    )
    application.session.close()
    assert uninstall(application.url, lambda _line: None) == 0
    assert dump(application.url, "--schema-only") == application.unguarded
    assert dump(application.url, "--data-only") == data


def check_that_it_goes_on(application: Application, cluster_url: str) -> None:
    """Work and migrate with everything on, where nothing fails, and take all of it out again."""
    turn_everything_on(application)

    application.work()
    application.change(application.name)
    application.work()

    check_truth(application)
    check_restore(application, cluster_url)
    check_no_trace(application)
