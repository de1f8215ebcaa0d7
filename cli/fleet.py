"""Prints what every database of the fleet says, worst first."""

import argparse
import json
from pathlib import Path

from ..core.config import Config
from ..core.errors import PlumbError
from ..core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ..core.fleet import Fleet
from ..core.output import printable

CODES = {"holds": TRUE, "violated": FALSE, "safe": FALSE, "unknown": COULD_NOT_JUDGE}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--file", type=Path, help="who belongs to it (PLUMB_FLEET)")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each database.

    Returns:
        0 when every invariant of every database holds; 1 when one is violated or a database
        refuses writes; 2 when nothing is wrong but one could not be judged.

    Raises:
        PlumbError: No file is named, or it makes no sense.
    """
    path = arguments.file or Config.from_environment().values["PLUMB_FLEET"]
    if not path:
        raise PlumbError("no fleet is named", "Name its file with --file or PLUMB_FLEET.")
    found = Fleet(Path(path)).ask()
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        width = max([len(one["name"]) for one in found], default=0)
        for one in found:
            sentences = "; ".join([one["sentence"], *one["also"]])
            print(printable(f"{one['name']:<{width}}  {sentences}"))
    codes = {CODES[one["status"]] for one in found}
    return FALSE if FALSE in codes else max(codes, default=COULD_NOT_JUDGE)
