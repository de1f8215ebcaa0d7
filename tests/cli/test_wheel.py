"""A wheel holds everything that runs, under the one name `plumbline`."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("api", "bench", "cli", "core", "db", "migrations")
# Files that are no code and yet needed to run.
DATA = ("*.sql", "*.html", "*.md", "*.mako")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> list[str]:
    directory = tmp_path_factory.mktemp("wheel")
    # A build writes beside its sources.
    copy = directory / "copy"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"),
            *("--disable-pip-version-check", "--quiet", "--wheel-dir", directory, copy),
        ],
        check=True,
    )
    (built,) = directory.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_it_claims_no_name_but_its_own(wheel):
    top = {name.partition("/")[0] for name in wheel}

    assert {name for name in top if not name.endswith(".dist-info")} == {"plumbline"}


def test_it_holds_every_module_and_every_file_that_is_read(wheel):
    wanted = {
        f"plumbline/{path.relative_to(ROOT)}"
        for folder in FOLDERS
        for pattern in ("*.py", *DATA)
        for path in (ROOT / folder).rglob(pattern)
    }

    assert wanted - set(wheel) == set()
