"""A process that goes on after the command that started it: started, recognised and stopped.

A process id alone proves nothing: after a reboot it may be anybody's. So the id is kept with
the process's start time, and only a process that matches both is ours.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .config import VARIABLES, Config
from .host import service_process_options

STOP_SECONDS_MAX = 15
LOG_LINES_READ = 50
# A log tells what went wrong with which values, a record which process listens where.
FILE_MODE = 0o640
LOG_BYTES_MAX = 10 * 1024 * 1024


@dataclass(frozen=True)
class Process:
    """A recorded process.

    Args:
        process_id: Its id.
        start_ticks: When it started, in clock ticks since boot.
        recipe: A digest of the code and settings that it was started with.
        url: Where it answers; empty when it answers nowhere.
    """

    process_id: int
    start_ticks: int
    recipe: str
    url: str


class Background:
    """A process of one PLUMB_HOME that goes on in the background.

    Args:
        config: The checked environment.
        name: Names its record and its log.
        command: The Python module and its arguments.
        folders: The packages of its code: it is started anew when they change.
    """

    def __init__(
        self, config: Config, name: str, command: Sequence[str], folders: Sequence[str]
    ) -> None:
        """Name a process; nothing is started yet."""
        self._config = config
        self._command = command
        self._folders = folders
        self._record_path = config.home / "run" / f"{name}.json"
        self.log_path = config.home / "run" / f"{name}.log"
        self.url = ""

    def running(self) -> Process | None:
        """Return the process that a former `up` started, if it still lives."""
        try:
            process = Process(**json.loads(self._record_path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return process if start_ticks(process.process_id) == process.start_ticks else None

    def stop(self) -> bool:
        """Stop the process that `up` started, letting it finish what it does.

        Returns:
            Whether it ran.
        """
        process = self.running()
        if process:
            _end(process)
        self._record_path.unlink(missing_ok=True)
        return process is not None

    def _spawn(self, database_url: str, recipe: str) -> subprocess.Popen[bytes]:
        self._record_path.parent.mkdir(parents=True, exist_ok=True)
        options = service_process_options()
        environment = options.pop("env", dict(os.environ))
        with self._open_log() as log:
            child = subprocess.Popen(
                [sys.executable, "-m", *self._command],
                **options,
                env={**environment, "DATABASE_URL": database_url},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        ticks = start_ticks(child.pid)
        if ticks is not None:
            process = Process(child.pid, ticks, recipe, self.url)
            with _open_private(self._record_path, os.O_TRUNC) as record:
                record.write(json.dumps(process.__dict__).encode())
        return child

    def _open_log(self) -> IO[bytes]:
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES_MAX:
            self.log_path.rename(self.log_path.with_suffix(".log.1"))
        return _open_private(self.log_path, os.O_APPEND)

    def _recipe(self, database_url: str) -> str:
        """Digest what a running process cannot notice by itself: code and environment."""
        package = Path(__file__).resolve().parent.parent
        digest = hashlib.sha256(database_url.encode())
        for variable in VARIABLES:
            digest.update(f"\0{variable.name}={self._config.values[variable.name]}".encode())
        for folder in self._folders:
            for path in sorted((package / folder).rglob("*.py")):
                digest.update(f"\0{path}:{path.stat().st_mtime_ns}".encode())
        return digest.hexdigest()


def _open_private(path: Path, flag: int) -> IO[bytes]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | flag, FILE_MODE)
    # An older release made it readable for everybody.
    os.fchmod(file, FILE_MODE)
    return os.fdopen(file, "wb")


def start_ticks(process_id: int) -> int | None:
    """Return a living process's start time: field 22 of /proc/PID/stat (see proc(5)).

    Args:
        process_id: Its id.
    """
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return None
    # The command's name stands in parentheses and may hold spaces and parentheses itself.
    state, *fields = stat.rsplit(")", 1)[1].split()
    return None if state == "Z" else int(fields[18])


def _end(process: Process) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS_MAX
        with contextlib.suppress(ProcessLookupError):
            # Of a master that must be killed, the workers go with it: they share its session.
            if kind == signal.SIGKILL:
                os.killpg(process.process_id, kind)
            else:
                os.kill(process.process_id, kind)
        while time.monotonic() < deadline:
            if start_ticks(process.process_id) != process.start_ticks:
                return
            time.sleep(0.05)
