"""Brings the configured database to this version."""

import argparse
from pathlib import Path

from ..core.attached import hold_back, is_unguarded
from ..core.config import Config
from ..core.cron import follow_scheduler
from ..core.demo_schema import WRITTEN_FOR
from ..core.explain import explained
from ..core.migrate import migrate
from ..core.output import say
from ..core.revisions import head_revision
from ..core.script import Script
from ..core.target import database_url
from ..core.told import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--sql",
        type=Path,
        metavar="FILE",
        help="change nothing, and write the migration as a script for psql -f",
    )


def run(arguments: argparse.Namespace) -> int:
    """Migrate the configured database, or write the script that does it.

    Returns:
        0 when the database is at this version, or the script is written.
    """
    is_private = not Config.from_environment().values["DATABASE_URL"]
    url = database_url()
    if arguments.sql:
        return _write_script(url, arguments.sql, is_private)
    with explained("nothing was changed"):
        is_first = not is_private and is_unguarded(url)
    migrate(
        url, report=say, has_guide_names=is_private, demo_schema=WRITTEN_FOR if is_private else None
    )
    with explained("the database is migrated; run ./plumb migrate again for the rest"):
        if is_first:
            hold_back(url, report=say)
        follow_scheduler(url, report=say)
    tell(revision=head_revision())
    return 0


def _write_script(url: str, path: Path, is_private: bool) -> int:
    script = Script()
    shop = WRITTEN_FOR if is_private else None
    migrate(url, report=say, has_guide_names=is_private, demo_schema=shop, script=script)
    count = script.write(path)
    say(f"{path}: {count} steps in one transaction; nothing was changed")
    return 0
