"""Writes a command's result where its user asked for it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PlumbError

# What a user names in place of a file to get it on the standard output.
STANDARD_OUTPUT = Path("-")
# Set by the `plumb` of a wheel, which is called by its name alone.
INSTALLED = "PLUMB_INSTALLED"


def spelled(text: str) -> str:
    """Return a text with the command as it is called here: messages name that of a checkout.

    Args:
        text: What may say `./plumb status`.
    """
    return text.replace("./plumb", "plumb") if INSTALLED in os.environ else text


def say(line: str) -> None:
    """Print a line of a command that acts; the command goes on when its output is closed.

    Args:
        line: What was done.
    """
    try:
        print(spelled(line), flush=True)
    except BrokenPipeError:
        # What is still buffered must not raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def printable(text: str) -> str:
    """Return a line without what moves a terminal's cursor or ends the line; XML takes none either.

    Args:
        text: What may hold a name, a title or a row of others.
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


# Control characters but for line ends and tabulators, and those that turn the direction of writing.
INVISIBLE = dict.fromkeys(
    [
        *(c for c in (*range(0x20), *range(0x7F, 0xA0)) if chr(c) not in "\t\n\r"),
        *(0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)),
    ],
    "\N{REPLACEMENT CHARACTER}",
)


def visible(value: object) -> object:
    """Return what a page may show of a value: names and rows of others, printed by curl as well.

    Args:
        value: What a template prints; markup stays markup.
    """
    return value.translate(INVISIBLE) if isinstance(value, str) else value


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun in the right form, as plumb.counted() does.

    Args:
        number: How many.
        one: The noun for one.
        many: The noun for any other number; the noun for one with an s when absent.
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def write_output(path: Path, text: str) -> None:
    """Write a file that the user named.

    Args:
        path: Where; `-` is the standard output.
        text: What.

    Raises:
        PlumbError: It cannot be written; the message says why.
    """
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with _explained(path):
        path.write_text(text, encoding="utf-8")


def refuse_unwritable(path: Path) -> None:
    """Say before the work that its result cannot be written; what the file holds stays.

    Args:
        path: Where it will be written.

    Raises:
        PlumbError: It cannot be written; the message says why.
    """
    if path == STANDARD_OUTPUT:
        return
    with _explained(path):
        path.open("a").close()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlumbError(
            f"{path} cannot be written: {error.strerror}",
            "Name a file in a directory that you may write to.",
        ) from error
