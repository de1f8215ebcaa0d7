"""Becomes psql on the guarded database; every argument is psql's own."""

import contextlib
import os
import re
import sys
from collections.abc import MutableMapping

import psycopg

from ..core.errors import PlumbError
from ..core.guide_path import hidden_guide_names
from ..core.programs import address
from ..core.session import open_session
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
    _let_the_guide_answer(environment)
    try:
        os.execvpe("psql", ["psql", "--dbname", target, *arguments], environment)
    except FileNotFoundError as error:
        raise PlumbError("psql is not installed", "apt-get install postgresql-client") from error


def _let_the_guide_answer(environment: MutableMapping[str, str]) -> None:
    """Put the guide's names first for this session where another table stands before one.

    Whoever may create tables in `public` could otherwise take what an operator writes to
    `system_mode`, or answer him in its place.
    """
    # psql says better what is wrong with the address.
    with contextlib.suppress(psycopg.Error), open_session(database_url(), "plumb") as connection:
        names, path = hidden_guide_names(connection)
        if names:
            print(
                f"{', '.join(names)}: hidden in this session, in which the names of schema"
                " plumb_guide come first",
                file=sys.stderr,
            )
            option = "-c search_path=" + re.sub(r"([\\\s])", r"\\\1", f"plumb_guide, {path}")
            environment["PGOPTIONS"] = f"{environment.get('PGOPTIONS', '')} {option}".strip()
