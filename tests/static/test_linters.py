"""What `./plumb lint` finds: nothing."""

import subprocess
import sys
from pathlib import Path

import pytest
from plumbline.cli.lint import pgspot, sqlfluff, types

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def uncounted(monkeypatch):
    """Keep coverage out of programs that are not ours: it would make them half as fast."""
    for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")])
def test_ruff_finds_nothing(arguments):
    ruff = subprocess.run(
        [Path(sys.executable).with_name("ruff"), *arguments, "--output-format=concise", ROOT],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ruff.returncode, ruff.stdout + ruff.stderr) == (0, ruff.stdout + ruff.stderr)


def test_sqlfluff_finds_nothing():
    assert sqlfluff.findings(ROOT) == []


def test_no_name_in_our_sql_can_be_hijacked():
    assert pgspot.findings() == []


def test_the_type_checker_finds_nothing():
    assert types.findings(ROOT) == []
