"""The HTTP service as a process of its own: started, recognised and stopped.

A process id alone proves nothing: after a reboot it may be anybody's. So the id is kept with
the process's start time, and only a process that matches both is ours.
"""

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .config import VARIABLES, Config
from .errors import PlumbError
from .host import is_port_taken, service_process_options

READY_SECONDS_MAX = 30
STOP_SECONDS_MAX = 15
LOG_LINES_READ = 50
# What goes wrong is written there with what it went wrong with.
LOG_MODE = 0o640
LOG_BYTES_MAX = 10 * 1024 * 1024


@dataclass(frozen=True)
class Process:
    """A recorded process.

    Args:
        process_id: Its id.
        start_ticks: When it started, in clock ticks since boot.
        recipe: A digest of the code and settings that it was started with.
        url: Where it answers.
    """

    process_id: int
    start_ticks: int
    recipe: str
    url: str


class Service:
    """The HTTP service of one PLUMB_HOME.

    Args:
        config: The checked environment.
    """

    def __init__(self, config: Config) -> None:
        """Name a service; nothing is started yet."""
        self._config = config
        self._record_path = config.home / "run" / "api.json"
        self.log_path = config.home / "run" / "api.log"
        host = config.values["HOST"]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{config.api_port}"

    def running(self) -> Process | None:
        """Return the process that a former `up` started, if it still lives."""
        try:
            process = Process(**json.loads(self._record_path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return process if _start_ticks(process.process_id) == process.start_ticks else None

    def check_port(self) -> None:
        """Refuse a port that another program holds.

        Raises:
            PlumbError: It is taken, and not by the service that runs already.
        """
        process = self.running()
        if process and process.url == self.url:
            return
        if is_port_taken(self._config.api_port, self._config.values["HOST"]):
            raise PlumbError(
                f"port {self._config.api_port} is taken by another program",
                f"Choose another: PORT={self._config.api_port + 1} ./plumb up",
            )

    def ensure(self, database_url: str) -> bool:
        """Start the service, or replace one whose code or settings are older.

        Args:
            database_url: What it connects to.

        Returns:
            Whether it was started.

        Raises:
            PlumbError: It does not start or does not become ready.
        """
        recipe = self._recipe(database_url)
        process = self.running()
        if process and process.recipe == recipe:
            self._wait_until_ready(process.process_id)
            return False
        self.stop()
        self.check_port()
        self._start(database_url, recipe)
        return True

    def stop(self) -> bool:
        """Stop the service that `up` started, letting requests finish.

        Returns:
            Whether it ran.
        """
        process = self.running()
        if process:
            _end(process)
        self._record_path.unlink(missing_ok=True)
        return process is not None

    def _start(self, database_url: str, recipe: str) -> None:
        self._record_path.parent.mkdir(parents=True, exist_ok=True)
        options = service_process_options()
        environment = options.pop("env", dict(os.environ))
        with self._open_log() as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "plumbline.api", "--quiet"],
                **options,
                env={**environment, "DATABASE_URL": database_url},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        ticks = _start_ticks(child.pid)
        if ticks is not None:
            process = Process(child.pid, ticks, recipe, self.url)
            self._record_path.write_text(json.dumps(process.__dict__))
        try:
            self._wait_until_ready(child.pid, child)
        except BaseException:
            self.stop()
            raise

    def _open_log(self) -> IO[bytes]:
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES_MAX:
            self.log_path.rename(self.log_path.with_suffix(".log.1"))
        log = os.open(self.log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE)
        # An older release made it readable for everybody.
        os.fchmod(log, LOG_MODE)
        return os.fdopen(log, "ab")

    def _wait_until_ready(
        self, process_id: int, child: subprocess.Popen[bytes] | None = None
    ) -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        answer = "no answer yet"
        while time.monotonic() < deadline:
            if (child and child.poll() is not None) or _start_ticks(process_id) is None:
                raise PlumbError(
                    f"the HTTP service ended at once: {_last_error(self.log_path)}",
                    f"More is said in {self.log_path}.",
                )
            is_ready, answer = ask(f"{self.url}/readyz")
            if is_ready:
                return
            time.sleep(0.1)
        raise PlumbError(
            f"the HTTP service is not ready after {READY_SECONDS_MAX} s: {answer}",
            f"More is said in {self.log_path}.",
        )

    def _recipe(self, database_url: str) -> str:
        """Digest what a running process cannot notice by itself: code and environment."""
        package = Path(__file__).resolve().parent.parent
        digest = hashlib.sha256(database_url.encode())
        for variable in VARIABLES:
            digest.update(f"\0{variable.name}={self._config.values[variable.name]}".encode())
        # The service is made for one schema, which the newest revision names.
        for folder in ("api", "core", "migrations"):
            for path in sorted((package / folder).rglob("*.py")):
                digest.update(f"\0{path}:{path.stat().st_mtime_ns}".encode())
        return digest.hexdigest()


def ask(url: str) -> tuple[bool, str]:
    """Ask a health endpoint.

    Args:
        url: Its address.

    Returns:
        Whether it answered 200, and what it said or why it did not.
    """
    # A proxy of the environment must not come between us and our own loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return True, response.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return False, error.read().decode(errors="replace").strip() or str(error)
    except OSError as error:
        return False, str(error)


def _start_ticks(process_id: int) -> int | None:
    """Return a living process's start time: field 22 of /proc/PID/stat (see proc(5))."""
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
            if _start_ticks(process.process_id) != process.start_ticks:
                return
            time.sleep(0.05)


def _last_error(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()[-LOG_LINES_READ:]
    # gunicorn's own lines begin with a bracketed time; what broke the application does not.
    telling = [line for line in lines if line.strip() and line[0] not in "[ "]
    causes = [line for line in telling if not re.search("HaltServer|Traceback|exception", line)]
    return (causes or lines or ["it did not say why"])[-1]
