"""Shows how far long work is, and how long it will still take; on a terminal only.

It is written to the standard error and taken away when the work is done, so that what a command
prints stays the same.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import psycopg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from .output import printable


class Advance(Protocol):
    """Takes how much is done in all, what is done now, and how much there is where that changed."""

    def __call__(self, done: float, now: str = "", total: float | None = None) -> None:
        """Show it."""


# What plumb.check_invariants() says while it runs.
CHECKING = re.compile(r"checking (\d+) of (\d+): (.*)")


@contextmanager
def progress(what: str, total: float | None = None, is_counted: bool = True) -> Iterator[Advance]:
    """Show what is done until the work ends.

    Args:
        what: The work.
        total: How much there is to do; without, only the time is shown that it takes.
        is_counted: Whether the numbers mean something to a person, as those of bytes do not.

    Yields:
        A function that takes how much is done in all, and what is done now.
    """
    if not sys.stderr.isatty():
        yield say_nothing
        return
    columns: list[ProgressColumn] = [TextColumn("{task.description}")]
    if total is not None:
        columns.append(BarColumn())
        columns += [MofNCompleteColumn()] if is_counted else []
        columns += [TextColumn("left"), TimeRemainingColumn()]
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as shown:
        task = shown.add_task(what, total=total)

        def advance(done: float, now: str = "", total: float | None = None) -> None:
            described = f"{what}: {printable(now)}" if now else what
            shown.update(task, completed=done, description=described, total=total)

        yield advance


def say_nothing(done: float, now: str = "", total: float | None = None) -> None:
    """Take what is done where nobody looks."""


@contextmanager
def check_progress(connection: psycopg.Connection) -> Iterator[None]:
    """Show which invariant a session checks, by what the server says while it runs.

    Args:
        connection: The session.
    """
    if not sys.stderr.isatty():
        yield
        return
    with progress("checking invariants", 1) as advance:

        def hear(said: psycopg.errors.Diagnostic) -> None:
            found = CHECKING.fullmatch(said.message_primary or "")
            if found:
                advance(int(found[1]) - 1, found[3], int(found[2]))

        connection.add_notice_handler(hear)
        connection.execute("set client_min_messages = debug1")
        try:
            yield
        finally:
            connection.remove_notice_handler(hear)
