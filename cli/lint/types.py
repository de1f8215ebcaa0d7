"""Type checking: mypy, strict, over every package that is installed.

The checkout's folders are packages of `plumbline` only once they are installed, and a type checker
does not follow the editable installation's import hook. So mypy sees them under that name in a
directory of links.
"""

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = ("core", "cli", "api", "bench", "migrations")
# db/ holds no code of Python's but the name of its package.
LINKED = (*PACKAGES, "db")


def findings(root: Path) -> list[str]:
    """Return what mypy finds.

    Args:
        root: The checkout.
    """
    tree = root / ".mypy_cache" / "tree"
    package = tree / "plumbline"
    package.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        link = package / name
        if not link.is_symlink():
            link.symlink_to(root / name)
    mypy = subprocess.run(
        [
            *(sys.executable, "-m", "mypy"),
            f"--config-file={root / 'pyproject.toml'}",
            f"--cache-dir={root / '.mypy_cache'}",
            *(word for name in PACKAGES for word in ("--package", f"plumbline.{name}")),
        ],
        cwd=tree,
        env={**os.environ, "MYPYPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    if mypy.returncode == 0:
        return []
    lines = [line.removeprefix("plumbline/") for line in mypy.stdout.splitlines()]
    return [*lines, *mypy.stderr.splitlines()]
