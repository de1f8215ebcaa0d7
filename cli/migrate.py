"""Brings the configured database to this version."""

import argparse

from ..core.attached import hold_back, is_unguarded
from ..core.config import Config
from ..core.cron import follow_scheduler
from ..core.demo_schema import WRITTEN_FOR
from ..core.migrate import migrate
from ..core.output import say
from ..core.target import database_url


def run(_arguments: argparse.Namespace) -> int:
    """Migrate the configured database.

    Returns:
        0 when the database is at this version.
    """
    is_private = not Config.from_environment().values["DATABASE_URL"]
    url = database_url()
    is_first = not is_private and is_unguarded(url)
    migrate(
        url, report=say, has_guide_names=is_private, demo_schema=WRITTEN_FOR if is_private else None
    )
    if is_first:
        hold_back(url, report=say)
    follow_scheduler(url, report=say)
    return 0
