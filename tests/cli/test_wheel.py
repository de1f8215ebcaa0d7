"""A wheel holds everything that runs, under the one name `plumbline`, and needs no checkout."""

import json
import os
import re
import shutil
import site
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from plumbline.cli import installed as entry
from plumbline.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
FOLDERS = ("api", "bench", "cli", "core", "db", "migrations")
# Files that are no code and yet needed to run.
DATA = ("*.sql", "*.html", "*.md", "*.mako", "*.sh")
BUILD = """
import sys
from setuptools import build_meta
directory = sys.argv[1]
build_meta.build_sdist(directory)
build_meta.build_wheel(directory)
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    """Return a directory with the wheel and the sdist."""
    directory = tmp_path_factory.mktemp("wheel")
    # A build writes beside its sources.
    copy = directory / "copy"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in (*FOLDERS, "docs/runbooks"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    made = directory / "dist"
    made.mkdir()
    subprocess.run([sys.executable, "-c", BUILD, made], cwd=copy, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def wheel(dist) -> list[str]:
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def installed(dist, tmp_path_factory) -> Path:
    """Return the `plumb` of an environment that holds the wheel, and sees what it depends on."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", place / "bin" / "python", "install"),
            *("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"),
            next(dist.glob("*.whl")),
        ],
        check=True,
    )
    (packages,) = place.glob("lib/python3*/site-packages")
    # As a plain directory: what makes this checkout importable in it is not read.
    (packages / "dependencies.pth").write_text(f"{site.getsitepackages()[0]}\n")
    return place / "bin" / "plumb"


@pytest.fixture
def plumb(installed, tmp_path):
    """Return a function that runs the installed command in an empty directory."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [installed, *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
            | {"PLUMB_HOME": str(tmp_path / "home")}
            | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


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
    wanted |= {f"plumbline/runbooks/{path.name}" for path in (ROOT / "docs/runbooks").iterdir()}
    wanted -= {"plumbline/runbooks/__pycache__"}

    assert wanted - set(wheel) == set()


def test_the_sdist_holds_what_the_wheel_holds(dist, wheel):
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    wanted = {name.removeprefix("plumbline/") for name in wheel if ".dist-info/" not in name}
    wanted = {re.sub("^runbooks/", "docs/runbooks/", name) for name in wanted}
    assert wanted - names == set()
    assert {"pyproject.toml", "README.md", "LICENSE"} <= names


def test_without_a_checkout_it_says_its_version_and_its_commands(plumb):
    version = plumb("--version")
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith("plumb ")

    said = plumb("help").stdout
    lines = [line.split(maxsplit=1) for line in said.splitlines() if line.startswith("  ")]
    assert dict(lines) == COMMANDS
    assert "example:" in plumb("verify", "--help").stdout


def test_its_messages_name_the_command_as_it_is_called(plumb):
    done = plumb("verify")

    assert done.returncode == 2
    assert "Run plumb up" in done.stderr


def test_missing_packages_are_named_where_they_cannot_be_installed(plumb, tmp_path):
    # A cluster of a version that nobody has, and no apt-get.
    (tmp_path / "home" / "data").mkdir(parents=True)
    (tmp_path / "home" / "data" / "PG_VERSION").write_text("99\n")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "id", "readlink", "dirname", "sed", "tr", "stat", "getent", "cut", "cat"):
        (programs / name).symlink_to(shutil.which(name))

    done = plumb("up", "--json", PATH=str(programs))

    assert done.returncode == json.loads(done.stdout)["exitCode"] == 2
    assert "missing here: postgresql-99 postgresql-plpython3-99 postgresql-99-cron" in done.stderr


@pytest.mark.parametrize("name", ["up", "service", "backup"])
def test_what_the_account_of_the_service_must_start_leaves_a_closed_place(name, monkeypatch):
    # Each of these writes its interpreter down for another account.
    left = []
    monkeypatch.setattr(entry, "_leave_closed_place", left.append)
    monkeypatch.setattr(entry, "NEEDS_PACKAGES", ())
    entry._prepare(name, [name])

    assert left == [[name]]


def test_what_works_on_the_source_is_refused(plumb):
    done = plumb("lint")

    assert (done.returncode, "checkout" in done.stderr) == (2, True)


@pytest.mark.slow
def test_up_works_without_a_checkout(installed, environment, tmp_path):
    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [installed, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    try:
        done = run("up", "--no-demo")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "\n  plumb status " in done.stdout
        status = run("status", "--json")
        assert json.loads(status.stdout)["http"]["isReady"]
        assert run("verify").returncode == 0
    finally:
        assert run("down").returncode == 0
