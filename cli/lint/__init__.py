"""Runs every check of a checkout that needs no database: ruff, sqlfluff, pgspot and mypy."""

import argparse
import subprocess
import sys
from pathlib import Path

from ...core.errors import PlumbError
from . import pgspot, types

# The other files of bench/ are scripts of pgbench.
SQL_PATHS = ("db", "migrations", "cli/demo/shop", "bench/stock.sql", "bench/history.sql")
FORMATTERS = (
    ("ruff", "check", "--fix", "."),
    ("ruff", "format", "."),
    ("sqlfluff", "fix", *SQL_PATHS),
)
LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("sqlfluff", "lint", *SQL_PATHS),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--fix", action="store_true", help="rewrite what a tool can rewrite")


def run(arguments: argparse.Namespace) -> int:
    """Run the linters, all of them, whatever the first one finds.

    Returns:
        0 when none has a finding, else 1.

    Raises:
        PlumbError: There is no checkout here.
    """
    require_checkout()
    is_clean = [run_tool(*tool) == 0 for tool in (FORMATTERS if arguments.fix else LINTERS)]
    for name, found in (("pgspot", pgspot.findings()), ("mypy", types.findings(Path.cwd()))):
        print("\n".join([f"{name} db" if name == "pgspot" else name, *found]), flush=True)
        is_clean.append(not found)
    return 0 if all(is_clean) else 1


def require_checkout() -> None:
    """Refuse to look for files where there are none.

    Raises:
        PlumbError: The current directory is no checkout.
    """
    if not Path("tests/conftest.py").exists():
        raise PlumbError("there is no checkout here", "Change to the directory of ./plumb.")


def run_tool(name: str, *arguments: str) -> int:
    """Run one of the environment's programs, its output shown.

    Args:
        name: The program.
        *arguments: Its arguments.

    Returns:
        Its exit code.
    """
    print(f"{name} {' '.join(arguments)}", flush=True)
    program = Path(sys.executable).with_name(name)
    return subprocess.run([str(program), *arguments], check=False).returncode
