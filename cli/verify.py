"""The full integrity scan, as a table for people, JSON for programs, and an exit code for both."""

import argparse
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
from rich.console import RenderableType
from rich.text import Text

from ..core import display
from ..core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ..core.explain import explained
from ..core.progress import check_progress
from ..core.rows import fetch_value
from ..core.session import open_session

EXIT_CODES = {"holds": TRUE, "violated": FALSE, "unknown": COULD_NOT_JUDGE}
WORDS = {"holds": "holds", "violated": "VIOLATED", "unknown": "UNKNOWN"}
VERDICTS = {
    "holds": "Every invariant holds.",
    "violated": "Something is not true.",
    "unknown": "Not everything could be judged, and unknown is not true.",
}


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
        display.show(*describe(report))
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
        with check_progress(connection):
            report: dict[str, Any] = fetch_value(connection, "select plumb.verify()")
    return report


def describe(report: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield the report in parts that a person reads.

    Args:
        report: What `verify` returned.
    """
    yield display.table(
        {"INVARIANT": 30, "PRIORITY": 8, "STATUS": 8, "VIOLATIONS": 10, "MS": 7},
        map(_row, report["invariants"]),
    )
    for change in report["changes"]:
        yield ""
        yield f"Incident {change['incidentId']} ({change['priority']} {change['scope']})"
        yield from display.indented(f"{change['event'].replace('_', ' ')}: {change['note']}")
    changed = {change["incidentId"] for change in report["changes"]}
    for incident in report["openIncidents"]:
        if incident["incidentId"] not in changed:
            yield ""
            yield f"Incident {incident['incidentId']} is {incident['status']}"
            yield from display.indented(f"{incident['priority']} {incident['title']}")
    health = report["health"]
    drift = report["driftScore"]
    count = len(report["openIncidents"])
    mode = " · safe mode is ON" if health["safeMode"] else ""
    yield ""
    yield (
        f"Drift score {'unknown' if drift is None else f'{drift:g}'}"
        f" · health {health['score']:g} ({health['grade']}){mode}"
        f" · {count} open incident{'' if count == 1 else 's'}"
    )
    yield Text(VERDICTS[report["result"]], style=display.WORDS[report["result"]])


def _row(found: dict[str, Any]) -> display.Row:
    explanation = found["error"] or found["example"]
    more = found["violationCount"] - 1
    tail = f" (and {more} more)" if more > 0 and not found["error"] else ""
    return display.Row(
        [
            found["name"],
            found["priority"],
            WORDS[found["status"]],
            found["violationCount"],
            round(float(found["durationMs"]), 1),
        ],
        [explanation + tail] if explanation else (),
    )
