"""Shows how far long work is, and how long it will still take; on a terminal only.

It is written to the standard error and taken away when the work is done, so that what a command
prints stays the same.
"""

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
from .session import open_session
from .statements import statement


class Advance(Protocol):
    """Takes how much is done (or null), what is done now, and how much there is if that changed."""

    def __call__(self, done: float | None, now: str = "", total: float | None = None) -> None:
        """Show it."""


WATCH_SECONDS = 1
# What plumb.check_invariants() says while it runs.
CHECKING = re.compile(r"checking (?P<at>\d+) of (?P<total>\d+): (?P<now>.*)")


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

        def advance(done: float | None, now: str = "", total: float | None = None) -> None:
            described = f"{what}: {printable(now)}" if now else what
            shown.update(task, completed=done, description=described, total=total)

        yield advance


def say_nothing(done: float | None, now: str = "", total: float | None = None) -> None:
    """Take what is done where nobody looks."""


@contextmanager
def check_progress(connection: psycopg.Connection) -> Iterator[None]:
    """Show which invariant a session checks, by what the server says while it runs.

    Args:
        connection: The session.
    """
    with progress("checking invariants", 1) as advance, heard(connection, CHECKING, advance):
        yield


@contextmanager
def heard(
    connection: psycopg.Connection, pattern: re.Pattern[str], advance: Advance
) -> Iterator[None]:
    """Show how far a session's statement is, by what the server says while it runs.

    Args:
        connection: The session.
        pattern: What it says, with the groups `at`, the number it begins with, `total`, and `now`
            where there is one.
        advance: Where it is shown.
    """
    if not sys.stderr.isatty():
        yield
        return

    def hear(said: psycopg.errors.Diagnostic) -> None:
        found = pattern.fullmatch(said.message_primary or "")
        if found:
            now = found.groupdict().get("now", "")
            advance(float(found["at"]) - 1, now, float(found["total"]))

    connection.add_notice_handler(hear)
    connection.execute("set client_min_messages = debug1")
    try:
        yield
    finally:
        connection.remove_notice_handler(hear)


@contextmanager
def statement_progress(url: str, process_id: int, advance: Advance) -> Iterator[None]:
    """Show what a statement that takes long is at, by asking another session.

    Args:
        url: The database's URL.
        process_id: The backend whose statements are watched.
        advance: Where it is shown.
    """
    if not sys.stderr.isatty():
        yield
        return
    is_over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(url, process_id, advance, is_over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


def _watch(url: str, process_id: int, advance: Advance, is_over: threading.Event) -> None:
    query = statement(__package__, "statement_progress")
    # What cannot be asked is not shown; the work goes on.
    with suppress(psycopg.Error), open_session(url, "plumb progress", autocommit=True) as session:
        while not is_over.wait(WATCH_SECONDS):
            row = session.execute(query, [process_id]).fetchone()
            if row:
                what, percent = row
                advance(None, what if percent is None else f"{what} {percent} %")
