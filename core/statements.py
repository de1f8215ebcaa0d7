"""Reads SQL that is longer than a line: it stands in a file beside the module that runs it."""

from functools import cache
from importlib.resources import files


@cache
def statement(package: str, name: str) -> str:
    """Return the text of a statement, with `%s` for each of its parameters.

    Args:
        package: The package of the caller, `__package__`.
        name: The file's name without `.sql`.

    Raises:
        FileNotFoundError: The package has no such file.
    """
    return files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")
