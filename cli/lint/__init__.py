"""Runs every check of a checkout that needs no database: ruff, sqlfluff, pgspot and mypy."""

import argparse
import subprocess
import sys
from pathlib import Path

from ...core.errors import PlumbError
from ...core.exit_codes import FALSE, TRUE
from . import pgspot, sqlfluff, types

FORMATTERS = (("check", "--fix"), ("format",))
LINTERS = (("check",), ("format", "--check"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--fix", action="store_true", help="rewrite what a tool can rewrite")


def run(arguments: argparse.Namespace) -> int:
    """Run the linters, all of them, whatever the first one finds.

    Returns:
        0 when none has a finding, else 1.

    Raises:
        PlumbError: There is no checkout here, or a linter failed.
    """
    require_checkout()
    root = Path.cwd()
    if arguments.fix:
        sqlfluff.fix(root)
    is_clean = [_ruff(*options) for options in (FORMATTERS if arguments.fix else LINTERS)]
    for name, look in (
        ("sqlfluff", sqlfluff.findings),
        ("pgspot", lambda _root: pgspot.findings()),
        ("mypy", types.findings),
    ):
        print(name, flush=True)
        found = look(root)
        print("".join(f"{line}\n" for line in found), end="", flush=True)
        is_clean.append(not found)
    return TRUE if all(is_clean) else FALSE


def require_checkout() -> None:
    """Refuse to look for files where there are none.

    Raises:
        PlumbError: The current directory is no checkout.
    """
    if not Path("tests/conftest.py").exists():
        raise PlumbError("there is no checkout here", "Change to the directory of ./plumb.")


def _ruff(*options: str) -> bool:
    print(f"ruff {' '.join(options)}", flush=True)
    program = Path(sys.executable).with_name("ruff")
    code = subprocess.run([program, *options, "."], check=False).returncode
    if code not in (TRUE, FALSE):
        raise PlumbError(f"ruff exited with {code}", "What it printed says why.")
    return code == TRUE
