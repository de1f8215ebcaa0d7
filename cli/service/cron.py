"""Lines of cron, for machines that systemd does not run."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ...core.errors import PlumbError

SYSTEM_FILE = Path("/etc/cron.d/plumbline")
WATCH = "*/5 * * * *"


def lines(command: Sequence[str], environment: Path) -> list[str]:
    """Return the lines of a table: at boot, and every five minutes for what died.

    Args:
        command: How to call `plumb`.
        environment: The file with its variables.
    """
    call = f"set -a; . {shlex.quote(str(environment))}; {shlex.join([*command, 'up', '--no-demo'])}"
    # In a table of cron a percent sign ends the command.
    escaped = f"{call} >/dev/null".replace("%", "\\%")
    return [f"{when} {{user}}{escaped} {_mark(environment)}" for when in ("@reboot", WATCH)]


def install(command: Sequence[str], environment: Path, directory: Path | None) -> str:
    """Write the lines.

    Args:
        command: As for `lines`.
        environment: As for `lines`.
        directory: Where to write the file instead.

    Returns:
        What was done.

    Raises:
        PlumbError: There is no cron, or it refuses them.
    """
    made = lines(command, environment)
    file = directory / SYSTEM_FILE.name if directory else SYSTEM_FILE
    if directory or os.geteuid() == 0:
        if not file.parent.is_dir():
            raise PlumbError(f"there is no {file.parent}", "Install cron: apt-get install cron")
        # The sixth field names the account.
        file.write_text("".join(line.replace("{user}", "root ") + "\n" for line in made), "utf-8")
        return f"wrote {file}: it starts with the machine"
    kept = [line for line in _table() if not line.endswith(_mark(environment))]
    _write_table([*kept, *(line.replace("{user}", "") for line in made)])
    return "added to your crontab: it starts with the machine"


def remove(environment: Path, directory: Path | None) -> str:
    """Remove the lines.

    Args:
        environment: As for `lines`.
        directory: As for `install`.

    Returns:
        What was done.

    Raises:
        PlumbError: There is no cron, or it refuses.
    """
    file = directory / SYSTEM_FILE.name if directory else SYSTEM_FILE
    if directory or os.geteuid() == 0:
        if not file.exists():
            return f"there is no {file}"
        file.unlink()
        return f"removed {file}"
    table = _table()
    kept = [line for line in table if not line.endswith(_mark(environment))]
    if kept == table:
        return "your crontab has no line of it"
    _write_table(kept)
    return "removed from your crontab"


def _mark(environment: Path) -> str:
    return f"# plumbline {environment}".replace("%", "\\%")


def _crontab(argument: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("crontab")
    if program is None:
        raise PlumbError("crontab is not installed", "apt-get install cron")
    return subprocess.run(
        [program, argument], input=text, capture_output=True, text=True, check=False
    )


def _table() -> list[str]:
    # Who has no table yet is answered with an error.
    done = _crontab("-l")
    return done.stdout.splitlines() if done.returncode == 0 else []


def _write_table(table: list[str]) -> None:
    done = _crontab("-", "".join(f"{line}\n" for line in table))
    if done.returncode:
        raise PlumbError(f"crontab refused the lines: {done.stderr.strip()}")
