"""Help, a command's arguments and a mistyped command are answered before anything is installed."""

import argparse
import importlib
import itertools
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.commands import COMMANDS
from plumbline.cli.completion import every_command
from plumbline.cli.manual import EXAMPLES, JSON_FIELDS
from plumbline.cli.parser import Parser

ROOT = Path(__file__).parents[2]
SHELL = ("|", "||", ">")


@pytest.fixture
def fresh(tmp_path):
    """Return a function that calls ./plumb in a clone on a machine that has nothing."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in (
        *("plumb", "pyproject.toml", "cli/commands.py", "core/packages.sh"),
        "docs/reference/commands.md",
    ):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    before = sorted(tmp_path.rglob("*"))
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}

    def call(*arguments: str) -> subprocess.CompletedProcess:
        started = time.monotonic()
        done = subprocess.run(
            [clone / "plumb", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert time.monotonic() - started < 1
        assert sorted(tmp_path.rglob("*")) == before
        return done

    return call


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",), ("-h",)])
def test_help_names_every_command(fresh, arguments):
    done = fresh(*arguments)

    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("  ")]
    assert dict(lines) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_shows_its_arguments(fresh, command):
    done = fresh(command, "--help")

    assert (done.returncode, done.stderr) == (0, "")
    first, _blank, about, *_rest = done.stdout.splitlines()
    assert first == f"## ./plumb {command}"
    assert about.lower().rstrip(".") == COMMANDS[command].lower()
    assert done.stdout.count("\n## ") == 0


def test_every_command_has_an_example_that_it_takes():
    named = {command.partition(" ")[0] for command in EXAMPLES}
    assert named == {*COMMANDS}

    for command, example in EXAMPLES.items():
        words = shlex.split(example, comments=True)
        assert words[: 1 + len(command.split())] == ["./plumb", *command.split()]
        name, *rest = words[1:]
        module = importlib.import_module(f"plumbline.cli.{name}")
        if hasattr(module, "pass_on"):
            continue
        parser = Parser(prog=f"plumb {name}")
        module.add_arguments(parser) if hasattr(module, "add_arguments") else None
        parser.parse_args(list(itertools.takewhile(lambda word: word not in SHELL, rest)))


def commands_with_json(parser):
    """Yield the name of each command that prints JSON on its standard output."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from commands_with_json(command)
        elif "--json" in action.option_strings and action.nargs is not None:
            yield parser.prog.removeprefix("plumb ")


def test_what_prints_json_says_what_its_fields_hold():
    assert {*commands_with_json(every_command())} == {*JSON_FIELDS}


def test_help_of_a_command_ends_with_its_example_and_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        main(["explain", "--help"])

    said = capsys.readouterr().out
    assert "example:\n  ./plumb explain NO_NEGATIVE_STOCK\n" in said
    assert "fields of --json:\n  now " in said
    assert "exit codes:\n  0 " in said


def test_help_of_a_part_of_a_command_shows_its_arguments(fresh):
    assert "--independent" in fresh("audit", "verify", "-h").stdout


@pytest.mark.parametrize("name", ["verfy", "", "up;down", "--bogus", "u.", "/", "up down", "*"])
def test_a_mistyped_command_is_refused_with_the_way_to_the_list(fresh, name):
    done = fresh(name)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"there is no command '{name}'" in done.stderr
    assert "./plumb help" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("up", "--wrong-option"),
        ("up", "--no-demos"),
        ("up", "--no-dem"),
        ("up", "--no-demo", "--help-me"),
        ("up", "--json="),
        ("down", "--now"),
        ("migrate", "--no-demo"),
        ("audit", "verify", "--independant"),
        ("audit", "verify", "--from-seat=3"),
        ("up", "--*"),
    ],
)
def test_an_option_that_a_command_does_not_have_is_refused(fresh, arguments):
    done = fresh(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"./plumb {arguments[0]} has no option '{arguments[-1]}'" in done.stderr
    assert f"./plumb {arguments[0]} --help" in done.stderr


def test_down_and_status_say_that_nothing_is_there(fresh):
    assert fresh("down").returncode == 0
    assert fresh("status").returncode == 1
    doctor = fresh("doctor", "--json")
    assert doctor.returncode == json.loads(doctor.stdout)["exitCode"] == 1
    assert "./plumb up" in doctor.stderr


@pytest.mark.parametrize("delay", [0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_an_interrupt_while_a_command_starts_ends_it_quietly(delay):
    # A server that never answers keeps the command from ending by itself.
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        # As the last line of ./plumb starts it.
        subprocess.Popen(
            ["env", "--block-signal=INT", sys.executable, "-m", "plumbline.cli", "verify"],
            env=os.environ | {"DATABASE_URL": f"postgresql://127.0.0.1:{server.getsockname()[1]}/"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as command,
    ):
        time.sleep(delay)
        command.send_signal(signal.SIGINT)
        said, _ = command.communicate(timeout=30)

    # The signal itself where it came before the program that blocks it.
    assert (command.returncode in (130, -signal.SIGINT), said) == (True, "")
