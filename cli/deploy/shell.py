"""Runs the two commands of a deployment so that a signal or a time limit ends them whole.

A command gets a process group of its own: Ctrl-C in the terminal reaches us, and we end it and
all that it started, politely first. What it prints goes where our own output goes.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

GRACE_SECONDS = 10
# How late a signal or the end of the time may be noticed.
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Args:
        exit_code: Its own; negative the signal that killed it.
        why: Empty when it ended by itself, else what made us end it.
    """

    exit_code: int
    why: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it did what it was asked to."""
        return self.exit_code == 0 and not self.why

    def __str__(self) -> str:
        """Say it in words."""
        if self.why:
            return self.why
        if self.exit_code < 0:
            return f"was killed by {signal.Signals(-self.exit_code).name}"
        return f"exited with {self.exit_code}"


def run_command(
    command: str,
    seconds_max: float,
    interrupted: threading.Event | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a shell command to its end, its time limit or an interruption.

    Args:
        command: For `sh -c`.
        seconds_max: Then it is ended.
        interrupted: Set from elsewhere, it ends the command; None: nothing does.
        environment: Variables that it gets besides ours.
    """
    deadline = time.monotonic() + seconds_max
    has_ended = threading.Event()
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        env=dict(os.environ) | dict(environment or {}),
        start_new_session=True,
    )

    def wait_for_end() -> None:
        process.wait()
        has_ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    why = ""
    while not why and not has_ended.wait(LOOK_SECONDS):
        if interrupted is not None and interrupted.is_set():
            why = "was interrupted"
        elif time.monotonic() > deadline:
            why = f"was ended after {seconds_max:g} s"
    if why:
        _end_group(process.pid)
        has_ended.wait(GRACE_SECONDS)
    return Ended(-signal.SIGKILL if process.returncode is None else process.returncode, why)


def _end_group(group: int) -> None:
    """End a process group; what it left in the background would act on after the rollback."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(LOOK_SECONDS)
        os.killpg(group, signal.SIGKILL)
