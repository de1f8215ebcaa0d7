"""What the database says when it refuses, as the error that a command shows its user."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from .errors import PlumbError

NO_PLUMBLINE = (
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedTable,
)


def first_line(error: Exception) -> str:
    """Return what was said, without the lines that go on about it; never nothing."""
    return (str(error).strip() or type(error).__name__).partition("\n")[0]


@contextmanager
def explained(failure: str = "") -> Iterator[None]:
    """Turn what the database said into an error that a person can act on.

    Args:
        failure: What could not be done, to stand before what the database said.

    Raises:
        PlumbError: In place of any psycopg.Error.
    """
    try:
        yield
    except NO_PLUMBLINE as error:
        raise PlumbError(
            "this database has no Plumbline in it, or an older one",
            "Run ./plumb migrate.",
        ) from error
    except psycopg.Error as error:
        said = error.diag.message_primary or first_line(error)
        # Without a code it was no server that spoke.
        way_out = "" if error.sqlstate else "./plumb status shows whether the database runs."
        raise PlumbError(
            f"{failure}: {said}" if failure else said,
            error.diag.message_hint or way_out,
        ) from error
    except UnicodeEncodeError as error:
        # Bytes of the command line that are no UTF-8 reach us as half surrogate pairs.
        raise PlumbError("an argument is not UTF-8", "Type it in a UTF-8 terminal.") from error
