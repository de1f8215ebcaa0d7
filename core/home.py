"""PLUMB_HOME: a directory of Plumbline's own, in which one command at a time starts and stops."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PlumbError

# What Plumbline puts there. A directory with other things only belongs to another program.
MARKS = ("data/PG_VERSION", "new/data", "run/api.json", "run/api.log", "venv/pyvenv.cfg")
OWN = frozenset((
    "backups", "data", "drill", "log", "new", "run", "socket", "venv", "lost+found",
))  # fmt: skip


@contextmanager
def exclusive(home: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Keep other commands that start or stop something in this directory waiting.

    Args:
        home: PLUMB_HOME; made if it is not there.
        report: Gets a line when this command has to wait.

    Raises:
        PlumbError: The directory cannot be used; the message says why.
    """
    refuse_foreign(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise PlumbError(
            f"PLUMB_HOME is '{home}', which cannot be used: {error.strerror}",
            "Set it to a directory that you may write to.",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"another ./plumb up or down works in {home}: waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def refuse_foreign(home: Path) -> None:
    """Refuse a directory that belongs to something else.

    Args:
        home: PLUMB_HOME.

    Raises:
        PlumbError: It is no directory, cannot be read, or holds other things only.
    """
    if home.exists() and not home.is_dir():
        raise PlumbError(
            f"PLUMB_HOME is '{home}', which is no directory", "Set it to a directory of its own."
        )
    try:
        found = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    except OSError as error:
        raise PlumbError(
            f"PLUMB_HOME is '{home}', which cannot be read: {error.strerror}",
            "Run this as its owner, or set PLUMB_HOME to a directory of your own.",
        ) from error
    foreign = [name for name in found if name not in OWN]
    if foreign and not any((home / mark).exists() for mark in MARKS):
        raise PlumbError(
            f"PLUMB_HOME is '{home}', which holds other things: {', '.join(foreign[:3])}",
            "Set it to a directory of its own; it is made if it is not there.",
        )
