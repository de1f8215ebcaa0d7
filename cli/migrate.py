"""Brings the configured database to this version."""

import argparse

from ..core.migrate import migrate
from ..core.target import database_url


def run(_arguments: argparse.Namespace) -> int:
    """Migrate the configured database.

    Returns:
        0 when the database is at this version.
    """
    migrate(database_url())
    return 0
