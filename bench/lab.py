"""The machinery of every benchmark: databases, pgbench, interleaved rounds, medians, ratios."""

import os
import re
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ..core.errors import PlumbError
from ..core.programs import address
from ..core.rows import fetch_value

Report = Callable[[str], None]

# Durability as in production; sizes that fit a small machine and let checkpoints stay rare.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "100",
    # Every series begins with a vacuum; that of one database must not run in another's time.
    "autovacuum": "off",
    # Beside what Plumbline needs, where it is installed; it does nothing until logging is enabled.
    "shared_preload_libraries": "pgaudit",
    # The second form of the audit log reads the WAL.
    "wal_level": "logical",
}
SHOWN_SETTINGS = (*SETTINGS,)
PGBENCH_SECONDS_SPARE = 120
# What runs beside a measurement runs this often.
SECONDS_BETWEEN = 2
FOLDER = Path(str(files("plumbline.bench")))


@dataclass(frozen=True)
class Plan:
    """How long and how often to measure.

    Args:
        rounds: Rounds; each measures every variant once, so that drift hits all alike.
        seconds: Length of one measurement.
        clients: The numbers of concurrent sessions.
    """

    rounds: int = 5
    seconds: int = 5
    clients: Sequence[int] = (1, 8, 16)


QUICK = Plan(rounds=2, seconds=1, clients=(1, 8, 16))


