"""Starts Plumbline after a reboot: by units of systemd, or by a line of cron without systemd.

What starts is `plumb up`, which finds what runs and starts what does not; a timer calls it again,
so that a process that died comes back as well. Nothing is installed or updated by it.
"""

import argparse
import os
import pwd
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from ...core.config import VARIABLES, Config
from ...core.errors import PlumbError
from ...core.exit_codes import TRUE
from ...core.home import refuse_foreign
from ...core.output import say
from . import cron, units

# Where systemd runs as the machine's first process.
SYSTEMD = Path("/run/systemd/system")
# Variables besides ours without which programs are not found or texts not read.
KEPT = ("PATH", "LANG", "GNUPGHOME")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "action", choices=("install", "remove"), help="let it start with the machine, or no longer"
    )
    parser.add_argument(
        "--cron", action="store_true", help="with cron, also where systemd runs the machine"
    )
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="only write the files there, or remove them: nothing is started",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write or remove what starts Plumbline with the machine.

    Returns:
        0 when it is done.

    Raises:
        PlumbError: It cannot be done; the message says why.
    """
    config = Config.from_environment()
    refuse_foreign(config.home)
    if arguments.directory and not arguments.directory.is_dir():
        raise PlumbError(f"there is no directory {arguments.directory}", "Make it first.")
    with_cron = arguments.cron or not (SYSTEMD.is_dir() or arguments.directory)
    environment = environment_file(config)
    if arguments.action == "install":
        _write_environment(environment, config)
        command = [sys.executable, "-m", "plumbline.cli"]
        if with_cron:
            say(cron.install(command, environment, arguments.directory))
        else:
            _install_units(command, environment, config, arguments.directory)
    else:
        if with_cron:
            say(cron.remove(environment, arguments.directory))
        else:
            _remove_units(arguments.directory)
        environment.unlink(missing_ok=True)
    return TRUE


def environment_file(config: Config) -> Path:
    """Return where the variables stand that it starts with; it is there once it is installed.

    Args:
        config: The checked environment.
    """
    return config.home / "run" / "service.env"


def _write_environment(path: Path, config: Config) -> None:
    """Keep what is set now: a boot has none of it. It may hold passwords."""
    kept = {name: os.environ[name] for name in KEPT if os.environ.get(name)}
    kept |= {v.name: os.environ[v.name] for v in VARIABLES if os.environ.get(v.name)}
    kept["PLUMB_HOME"] = str(config.home)
    for name, value in kept.items():
        if not value.isprintable():
            raise PlumbError(f"{name} holds a control character", "Change it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("".join(f"{line}\n" for line in map(_assignment, kept.items())), "utf-8")


def _assignment(variable: tuple[str, str]) -> str:
    """Return a line that sh and systemd read alike."""
    name, value = variable
    if "'" not in value:
        return f"{name}='{value}'"
    escaped = "".join(f"\\{c}" if c in '"\\$`' else c for c in value)
    return f'{name}="{escaped}"'


def _install_units(
    command: list[str], environment: Path, config: Config, directory: Path | None
) -> None:
    folder = directory or _unit_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in units.texts(command, environment, config, is_root=os.geteuid() == 0).items():
        (folder / name).write_text(text, encoding="utf-8")
        say(f"wrote {folder / name}")
    if directory:
        return
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", units.SERVICE, units.TIMER)
    say("it starts with the machine: systemctl status plumbline")
    if os.geteuid() != 0:
        user = pwd.getpwuid(os.geteuid()).pw_name
        say(f"so that it starts before you log in: loginctl enable-linger {user}")


def _remove_units(directory: Path | None) -> None:
    folder = directory or _unit_folder()
    found = [folder / name for name in units.NAMES if (folder / name).exists()]
    if not found:
        say(f"no unit is installed in {folder}")
        return
    if not directory:
        # The service is stopped with it, as `plumb down` does.
        _systemctl("disable", "--now", units.TIMER, units.SERVICE)
    for path in found:
        path.unlink()
        say(f"removed {path}")
    if not directory:
        _systemctl("daemon-reload")


def _unit_folder() -> Path:
    if os.geteuid() == 0:
        return Path("/etc/systemd/system")
    home = os.environ.get("XDG_CONFIG_HOME") or f"{pwd.getpwuid(os.geteuid()).pw_dir}/.config"
    return Path(home) / "systemd" / "user"


def _systemctl(*arguments: str) -> None:
    program = shutil.which("systemctl")
    if program is None:
        raise PlumbError("systemctl is not installed", "./plumb service install --cron")
    command = [program, *([] if os.geteuid() == 0 else ["--user"]), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PlumbError(
            f"{shlex.join(command)} failed: {(done.stderr or done.stdout).strip()}",
            "See journalctl -u plumbline, and ./plumb doctor.",
        )
