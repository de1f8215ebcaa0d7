"""Writes a command's result where its user asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PlumbError


def write_output(path: Path, text: str, exit_code: int = 1) -> None:
    """Write a file that the user named.

    Args:
        path: Where.
        text: What.
        exit_code: The process's exit code when it cannot be written.

    Raises:
        PlumbError: It cannot be written; the message says why.
    """
    with _explained(path, exit_code):
        path.write_text(text, encoding="utf-8")


def refuse_unwritable(path: Path) -> None:
    """Say before the work that its result cannot be written; what the file holds stays.

    Args:
        path: Where it will be written.

    Raises:
        PlumbError: It cannot be written; the message says why.
    """
    with _explained(path, 1):
        path.open("a").close()


@contextmanager
def _explained(path: Path, exit_code: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlumbError(
            f"{path} cannot be written: {error.strerror}",
            "Name a file in a directory that you may write to.",
            exit_code,
        ) from error
