"""Says what is wrong with an installation, and how to repair it.

It changes nothing, and looks at whatever is there: at a machine where nothing is set up, at a
server that does not answer, as a role without rights. What it may not see is unknown, never fine.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from ...core import display
from ...core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from . import database, machine
from .finding import Finding, gather

ORDER = ("wrong", "unknown", "warning", "ok")
CODES = {"wrong": FALSE, "unknown": COULD_NOT_JUDGE, "warning": TRUE, "ok": TRUE}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--all", action="store_true", help="also show what is in order")
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Look at everything, and print what is not in order, each with what to do.

    Returns:
        0 when nothing is wrong (warnings do not count), 1 when something is, 2 when nothing is
        known to be wrong but something could not be seen.
    """
    findings = sorted(look(), key=lambda finding: ORDER.index(finding.status))
    worst = findings[0].status
    if arguments.json:
        listed = [finding._asdict() for finding in findings]
        print(json.dumps({"status": worst, "findings": listed}, indent=2))
    else:
        display.show(*describe(findings, with_all=arguments.all))
    return CODES[worst]


def look() -> Iterator[Finding]:
    """Yield what is found, in the order in which each needs the one before."""
    config, faults = machine.read_settings()
    yield from faults
    yield from gather("machine", machine.probes(config))
    if config is not None:
        url, found = machine.look_at_processes(config)
        yield from found
        if url:
            yield from database.look(url)


def describe(findings: Sequence[Finding], with_all: bool) -> Iterator[RenderableType]:
    """Yield the findings, the worst first.

    Args:
        findings: What was found.
        with_all: Whether to show what is in order.
    """
    shown = [finding for finding in findings if with_all or finding.status != "ok"]
    if shown:
        yield display.table(
            {"STATUS": 7, "WHERE": 8, "WHAT": 20},
            (
                display.Row(
                    [finding.status, finding.area, finding.subject],
                    [finding.why, *([f"→ {finding.remedy}"] if finding.remedy else [])],
                )
                for finding in shown
            ),
        )
        yield ""
    counts = Counter(finding.status for finding in findings)
    yield ", ".join(f"{counts[status]} {status}" for status in ORDER if counts[status]) + (
        "" if with_all or not counts["ok"] else " (--all shows those)"
    )
