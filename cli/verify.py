"""The full integrity scan, as a table for people, JSON for programs, and an exit code for both."""

import argparse
import json
import textwrap
from contextlib import suppress
from typing import Any

import psycopg

from ..core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ..core.explain import explained
from ..core.output import printable
from ..core.rows import fetch_value
from ..core.session import open_session

EXIT_CODES = {"holds": TRUE, "violated": FALSE, "unknown": COULD_NOT_JUDGE}
WORDS = {"holds": "holds", "violated": "VIOLATED", "unknown": "UNKNOWN"}
VERDICTS = {
    "holds": "Every invariant holds.",
    "violated": "Something is not true.",
    "unknown": "Not everything could be judged, and unknown is not true.",
}
LINE_WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Check every invariant in full.

    Args:
        arguments: The parsed command line.

    Returns:
        0 when all hold, 1 when one is violated, 2 when something could not be judged.

    Raises:
        PlumbError: The database could not be asked.
    """
    from ..core.target import database_url

    report = verify(database_url())
    if arguments.json:
        print(json.dumps(report, indent=2))
    else:
        print("\n".join(map(printable, describe(report))))
    return EXIT_CODES[report["result"]]


def verify(url: str) -> dict[str, Any]:
    """Run the deep scan and return its report.

    Args:
        url: A libpq URL of a user who may call plumb.verify().

    Returns:
        The report of plumb.verify().

    Raises:
        PlumbError: The database cannot be reached, or has no Plumbline in it.
    """
    with (
        explained("nothing could be verified"),
        open_session(url, "plumb verify") as connection,
    ):
        # Who did it is known as soon as it is sealed; where that cannot be now, the job does it.
        with suppress(psycopg.errors.DatabaseError), connection.transaction():
            connection.execute("select plumb.seal_audit()")
        report: dict[str, Any] = fetch_value(connection, "select plumb.verify()")
    return report


def describe(report: dict[str, Any]) -> list[str]:
    """Return the report in lines that a person reads.

    Args:
        report: What `verify` returned.
    """
    lines = [f"{'INVARIANT':<32}{'PRIORITY':<10}{'STATUS':<10}{'VIOLATIONS':>10}{'MS':>9}"]
    for found in report["invariants"]:
        lines.append(
            f"{found['name']:<32}{found['priority']:<10}{WORDS[found['status']]:<10}"
            f"{found['violationCount']:>10}{found['durationMs']:>9.1f}"
        )
        explanation = found["error"] or found["example"]
        if explanation:
            more = found["violationCount"] - 1
            tail = f" (and {more} more)" if more > 0 and not found["error"] else ""
            lines += _indented(explanation + tail)
    for change in report["changes"]:
        said = f"{change['event'].replace('_', ' ')}: {change['note']}"
        lines += ["", f"Incident {change['incidentId']} ({change['priority']} {change['scope']})"]
        lines += _indented(said)
    unchanged = {change["incidentId"] for change in report["changes"]}
    for incident in report["openIncidents"]:
        if incident["incidentId"] not in unchanged:
            lines += ["", f"Incident {incident['incidentId']} is {incident['status']}"]
            lines += _indented(f"{incident['priority']} {incident['title']}")
    health = report["health"]
    drift = report["driftScore"]
    count = len(report["openIncidents"])
    mode = " · safe mode is ON" if health["safeMode"] else ""
    lines += [
        "",
        f"Drift score {'unknown' if drift is None else f'{drift:g}'}"
        f" · health {health['score']:g} ({health['grade']}){mode}"
        f" · {count} open incident{'' if count == 1 else 's'}",
        VERDICTS[report["result"]],
    ]
    return lines


def _indented(text: str) -> list[str]:
    return textwrap.wrap(
        text, LINE_WIDTH, initial_indent="    ", subsequent_indent="    ", max_lines=4
    )
