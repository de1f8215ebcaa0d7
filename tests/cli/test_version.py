"""One version, said by one file; `./plumb --version` says it before anything is installed."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_a_machine_without_anything_says_the_version(tmp_path):
    for name in ("plumb", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)

    done = subprocess.run(
        [tmp_path / "plumb", "--version"],
        env={"PATH": "/usr/bin:/bin", "PLUMB_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"plumb {VERSION}\n"
    assert {path.name for path in tmp_path.iterdir()} == {"plumb", "pyproject.toml"}


def test_the_installed_command_says_the_same():
    done = subprocess.run(
        [sys.executable, "-m", "plumbline.cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"plumb {VERSION}\n"
