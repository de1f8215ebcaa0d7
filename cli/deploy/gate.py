"""Asks whether a deployment may proceed: six gates, a table, reports for a pipeline."""

import argparse
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psycopg

from ...core.errors import PlumbError
from ...core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ...core.explain import explained
from ...core.output import STANDARD_OUTPUT, printable, write_output
from ...core.session import open_session
from .coverage import floor_percent, read_coverage


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--name", required=True, metavar="V", help="the deployment, such as v1.4.2")
    add_coverage_argument(parser)
    for kind in ("JUnit", "JSON"):
        parser.add_argument(
            f"--{kind.lower()}",
            type=Path,
            nargs="?",
            const=STANDARD_OUTPUT,
            metavar="FILE",
            help=f"write {kind} there; on the standard output, in place of the table, when absent",
        )


def add_coverage_argument(parser: argparse.ArgumentParser) -> None:
    """Declare --coverage, which `deploy` takes as well."""
    parser.add_argument(
        "--coverage",
        type=Path,
        metavar="FILE",
        help="the tests' report: Cobertura XML, coverage.py JSON, json-summary or lcov",
    )


def run(arguments: argparse.Namespace) -> int:
    """Judge the gates.

    Returns:
        0 all pass, 1 one fails, 2 none fails but one could not be judged.

    Raises:
        PlumbError: Nothing could be judged; its exit code is 2.
    """
    try:
        gates = _judge(arguments)
    except PlumbError as error:
        # A report of an earlier run must not be taken for this one's.
        _write_reports(arguments, [], str(error))
        raise
    if STANDARD_OUTPUT not in (arguments.junit, arguments.json):
        print("\n".join(table(arguments.name, gates)), flush=True)
    _write_reports(arguments, gates, "")
    return exit_code(gates)


def _judge(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    from ...core.target import database_url

    percent = coverage_percent(arguments.coverage)
    with explained():
        url = database_url()
        with open_session(url, "plumb gate", connect_timeout=10) as connection:
            connection.execute("set statement_timeout = '60s'")
            return check_gates(connection, arguments.name, percent)


def _write_reports(arguments: argparse.Namespace, gates: list[dict[str, Any]], error: str) -> None:
    if arguments.junit and not (error and arguments.junit == STANDARD_OUTPUT):
        write_output(arguments.junit, junit(arguments.name, gates, error))
    # An error on the standard output is printed as that of any command.
    if arguments.json and not (error and arguments.json == STANDARD_OUTPUT):
        report = {"deployment": arguments.name, "verdict": verdict(gates), "gates": gates}
        if error:
            report["error"] = error
        write_output(arguments.json, json.dumps(report, indent=2) + "\n")


def coverage_percent(path: Path | None) -> float | None:
    """Return the line coverage of a report in percent, None when there is no report."""
    return None if path is None else floor_percent(read_coverage(path))


def check_gates(
    connection: psycopg.Connection,
    name: str,
    percent: float | None,
    deployment_id: int | None = None,
) -> list[dict[str, Any]]:
    """Judge the gates and keep the judgement.

    Args:
        connection: A session of an operator.
        name: The deployment.
        percent: Line coverage, None when it was not measured.
        deployment_id: The one that was started; None enters a judgement of its own.

    Returns:
        gate, value, threshold, status and reason of each.

    Raises:
        psycopg.Error: The database refused, or cannot be reached.
    """
    from ...core.revisions import head_revision

    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute(
        "select * from plumb.check_deployment_gates(%s, %s::numeric, %s, %s)",
        [name, percent, head_revision(), deployment_id],
    ).fetchall()


def verdict(gates: list[dict[str, Any]]) -> str:
    """Return fail when one fails, unknown when one could not be judged, else pass."""
    statuses = {gate["status"] for gate in gates}
    return next((s for s in ("fail", "unknown") if s in statuses), "pass" if gates else "unknown")


def exit_code(gates: list[dict[str, Any]]) -> int:
    """Return 0 pass, 1 fail, 2 could not judge."""
    return {"pass": TRUE, "fail": FALSE, "unknown": COULD_NOT_JUDGE}[verdict(gates)]


def table(name: str, gates: list[dict[str, Any]]) -> list[str]:
    """Return the lines that a person reads."""
    rows = [
        [gate["gate"], gate["status"], gate["value"] or "-", gate["threshold"] or "-"]
        for gate in gates
    ]
    rows.insert(0, ["GATE", "STATUS", "VALUE", "THRESHOLD"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    reasons = ["WHY", *(printable(gate["reason"]) for gate in gates)]
    lines = [
        "  ".join([*map(str.ljust, row, widths), reason])
        for row, reason in zip(rows, reasons, strict=True)
    ]
    said = {
        "pass": f"{name} may be deployed.",
        "fail": f"{name} must not be deployed.",
        "unknown": f"{name} must not be deployed: not everything could be judged.",
    }
    return [*lines, said[verdict(gates)]]


def junit(name: str, gates: list[dict[str, Any]], error: str = "") -> str:
    """Return the gates as one JUnit test suite: fail is a failure, unknown an error.

    Args:
        name: The deployment.
        gates: As `check_gates` returns them.
        error: Why there are none; empty when there are.
    """
    if error:
        gates = [
            {"gate": "plumb gate", "status": "unknown", "reason": error, "value": None}
            | {"threshold": "a judgement"}
        ]
    statuses = [gate["status"] for gate in gates]
    suite = ElementTree.Element(
        "testsuite",
        name="plumb gate",
        tests=str(len(gates)),
        failures=str(statuses.count("fail")),
        errors=str(statuses.count("unknown")),
    )
    elements = {"fail": "failure", "unknown": "error"}
    for gate in gates:
        case = ElementTree.SubElement(
            suite, "testcase", classname=printable(name), name=printable(gate["gate"])
        )
        if gate["status"] != "pass":
            said = f"{gate['reason']} ({gate['value'] or 'unknown'}, needed {gate['threshold']})"
            ElementTree.SubElement(case, elements[gate["status"]], message=printable(said))
    ElementTree.indent(suite)
    text = ElementTree.tostring(suite, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
