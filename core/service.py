"""The HTTP service as a process of its own, on a port that is free, asked whether it is ready."""

import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .background import LOG_LINES_READ, Background, start_ticks
from .config import Config
from .errors import PlumbError
from .host import is_port_taken

READY_SECONDS_MAX = 30


class Service(Background):
    """The HTTP service of one PLUMB_HOME.

    Args:
        config: The checked environment.
    """

    def __init__(self, config: Config) -> None:
        """Name a service; nothing is started yet."""
        # The service is made for one schema, which the newest revision names.
        folders = ("api", "core", "migrations")
        super().__init__(config, "api", ("plumbline.api", "--quiet"), folders)
        host = config.values["HOST"]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{config.api_port}"

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

    def _start(self, database_url: str, recipe: str) -> None:
        child = self._spawn(database_url, recipe)
        try:
            self._wait_until_ready(child.pid, child)
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(
        self, process_id: int, child: subprocess.Popen[bytes] | None = None
    ) -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        answer = "no answer yet"
        while time.monotonic() < deadline:
            if (child and child.poll() is not None) or start_ticks(process_id) is None:
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


def _last_error(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()[-LOG_LINES_READ:]
    # gunicorn's own lines begin with a bracketed time; what broke the application does not.
    shown = [line for line in lines if line.strip() and line[0] not in "[ "]
    causes = [line for line in shown if not re.search("HaltServer|Traceback|exception", line)]
    return (causes or lines or ["it did not say why"])[-1]
