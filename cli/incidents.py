"""Lists incidents, or shows one: what is wrong, what happened since, and the next command."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from ..core import display
from ..core.asking import ask
from ..core.errors import PlumbError
from ..core.exit_codes import FALSE, TRUE
from ..core.output import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("id", nargs="?", type=int, help="show this incident in full")
    parser.add_argument("--all", action="store_true", help="also those that are over")
    parser.add_argument(
        "--limit", type=int, default=50, metavar="N", help="how many at most, up to 200 (50)"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the open incidents, most urgent first, or everything about one.

    Returns:
        0 when none is open (the one that is asked for: is over), 1 when one is.

    Raises:
        PlumbError: The database could not be asked, or has no such incident.
    """
    if arguments.id is not None:
        found = ask("incidents", "select plumb.describe_incident_page(%s)", [arguments.id])
        if found is None:
            raise PlumbError(f"there is no incident {arguments.id}", "./plumb incidents --all")
        is_open = found["isOpen"]
        shown = describe(found)
    else:
        found = ask(
            "incidents",
            "select plumb.describe_incidents(plumb.incident_statuses(%s), p_sort => %s,"
            " p_limit => %s)",
            [
                None if arguments.all else True,
                "newest" if arguments.all else "priority",
                arguments.limit,
            ],
        )
        is_open = any(
            not (incident["resolvedAt"] or incident["closedAt"]) for incident in found["incidents"]
        )
        shown = listed(found)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        display.show(*shown)
    return FALSE if is_open else TRUE


def listed(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield a table of incidents.

    Args:
        found: What plumb.describe_incidents() returned.
    """
    if not found["incidents"]:
        yield "No incident is open."
        return
    yield display.table(
        {"ID": 3, "PRIORITY": 8, "STATUS": 8, "SINCE": 11, "ACKNOWLEDGED": 12, "TITLE": 20},
        (
            display.Row(
                [
                    incident["incidentId"],
                    incident["priority"],
                    incident["status"],
                    display.moment(incident["openedAt"]),
                    incident["acknowledgedBy"],
                    incident["title"],
                ]
            )
            for incident in found["incidents"]
        ),
    )
    more = found["total"] - len(found["incidents"])
    if more:
        yield f"and {more} more (--limit)"
    yield ""
    yield "./plumb incidents ID shows one in full."


def describe(incident: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield everything about one incident.

    Args:
        incident: What plumb.describe_incident_page() returned.
    """
    heading = f"{incident['priority']} {incident['title']}"
    yield Text(printable(heading), style="bold")
    pairs = [
        ("status", incident["status"]),
        ("source", f"{incident['source']}: {incident['scope']}"),
        ("opened", display.moment(incident["openedAt"])),
        ("last seen", display.moment(incident["lastSeenAt"])),
    ]
    if incident["acknowledgedBy"]:
        pairs.append(("acknowledged", f"by {incident['acknowledgedBy']}"))
    if incident["closeReason"]:
        pairs.append(("closed", f"by {incident['closedBy']}: {incident['closeReason']}"))
    pairs += [
        ("what", incident["summary"] or incident["description"]),
        ("runbook", incident["runbookUrl"]),
        ("next", incident["nextCommand"]),
    ]
    yield display.facts(pairs)
    yield from display.violations(incident["violations"], incident["violationCount"])
    yield ""
    yield display.table(
        {"AT": 11, "EVENT": 12, "STATUS": 12, "BY": 12, "NOTE": 10},
        (
            display.Row(
                [
                    display.moment(step["occurredAt"]),
                    step["event"].replace("_", " "),
                    step["toStatus"],
                    step["actor"],
                    step["note"],
                ]
            )
            for step in incident["timeline"]
        ),
    )
