"""`./plumb scheduler` as a process of its own, for a server whose pg_cron runs no jobs here."""

import time

from .background import LOG_LINES_READ, Background, start_ticks
from .config import Config
from .errors import PlumbError

# It ends at once, or goes on for ever.
START_SECONDS_MAX = 10
READY = "runs the jobs of"


class SchedulerProcess(Background):
    """The scheduler of one PLUMB_HOME.

    Args:
        config: The checked environment.
    """

    def __init__(self, config: Config) -> None:
        """Name a scheduler; nothing is started yet."""
        super().__init__(config, "scheduler", ("plumbline.cli", "scheduler"), ("cli", "core"))

    def ensure(self, database_url: str) -> bool:
        """Start it, or replace one whose code or settings are older.

        Args:
            database_url: What it connects to.

        Returns:
            Whether it was started.

        Raises:
            PlumbError: It ends at once; the message says why.
        """
        recipe = self._recipe(database_url)
        process = self.running()
        if process and process.recipe == recipe:
            return False
        self.stop()
        begins = self.log_path.stat().st_size if self.log_path.exists() else 0
        child = self._spawn(database_url, recipe)
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            said = self.log_path.read_bytes()[begins:].decode(errors="replace")
            if READY in said:
                return True
            if child.poll() is not None or start_ticks(child.pid) is None:
                break
            time.sleep(0.1)
        self.stop()
        lines = said.strip().splitlines()[-LOG_LINES_READ:] or ["it did not say why"]
        raise PlumbError(
            f"the scheduler does not run: {lines[0]}", f"More is said in {self.log_path}."
        )
