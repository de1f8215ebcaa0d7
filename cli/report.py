"""Writes an executive report, or prints one that was written."""

import argparse
import json
from pathlib import Path
from typing import Any

from ..core.errors import PlumbError
from ..core.explain import explained
from ..core.output import STANDARD_OUTPUT, write_output
from ..core.rows import fetch_value
from ..core.session import open_session
from ..core.told import tell

FORMATS = ("markdown", "html", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--id", type=int, metavar="N", help="print report N, write none")
    parser.add_argument(
        "--from",
        dest="since",
        metavar="TIME",
        help="start (default: EXEC_REPORT_INTERVAL_MS, a day, ago)",
    )
    parser.add_argument("--to", dest="until", metavar="TIME", help="end (default: now)")
    parser.add_argument("--format", choices=FORMATS, default="markdown", help="default: markdown")
    parser.add_argument(
        "--out",
        type=Path,
        default=STANDARD_OUTPUT,
        metavar="FILE",
        help="write it there (-, the standard output)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a report.

    Args:
        arguments: The parsed command line.

    Returns:
        0 when it was printed.

    Raises:
        PlumbError: The database refused it or cannot be asked, or the file cannot be written.
    """
    from ..core.report_pages import RENDERERS
    from ..core.target import database_url

    if arguments.id is not None and (arguments.since or arguments.until):
        raise PlumbError("--id goes with neither --from nor --to")
    report = _report(database_url(), arguments)
    text = (
        json.dumps(report, indent=2) + "\n"
        if arguments.format == "json"
        else RENDERERS[arguments.format][1](report)
    )
    if not tell(report=report) or arguments.out != STANDARD_OUTPUT:
        write_output(arguments.out, text)
    if arguments.out != STANDARD_OUTPUT:
        print(f"report {report['executiveReportId']} written to {arguments.out}")
    return 0


def _report(url: str, arguments: argparse.Namespace) -> dict[str, Any]:
    with (
        explained("no report"),
        open_session(url, "plumb report", autocommit=True) as connection,
    ):
        report_id = arguments.id
        if report_id is None:
            report_id = fetch_value(
                connection,
                "select plumb.create_executive_report(%s, %s)",
                [arguments.since, arguments.until],
            )
        report: dict[str, Any] | None = fetch_value(
            connection, "select plumb.describe_executive_report(%s)", [report_id]
        )
    if report is None:
        raise PlumbError(
            f"there is no report {report_id}", "select * from plumb.executive_summaries;"
        )
    return report
