"""Measures what guarding costs, in a private cluster that is thrown away afterwards."""

import argparse
import importlib
import json
import os
import pkgutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg

from .. import bench
from ..bench.lab import QUICK, SETTINGS, Lab, Plan, Row
from ..core.config import forget_variables
from ..core.errors import PlumbError
from ..core.explain import first_line
from ..core.output import refuse_unwritable, write_output
from ..core.programs import server_programs
from ..core.scratch import scratch_cluster

# Not /tmp, which may be memory: what fsync costs is part of what is measured.
DISK = Path("/var/tmp")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to FILE")
    parser.add_argument(
        "--only", choices=sorted(benchmarks()), metavar="NAME", help=", ".join(sorted(benchmarks()))
    )
    parser.add_argument("--quick", action="store_true", help="few short rounds; a smoke test")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print a table, and write the numbers if asked.

    Args:
        arguments: The parsed command line.

    Returns:
        0 when everything was measured.

    Raises:
        PlumbError: No server could be started, pgbench is missing, or a transaction failed.
    """
    if arguments.json:
        # Better to know now than after an hour.
        refuse_unwritable(arguments.json)
    names = [arguments.only] if arguments.only else list(benchmarks())
    forget_variables()
    with laboratory() as lab:
        results = measure(lab, names, QUICK if arguments.quick else Plan())
    print("\n".join(describe(results)))
    if arguments.json:
        write_output(arguments.json, json.dumps(results, indent=2) + "\n")
        print(f"\nwritten to {arguments.json}")
    return 0


def benchmarks() -> dict[str, ModuleType]:
    """Return every benchmark of bench/ by name."""
    names = [module.name for module in pkgutil.iter_modules(bench.__path__)]
    modules = {name: importlib.import_module(f"{bench.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "DESCRIPTION")}


def measure(lab: Lab, names: list[str], plan: Plan) -> dict[str, Any]:
    """Run benchmarks one after another.

    Args:
        lab: Where.
        names: Which of `benchmarks()`.
        plan: How long and how often.

    Returns:
        The machine, the plan and every number, ready for JSON.
    """
    started = datetime.now(UTC)
    measured = {}
    for name in names:
        module = benchmarks()[name]
        lab.report(f"{name}: {module.DESCRIPTION}")
        try:
            rows: list[Row] = module.measure(lab, plan)
        finally:
            lab.drop_databases()
        measured[name] = {
            "description": module.DESCRIPTION,
            "rows": [row.as_json() for row in rows],
        }
    return {
        "startedAt": started.isoformat(timespec="seconds"),
        "machine": lab.describe_machine(),
        "plan": {"rounds": plan.rounds, "seconds": plan.seconds, "clients": list(plan.clients)},
        "benchmarks": measured,
    }


def describe(results: dict[str, Any]) -> list[str]:
    """Return the results in lines that a person reads.

    Args:
        results: What `measure` returned.
    """
    machine, plan = results["machine"], results["plan"]
    settings = machine["settings"]
    lines = [
        "",
        f"{machine['cores']} cores ({machine['processor']}), {machine['memoryGib']:g} GiB memory,"
        f" PostgreSQL {machine['postgresql']}",
        ", ".join(f"{name}={settings[name]}" for name in SETTINGS),
        f"median of {plan['rounds']} rounds of {plan['seconds']} s, variants in turn",
    ]
    for name, measured in results["benchmarks"].items():
        lines += ["", f"{name}: {measured['description']}"]
        lines.append(
            f"  {'variant':<22}{'clients':>8}{'median':>10}{'min':>10}{'max':>10}  "
            f"{'of the first':<14}(min to max)"
        )
        for row in measured["rows"]:
            lines.append("  " + _describe_row(row))
    return lines


def _describe_row(row: dict[str, Any]) -> str:
    values = row["values"]
    line = (
        f"{row['variant']:<22}{row['clients']:>8}{statistics.median(values):>10.0f}"
        f"{min(values):>10.0f}{max(values):>10.0f}"
    )
    if row["ratios"]:
        ratio = row["ratio"]
        line += f"  {ratio['median']:<14.1%}({ratio['min']:.1%} to {ratio['max']:.1%})"
    return f"{line}  {row['unit']}" if row["unit"] != "tps" else line


@contextmanager
def laboratory() -> Iterator[Lab]:
    """Yield a server to measure on: PLUMB_BENCH_URL's, or a private cluster of this run.

    Raises:
        PlumbError: Neither can be had, or pgbench is missing.
    """

    def report(line: str) -> None:
        print(f"{datetime.now():%H:%M:%S}  {line}", flush=True)

    url = os.environ.get("PLUMB_BENCH_URL")
    try:
        if url:
            yield Lab(url, server_programs(), report)
            return
        report("starting a cluster of its own")
        with scratch_cluster(SETTINGS, DISK) as cluster:
            yield Lab(cluster.url("postgres"), cluster.programs, report)
    except psycopg.OperationalError as error:
        raise PlumbError(
            f"the benchmark's server failed: {first_line(error)}",
            "Is PLUMB_BENCH_URL right?" if url else "",
        ) from error
