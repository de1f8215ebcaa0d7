"""Becomes psql on the guarded database; every argument is psql's own."""

import os

from ..core.errors import PlumbError
from ..core.programs import address
from ..core.target import database_url


def pass_on(arguments: list[str]) -> int:
    """Replace this process by psql.

    Args:
        arguments: What psql is given after the database.

    Raises:
        PlumbError: psql is not installed, or there is no database.
    """
    # psql takes the first name without a dash for the database, so ours goes in front.
    target, environment = address(database_url())
    try:
        os.execvpe("psql", ["psql", "--dbname", target, *arguments], environment)
    except FileNotFoundError as error:
        raise PlumbError("psql is not installed", "apt-get install postgresql-client") from error
