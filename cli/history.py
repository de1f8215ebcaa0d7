"""Shows what happened to one row: each version, who made it, when, and what it changed."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from ..core import display
from ..core.asking import ask
from ..core.exit_codes import FALSE, TRUE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("table", help="the audited table, as schema.table")
    parser.add_argument("key", help="the row's key; a JSON array for a key of several columns")
    parser.add_argument(
        "--limit", type=int, default=200, metavar="N", help="the newest N versions (200)"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the versions of one row, the newest first.

    Returns:
        0 when the log knows the row, 1 when it has nothing about it.

    Raises:
        PlumbError: The database could not be asked, or the table is not audited.
    """
    found = ask(
        "history",
        "select plumb.describe_record_page(%s, %s, %s)",
        [arguments.table, arguments.key, arguments.limit],
    )
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        display.show(*describe(found))
    return TRUE if found["versionCount"] else FALSE


def describe(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield a table of the versions.

    Args:
        found: What plumb.describe_record_page() returned.
    """
    if not found["versionCount"]:
        yield f"The log has nothing about {found['relation']} {found['key']}."
        return
    yield display.table(
        {"VERSION": 7, "AT": 11, "OP": 6, "BY": 12, "SEAL": 6},
        (
            display.Row(
                [
                    version["version"],
                    display.moment(version["occurredAt"]),
                    version["op"],
                    _who(version),
                    version["sealId"],
                ],
                list(_changes(version["old"] or {}, version["new"] or {})),
            )
            for version in found["versions"]
        ),
    )
    more = found["versionCount"] - len(found["versions"])
    if more:
        yield f"and {more} older (--limit)"


def _who(version: dict[str, Any]) -> str:
    actor, app_user = version["actor"], version["appUser"]
    return actor if app_user in ("", None, actor) else f"{app_user} (login {actor})"


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield each column that differs; of a new or a deleted row, all of them."""
    for name in {**old, **new}:
        if old.get(name) == new.get(name) and (name in old) == (name in new):
            continue
        before, after = (json.dumps(row.get(name), ensure_ascii=False) for row in (old, new))
        if not old:
            yield f"{name}: {after}"
        elif not new:
            yield f"{name}: {before}, deleted"
        else:
            yield f"{name}: {before} → {after}"
