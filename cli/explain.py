"""Explains one invariant: what it says, what it watches, what violates it and since when."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from ..core import display
from ..core.asking import ask
from ..core.errors import PlumbError
from ..core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ..core.output import printable

CODES = {"holds": TRUE, "violated": FALSE}
INCIDENTS_SHOWN_MAX = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("invariant", help="its name, as ./plumb invariants shows it")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print everything about one invariant, by its last check.

    Returns:
        0 when it holds, 1 when it is violated, 2 when it is unknown or disabled.

    Raises:
        PlumbError: The database could not be asked, or has no such invariant.
    """
    found = ask("explain", "select plumb.describe_invariant_page(%s)", [arguments.invariant])
    if found is None:
        raise PlumbError(
            f"there is no invariant '{arguments.invariant}'", "./plumb invariants lists them."
        )
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        display.show(*describe(found))
    return CODES.get(found["status"], COULD_NOT_JUDGE)


def describe(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield everything about one invariant.

    Args:
        found: What plumb.describe_invariant_page() returned.
    """
    yield Text(f"{found['priority']} {found['name']}", style="bold")
    watched = (f"{watch['relation']} ({watch['column']})" for watch in found["watches"])
    cost = "" if found["durationMs"] is None else f", in {found['durationMs']:g} ms"
    pairs = [
        ("status", found["status"]),
        ("says", found["description"]),
        ("checked", display.moment(found["checkedAt"]) + cost),
        ("watches", ", ".join(watched) or "no table: each check reads the whole view"),
        ("enforcement", found["enforcement"]),
        ("auto-correct", found["autoCorrect"] or "none: a person repairs it"),
        ("runbook", found["runbookUrl"]),
    ]
    if found["error"]:
        pairs.append(("error", found["error"]))
    if found["disabledReason"]:
        pairs.append(("disabled", found["disabledReason"]))
    if found["acceptedCount"]:
        pairs.append(("accepted", f"{found['acceptedCount']} violations"))
    yield display.facts(pairs)
    yield ""
    heading = f"view {found['viewName']}, which lists what violates it:"
    yield Text(printable(heading), style="bold")
    yield from (f"    {line}" for line in (found["definition"] or "").splitlines())
    yield from display.violations(found["violations"], found["violationCount"])
    if found["incidents"]:
        yield ""
        yield display.table(
            {"INCIDENT": 8, "STATUS": 8, "OPENED": 11, "RESOLVED": 11},
            (
                display.Row(
                    [
                        incident["incidentId"],
                        incident["status"],
                        display.moment(incident["openedAt"]),
                        display.moment(incident["resolvedAt"]),
                    ]
                )
                for incident in found["incidents"][:INCIDENTS_SHOWN_MAX]
            ),
        )