@dataclass
class Row:
    """One variant's result.

    Args:
        variant: What was measured.
        clients: Concurrent sessions.
        unit: The unit of `values`, such as "tps".
        values: One per round.
        ratios: Each round's value over the baseline's of the same round; empty for the baseline.
    """

    variant: str
    clients: int
    unit: str
    values: list[float]
    ratios: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return everything measured and its medians."""
        shown = asdict(self) | {"median": statistics.median(self.values)}
        if self.ratios:
            shown["ratio"] = {
                "median": statistics.median(self.ratios),
                "min": min(self.ratios),
                "max": max(self.ratios),
            }
        return shown


class Lab:
    """A server to measure on.

    Args:
        server_url: A superuser's libpq URL of any of its databases.
        programs: Directory of pgbench.
        report: Receives a line for each long step.

    Raises:
        PlumbError: pgbench is missing.
    """

    def __init__(self, server_url: str, programs: Path, report: Report) -> None:
        """Keep what every measurement needs."""
        self.server_url = server_url
        self.report = report
        self._pgbench = programs / "pgbench"
        if not self._pgbench.exists():
            raise PlumbError(f"{self._pgbench} is missing", "It comes with the server's package.")
        self._created: list[str] = []

    def url(self, database: str) -> str:
        """Return the libpq connection string of a database.

        Args:
            database: Its name.
        """
        return make_conninfo(self.server_url, dbname=database)

    def create_database(
        self, name: str, fill: Callable[[str], None], template: str = "template1"
    ) -> str:
        """Create a database afresh, fill it, and settle it for measuring.

        Args:
            name: What it is for; its name begins with plumb_bench_.
            fill: Receives its connection string.
            template: The database of which it is a copy at first.

        Returns:
            Its connection string.
        """
        database = f"plumb_bench_{name}"
        self.report(f"preparing {database}")
        self._drop(database)
        with self._administration() as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(database), sql.Identifier(template)
                )
            )
        self._created.append(database)
        fill(self.url(database))
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            _tidy(connection)
        return self.url(database)

    def drop_databases(self) -> None:
        """Drop every database that was created here."""
        while self._created:
            self._drop(self._created.pop())

    def pgbench(self, url: str, script: str, clients: int, seconds: int) -> float:
        """Run a script as the application's role.

        Args:
            url: The database's connection string.
            script: A file of bench/.
            clients: Concurrent sessions.
            seconds: How long.

        Returns:
            Transactions per second, without the time to connect.

        Raises:
            PlumbError: pgbench failed, or a transaction did.
        """
        target, environment = address(url)
        command = [
            str(self._pgbench),
            *("--no-vacuum", "--protocol", "prepared"),
            *("--client", str(clients), "--jobs", str(min(clients, os.cpu_count() or 1))),
            *("--time", str(seconds), "--file", str(FOLDER / script)),
            target,
        ]
        result = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds + PGBENCH_SECONDS_SPARE,
            env={**environment, "PGOPTIONS": "-c role=retail_app"},
        )
        speed = re.search(r"^tps = ([\d.]+)", result.stdout, re.M)
        failed = re.search(r"^number of failed transactions: (\d+)", result.stdout, re.M)
        if result.returncode or not speed or (failed and failed[1] != "0"):
            said = (result.stderr.strip() or result.stdout.strip()).splitlines()
            raise PlumbError(f"pgbench failed: {said[-1] if said else result.returncode}")
        return float(speed[1])

    def compare_statement(
        self, variants: Mapping[str, str], prepare: str, statement: str, rounds: int
    ) -> list[Row]:
        """Time one SQL statement on several databases, in turn, round by round.

        Args:
            variants: Connection strings by variant; the first is the baseline.
            prepare: SQL run before each measurement, untimed.
            statement: What is timed, its commit included.
            rounds: How often.

        Returns:
            A row for each variant, in milliseconds; a ratio above 1 is slower.
        """
        names = list(variants)
        values: dict[str, list[float]] = {name: [] for name in names}
        for number in range(rounds):
            for name in names if number % 2 == 0 else reversed(names):
                with psycopg.connect(variants[name], autocommit=True) as connection:
                    connection.execute(prepare)
                    _tidy(connection)
                    started = time.perf_counter()
                    connection.execute(statement)
                    values[name].append((time.perf_counter() - started) * 1000)
            spoken = ", ".join(f"{name} {values[name][-1]:.0f} ms" for name in names)
            self.report(f"round {number + 1} of {rounds}: {spoken}")
        rows = []
        for name in names:
            pairs = zip(values[name], values[names[0]], strict=True)
            ratios = [] if name == names[0] else [one / base for one, base in pairs]
            rows.append(Row(name, 1, "ms", values[name], ratios))
        return rows

    def compare(
        self,
        variants: Mapping[str, str],
        script: str,
        plan: Plan,
        beside: Mapping[str, str] | None = None,
    ) -> list[Row]:
        """Measure one script on several databases, in turn, round by round.

        Args:
            variants: Connection strings by variant; the first is the baseline.
            script: A file of bench/.
            plan: How long and how often.
            beside: Statements by variant that a session of its own runs again and again meanwhile,
                and once more at the end; with it the CPU time of a transaction is measured too,
                that of the server, of these statements and of pgbench.

        Returns:
            A row for each number of clients and variant, and with `beside` one for its CPU time.
        """
        rows = []
        names = list(variants)
        for clients in plan.clients:
            values: dict[str, list[float]] = {name: [] for name in names}
            costs: dict[str, list[float]] = {name: [] for name in names}
            # Not before each measurement: for some seconds after a checkpoint, WAL is full of whole
            # pages, and a server sees few such seconds.
            for url in variants.values():
                with psycopg.connect(url, autocommit=True) as connection:
                    _tidy(connection)
            for number in range(plan.rounds):
                # Every other round goes backward: the second variant has no advantage.
                for name in names if number % 2 == 0 else reversed(names):
                    if beside and name in beside:
                        # What others left in the WAL is not this one's to read.
                        with psycopg.connect(variants[name], autocommit=True) as connection:
                            connection.execute(beside[name])
                    before = self.cpu_seconds()
                    with _repeated(variants[name], (beside or {}).get(name)):
                        speed = self.pgbench(variants[name], script, clients, plan.seconds)
                    values[name].append(speed)
                    spent = self.cpu_seconds() - before
                    costs[name].append(spent * 1e6 / max(1, speed * plan.seconds))
                spoken = ", ".join(f"{name} {values[name][-1]:.0f} tps" for name in names)
                self.report(f"{clients} clients, round {number + 1} of {plan.rounds}: {spoken}")
            for name in names:
                pairs = zip(values[name], values[names[0]], strict=True)
                ratios = [] if name == names[0] else [one / base for one, base in pairs]
                rows.append(Row(name, clients, "tps", values[name], ratios))
            for name in names if beside is not None else ():
                pairs = zip(costs[name], costs[names[0]], strict=True)
                ratios = [] if name == names[0] else [base / one for one, base in pairs]
                rows.append(Row(f"CPU of {name}", clients, "µs", costs[name], ratios))
        return rows

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server, its ended sessions included, and of our children."""
        with self._administration() as connection:
            text = fetch_value(connection, "select pg_read_file('postmaster.pid')")
        postmaster = text.split()[0]
        spent = sum(_cpu_ticks(Path(f"/proc/{postmaster}/stat"), 4))
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if path.read_text().rpartition(")")[2].split()[1] == postmaster:
                    spent += sum(_cpu_ticks(path, 2))
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return spent / os.sysconf("SC_CLK_TCK") + children.ru_utime + children.ru_stime

    def describe_machine(self) -> dict[str, Any]:
        """Return cores, memory, processor, PostgreSQL version and the settings that matter."""
        with self._administration() as connection:
            version = fetch_value(connection, "show server_version")
            settings = dict(
                connection.execute(
                    "select name, current_setting(name) from unnest(%s::text[]) as name",
                    [list(SHOWN_SETTINGS)],
                ).fetchall()
            )
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        model = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        return {
            "cores": len(os.sched_getaffinity(0)),
            "memoryGib": round(memory / 2**30, 1),
            "processor": model[1] if model else "unknown",
            "postgresql": version,
            "settings": settings,
        }

    @contextmanager
    def _administration(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            yield connection

    def _drop(self, database: str) -> None:
        with self._administration() as connection:
            connection.execute(
                sql.SQL("drop database if exists {} (force)").format(sql.Identifier(database))
            )


def _cpu_ticks(path: Path, count: int) -> list[int]:
    """Return utime and stime of a process, and with 4 those of its ended children as well."""
    return [int(word) for word in path.read_text().rpartition(")")[2].split()[11 : 11 + count]]


@contextmanager
def _repeated(url: str, query: str | None) -> Iterator[None]:
    """Run a statement every two seconds, and at the end until nothing is left to it."""
    if query is None:
        yield
        return
    is_over = threading.Event()

    def repeat() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not is_over.wait(SECONDS_BETWEEN):
                connection.execute(query)
            connection.execute(query)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _tidy(connection: psycopg.Connection) -> None:
    # What one measurement leaves behind, dead rows and dirty pages, is not the next one's to clear.
    connection.execute("vacuum (analyze)")
    connection.execute("checkpoint")
