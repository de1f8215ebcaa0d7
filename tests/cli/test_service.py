"""What starts Plumbline with the machine: systemd takes the units, cron's line does its work."""

import os
import re
import shutil
import subprocess

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.service import cron, units
from plumbline.core.config import Config

NAMES = ("plumbline.service", "plumbline-watch.service", "plumbline-watch.timer")
# 10 is a service without any limit, 0 one that may do nothing.
EXPOSURE_MAX = 3.5


@pytest.fixture
def plumb(tmp_path, monkeypatch, capsys):
    """Return a function that runs `service` on a directory: exit code, output and errors."""
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path / "home with blanks 100%"))

    def run(*arguments, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code = main(["service", *arguments, "--directory", str(tmp_path)])
        return code, capsys.readouterr()

    return run


@pytest.fixture
def environment_file(tmp_path):
    return tmp_path / "home with blanks 100%" / "run" / "service.env"


def test_the_units_are_written_and_removed(plumb, tmp_path, environment_file):
    assert plumb("install")[0] == 0
    assert {path.name for path in tmp_path.glob("plumbline*")} == {*NAMES}
    assert environment_file.exists()

    assert plumb("remove")[0] == 0
    assert list(tmp_path.glob("plumbline*")) == []
    assert not environment_file.exists()
    assert "no unit is installed" in plumb("remove")[1].out


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units_and_finds_them_hardened(plumb, tmp_path):
    plumb("install", BACKUP_DIR=str(tmp_path / "back ups"))
    files = [tmp_path / name for name in NAMES]

    done = subprocess.run(
        ["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", files[0]],
        capture_output=True,
        text=True,
        check=False,
    )
    exposure = float(re.search(r"exposure level .*: ([0-9.]+)", judged.stdout)[1])
    if os.geteuid() == 0:
        assert exposure <= EXPOSURE_MAX, judged.stdout


def test_a_user_s_own_systemd_gets_nothing_that_only_root_s_may_do(tmp_path):
    config = Config.from_environment({"PLUMB_HOME": str(tmp_path)})

    texts = units.texts(["/usr/bin/plumb"], tmp_path / "env", config, is_root=False)

    assert "CapabilityBoundingSet" not in texts["plumbline.service"]
    assert "WantedBy=default.target" in texts["plumbline.service"]
    assert "systemctl --user reload" in texts["plumbline-watch.service"]


def test_secrets_stand_in_a_file_that_nobody_else_reads(plumb, tmp_path, environment_file):
    token = 'it\'s a "$ecret" with `ticks` and \\ 100%'
    plumb("install", API_TOKEN=token)

    assert environment_file.stat().st_mode & 0o777 == 0o600
    read = subprocess.run(
        ["sh", "-c", 'set -a; . "$1"; printf %s "$API_TOKEN"', "sh", environment_file],
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stdout == token
    assert all('"$' not in path.read_text() for path in tmp_path.glob("plumbline*"))


def test_a_value_that_no_file_of_variables_can_hold_is_refused(plumb):
    code, said = plumb("install", API_TOKEN="two\nlines")

    assert (code, "API_TOKEN holds a control character" in said.err) == (2, True)


def test_cron_s_line_does_what_it_should(plumb, tmp_path, environment_file):
    assert plumb("install", "--cron")[0] == 0

    at_boot, watch = (tmp_path / "plumbline").read_text().splitlines()
    assert at_boot.startswith("@reboot root ")
    assert watch.startswith("*/5 * * * * root ")
    # As cron does: the command ends at a percent sign, unless it is escaped.
    command = re.split(r"(?<!\\)%", at_boot.removeprefix("@reboot root "))[0].replace("\\%", "%")
    called = command.replace(" -m plumbline.cli up", " -c 'import os; print(os.environ)' up")
    done = subprocess.run(
        ["sh", "-c", called.replace(">/dev/null", "")],
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(environment_file.parents[1]) in done.stdout

    assert plumb("remove", "--cron")[0] == 0
    assert not (tmp_path / "plumbline").exists()


def test_a_crontab_keeps_the_lines_of_others(tmp_path, monkeypatch):
    table = tmp_path / "table"
    table.write_text("MAILTO=ops@example.com\n0 1 * * * backup\n")
    program = tmp_path / "crontab"
    program.write_text(f'#!/bin/sh\n[ "$1" = -l ] && exec cat {table}\nexec cat >{table}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    before = table.read_text()

    for _ in range(2):
        cron.install(["plumb"], tmp_path / "env", None)
    assert table.read_text().startswith(before)
    assert len(table.read_text().splitlines()) == 4

    cron.remove(tmp_path / "env", None)
    assert table.read_text() == before
