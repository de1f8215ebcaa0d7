"""Shows the state of the database live: what is true, what needs a person, may we deploy.

On a terminal it redraws itself until it is interrupted, and goes on through an outage with what
was known last. Anywhere else, and with --once or --json, it shows the state once.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from ..core import display
from ..core.errors import PlumbError
from ..core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ..core.explain import explained
from ..core.output import printable, spelled
from ..core.rows import fetch_value
from ..core.session import open_session

CODES = {"holds": TRUE, "violated": FALSE, "safe": FALSE, "unknown": COULD_NOT_JUDGE}
SECONDS_MIN = 0.5
CONNECT_SECONDS_MAX = 5
# Each of the last checks, the newest to the right: h holds, v violated, u unknown.
CHECKS_SHOWN = 30
MARKS = {"h": ("·", "green"), "v": ("█", "bold red"), "u": ("?", "yellow")}
INVARIANTS_SHOWN_MIN = 5
# What the view needs besides its lists.
LINES_AROUND = 14


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--interval", type=_seconds, default=2.0, metavar="SECONDS", help="how often it looks (2)"
    )
    parser.add_argument("--once", action="store_true", help="show it once and end")
    parser.add_argument("--json", action="store_true", help="print it once as JSON")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not seconds >= SECONDS_MIN:
        raise argparse.ArgumentTypeError(f"'{text}' is less than {SECONDS_MIN}")
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Show the state until interrupted, or once.

    Returns:
        0 when every invariant holds, 1 when one is violated or safe mode is on, 2 when that cannot
        be judged. The live view ends with an interrupt.

    Raises:
        PlumbError: The database could not be asked; the live view goes on once it was.
    """
    from ..core.target import database_url

    view = View(database_url())
    found = view.look()
    if arguments.json:
        print(json.dumps(found, indent=2))
    elif arguments.once or not sys.stdout.isatty():
        display.show(*describe(found, sys.maxsize))
    else:
        view.follow(arguments.interval)
    return CODES[found["truth"]["status"]]


class View:
    """One session that is asked again and again, and opened anew after an outage.

    Args:
        url: The database's URL.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None
        self._found: dict[str, Any] = {}

    def look(self) -> dict[str, Any]:
        """Return what plumb.describe_overview_page() says now.

        Raises:
            PlumbError: The database could not be asked.
        """
        with explained("the database could not be asked"):
            if self._connection is None or self._connection.closed:
                self._connection = open_session(
                    self._url, "plumb top", autocommit=True, connect_timeout=CONNECT_SECONDS_MAX
                )
                self._connection.execute(f"set statement_timeout = '{CONNECT_SECONDS_MAX}s'")
            self._found = fetch_value(self._connection, "select plumb.describe_overview_page(10)")
        return self._found

    def follow(self, seconds: float) -> None:
        """Redraw until interrupted.

        Args:
            seconds: How long it rests between two looks.
        """
        with Live(console=display.console(), screen=True, auto_refresh=False) as live:
            while True:
                live.update(Group(*self.frame(live.console.height)), refresh=True)
                time.sleep(seconds)

    def frame(self, height: int) -> Iterator[RenderableType]:
        """Yield what is shown now; what was known last while the database does not answer.

        Args:
            height: How many lines there are.
        """
        try:
            self.look()
        except PlumbError as error:
            seen = display.moment(self._found["now"])
            yield Text(f"{printable(str(error))}; this was so at {seen}", style="bold red")
            yield ""
        for part in describe(self._found, height):
            yield display.word(part) if isinstance(part, str) else part


def describe(found: dict[str, Any], height: int) -> Iterator[RenderableType]:
    """Yield the state in parts that a person reads.

    Args:
        found: What plumb.describe_overview_page() returned.
        height: How many lines there are; invariants that hold give way.
    """
    truth, health = found["truth"], found["health"]
    sentence = "; ".join([truth["sentence"], *truth["also"]])
    yield Text(printable(sentence), style=f"bold {display.WORDS[truth['status']]}")
    doubt = truth.get("doubt")  # A schema of an earlier release does not say it.
    if doubt:
        yield f"next: {spelled(doubt['next'].replace('`', ''))}"
    failing = [gate["gate"] for gate in found["gates"] if gate["status"] != "pass"]
    deploy = f"no: {', '.join(failing)}" if failing else "yes, every gate passes"
    jobs, checks = found["jobs"], found["checks"]
    late = sorted({*jobs["overdue"], *jobs["failed"]})
    drift = truth["driftScore"]
    yield display.facts(
        [
            ("database", f"{found['database']} at {display.moment(found['now'])}"),
            ("health", f"{health['score']:g} ({health['grade']})"),
            ("drift score", None if drift is None else f"{drift:g}"),
            ("may deploy", deploy),
            ("scheduler", health["scheduler"]["status"]),
            ("jobs", f"{jobs['count']} on time" if not late else f"late: {', '.join(late)}"),
            (
                "checks",
                f"not ok: {', '.join(checks['notOk'])}"
                if checks["notOk"]
                else f"{checks['count']} are ok",
            ),
            ("findings", f"{found['findings']} in the audit log"),
        ]
    )
    incidents = found["incidents"]
    if incidents["list"]:
        yield ""
        yield _incidents(incidents)
    yield ""
    room = max(INVARIANTS_SHOWN_MIN, height - LINES_AROUND - 2 * len(incidents["list"]))
    yield _invariants(found["invariants"][:room])
    more = len(found["invariants"]) - room
    if more > 0:
        yield f"and {more} more (./plumb invariants)"


def _incidents(incidents: dict[str, Any]) -> RenderableType:
    return display.table(
        {"ID": 3, "PRIORITY": 8, "STATUS": 8, "SINCE": 11, "TITLE": 20},
        (
            display.Row(
                [
                    incident["incidentId"],
                    incident["priority"],
                    incident["status"],
                    display.moment(incident["openedAt"]),
                    incident["title"],
                ],
                [f"next: {incident['nextCommand']}"],
            )
            for incident in incidents["list"]
        ),
    )


def _invariants(invariants: list[dict[str, Any]]) -> RenderableType:
    return display.table(
        {"INVARIANT": 30, "PRIORITY": 8, "STATUS": 8, "VIOLATIONS": 10, "LAST CHECKS": 11},
        (
            display.Row(
                [
                    invariant["name"],
                    invariant["priority"],
                    invariant["status"],
                    invariant["violationCount"],
                    Text.assemble(*(MARKS[c] for c in (invariant["strip"] or "")[-CHECKS_SHOWN:])),
                ]
            )
            for invariant in invariants
        ),
    )
