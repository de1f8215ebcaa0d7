"""Lists the invariants: what holds, what is violated, when each was checked last."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from ..core import display
from ..core.asking import ask
from ..core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each invariant, by its last check.

    Returns:
        0 when all that are enabled hold; 1 when one is violated; 2 when none is violated, but one
        is unknown, none is enabled, or the last check is too old.

    Raises:
        PlumbError: The database could not be asked.
    """
    found = ask("invariants", "select plumb.describe_invariants()")
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        display.show(*describe(found))
    return judge(found)


def judge(found: dict[str, Any]) -> int:
    """Return the exit code for what plumb.describe_invariants() returned.

    Args:
        found: That.
    """
    states = {invariant["status"] for invariant in found["invariants"]} - {"disabled"}
    if "violated" in states:
        return FALSE
    return TRUE if states == {"holds"} and not found["stale"] else COULD_NOT_JUDGE


def describe(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield a table of the invariants.

    Args:
        found: What plumb.describe_invariants() returned.
    """
    if not found["invariants"]:
        yield "No invariant is declared: docs/invariants.md shows how to declare one."
        return
    yield display.table(
        {"INVARIANT": 30, "PRIORITY": 8, "STATUS": 8, "VIOLATIONS": 10, "CHECKED": 11, "MS": 7},
        (
            display.Row(
                [
                    invariant["name"],
                    invariant["priority"],
                    invariant["status"],
                    invariant["violationCount"],
                    display.moment(invariant["checkedAt"]),
                    invariant["durationMs"],
                ],
                [invariant["error"]] if invariant["error"] else (),
            )
            for invariant in found["invariants"]
        ),
    )
    drift = "unknown" if found["driftScore"] is None else f"{found['driftScore']:g}"
    age = ", which is too long ago" if found["stale"] else ""
    yield ""
    yield f"Drift score {drift}, checked {display.moment(found['scoredAt'])}{age}"
    yield "./plumb explain INVARIANT shows one in full."
