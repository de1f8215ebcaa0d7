"""What the database says when it refuses, as the error that a command shows its user."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from plumbline.cli.errors import PlumbError

NO_PLUMBLINE = (
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedTable,
)


@contextmanager
def explained(exit_code: int = 1) -> Iterator[None]:
    """Turn what the database said into an error that a person can act on.

    Args:
        exit_code: The process's exit code, also of a PlumbError that has a smaller one.

    Raises:
        PlumbError: In place of any psycopg.Error.
    """
    try:
        yield
    except NO_PLUMBLINE as error:
        raise PlumbError(
            "this database has no Plumbline in it, or an older one",
            "Run ./plumb migrate.",
            exit_code,
        ) from error
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error).strip().partition("\n")[0]
        raise PlumbError(
            said or type(error).__name__, error.diag.message_hint or "", exit_code
        ) from error
    except UnicodeEncodeError as error:
        # Bytes of the command line that are no UTF-8 reach us as half surrogate pairs.
        raise PlumbError("an argument is not UTF-8", "", exit_code) from error
    except PlumbError as error:
        error.exit_code = max(error.exit_code, exit_code)
        raise
