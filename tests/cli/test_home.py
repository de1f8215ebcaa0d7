"""PLUMB_HOME is a directory of Plumbline's own; anything else is refused before it is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (("up", "--no-demo"), ("down",), ("status",))


def call(home, *arguments, **changes):
    return subprocess.run(
        [sys.executable, "-m", "plumbline.cli", *arguments],
        env=os.environ | {"PLUMB_HOME": str(home)} | changes,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "file"
    path.write_text("somebody's")
    return path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("place", ["/", "//", "/.", "/tmp/..", "/dev/null", "{file}", "{file}/x"])
def test_the_root_directory_and_files_are_refused(file, place, command):
    before = set(Path("/").iterdir())

    done = call(place.format(file=file), *command)

    assert "Traceback" not in done.stderr
    assert set(Path("/").iterdir()) == before
    assert file.read_text() == "somebody's"
    if command[0] == "up":
        assert done.returncode == 2
        assert "PLUMB_HOME" in done.stderr


def test_a_directory_that_holds_other_things_is_refused(tmp_path, file):
    done = call(tmp_path, "up", "--no-demo")

    assert done.returncode == 2
    assert f"PLUMB_HOME is '{tmp_path}', which holds other things: file" in done.stderr
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("character", ['"', "\\", ",", "$", "`", "\n", "\x7f"])
def test_a_character_that_the_servers_programs_misread_is_refused(tmp_path, character):
    home = tmp_path / f"a{character}b"

    done = call(home, "up", "--no-demo")

    assert done.returncode == 2
    assert "quotation marks, backslashes, commas" in done.stderr
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could take the port")
@pytest.mark.parametrize("variable", ["PORT", "PLUMB_DB_PORT"])
def test_a_port_that_the_servers_account_may_not_use_is_refused_at_once(tmp_path, variable):
    floor = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if floor <= 80:
        pytest.skip("the kernel gives every port to everybody")
    done = call(tmp_path / "home", "up", "--no-demo", **{variable: "80"})

    assert done.returncode == 2
    assert "port 80 may not be used by account" in done.stderr
    assert not (tmp_path / "home" / "data").exists()
