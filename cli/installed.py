"""The `plumb` of a wheel: does what the script of a checkout does before a command runs.

Missing packages are installed by the same shell code. Where root installed the wheel into a
directory that the account of the service may not read, as pipx does in /root, the environment is
copied into PLUMB_HOME first.
"""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from ..core.config import default_home
from ..core.errors import PlumbError
from ..core.exit_codes import TRUE
from ..core.host import service_account, service_process_options
from ..core.output import INSTALLED
from .__main__ import main, report_error
from .commands import COMMANDS

# What starts programs of PostgreSQL; everything else only speaks to a server.
NEEDS_PACKAGES = ("up", "backup", "psql", "bench")
# What names this interpreter to an account that may have to start it.
NEEDS_OPEN_PLACE = ("up", "service", "backup")
NEEDS_CHECKOUT = ("lint", "reference", "test")


def run() -> int:
    """Run one command of an installed wheel.

    Returns:
        The exit code, one of core.exit_codes.
    """
    arguments = sys.argv[1:]
    name = arguments[0] if arguments else "help"
    if name == "help":
        print("Usage: plumb COMMAND [ARGUMENT ...]\n")
        print("\n".join(f"  {command:<10} {about}" for command, about in COMMANDS.items()))
        print("\nplumb COMMAND --help shows the arguments of a command.")
        return TRUE
    if _is_checkout():
        return main(arguments)
    os.environ[INSTALLED] = "yes"
    if {"-h", "--help"} & {*arguments}:
        return main(arguments)
    try:
        _prepare(name, arguments)
    except PlumbError as error:
        return report_error(error, arguments)
    return main(arguments)


def _prepare(name: str, arguments: list[str]) -> None:
    """Do what must be done before a command runs.

    Raises:
        PlumbError: It cannot be run here.
        SystemExit: Packages are missing; what is said about it was printed.
    """
    if name in NEEDS_CHECKOUT:
        raise PlumbError(f"{name} works on the source code", "Call it in a checkout.")
    if name in NEEDS_PACKAGES:
        script = files("plumbline.core").joinpath("install_packages.sh")
        done = subprocess.run(["sh", str(script), sys.prefix, *arguments], check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
    if name in NEEDS_OPEN_PLACE:
        _leave_closed_place(arguments)


def _is_checkout() -> bool:
    """Return whether the package's folders lie beside the script that does all this."""
    return (Path(__file__).parents[1] / "plumb").is_file()


def _leave_closed_place(arguments: list[str]) -> None:
    """Go on from a copy of the environment where the service may not read this one."""
    if os.geteuid() != 0 or _may_run(sys.executable, "import plumbline.core.host"):
        return
    interpreter = os.path.realpath(sys.executable)
    account = service_account().pw_name
    if not _may_run(interpreter, ""):
        raise PlumbError(
            f"account {account}, which runs the service, may not run {interpreter}",
            "Install with a Python of the system: pipx install --python /usr/bin/python3 ...",
        )
    copy = Path(os.environ.get("PLUMB_HOME") or default_home()) / "venv"
    stamp = copy / ".copied-from"
    made_from = f"{sys.prefix} {metadata.version('plumbline')} {Path(__file__).stat().st_mtime_ns}"
    if not stamp.is_file() or stamp.read_text() != made_from:
        said = f"account {account} may not read {sys.prefix}: copying it to {copy}"
        print(said, file=sys.stderr, flush=True)
        try:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(sys.prefix, copy, symlinks=True)
            stamp.write_text(made_from)
        except OSError as error:
            raise PlumbError(
                f"{copy} cannot be written: {error}",
                "Install the wheel where every account may read it: PIPX_HOME=/opt/pipx.",
            ) from error
    python = copy / "bin" / "python"
    os.execv(python, [str(python), "-m", "plumbline.cli", *arguments])


def _may_run(interpreter: str, code: str) -> bool:
    """Return whether the account of the service may run some Python."""
    try:
        done = subprocess.run(
            [interpreter, "-c", code], capture_output=True, check=False, **service_process_options()
        )
    except PermissionError:
        return False
    return done.returncode == 0
