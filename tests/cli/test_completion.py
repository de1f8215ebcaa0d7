"""Completion knows every command and option, and the shells take it."""

import os
import shutil
import subprocess

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.commands import COMMANDS


@pytest.fixture
def script(capsys, tmp_path):
    """Return a function that writes a shell's completion to a file."""

    def write(shell):
        assert main(["completion", shell]) == 0
        path = tmp_path / f"completion.{shell}"
        path.write_text(capsys.readouterr().out)
        return path

    return write


def complete(script, *words):
    """Return what bash offers for the last word."""
    line = " ".join(words)
    done = subprocess.run(
        [
            *("bash", "--norc", "-c"),
            'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"\n'
            'COMP_POINT=${#COMP_LINE}; f=$(complete -p "${1##*/}"); f=${f#*-F }; "${f%% *}"\n'
            'printf "%s\\n" "${COMPREPLY[@]}"',
            "bash",
            script,
            *words,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "", line
    return {word.strip() for word in done.stdout.split()}


def test_bash_completes_commands_options_and_choices(script):
    bash = script("bash")

    assert complete(bash, "./plumb", "") >= {*COMMANDS}
    assert complete(bash, "plumb", "ver") == {"verify"}
    assert complete(bash, "plumb", "audit", "") >= {"anchor", "proof", "verify"}
    assert "--independent" in complete(bash, "plumb", "audit", "verify", "--")
    assert complete(bash, "plumb", "completion", "") >= {"bash", "zsh"}


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize(
    ("load", "function"),
    [
        ("fpath=($1 $fpath); autoload -U compinit; compinit -u -D", "_plumb"),
        ('autoload -U compinit; compinit -u -D; eval "$(<$1/_plumb)"', "_shtab_plumb"),
    ],
)
def test_zsh_takes_it(script, load, function):
    zsh = script("zsh").rename(script("zsh").with_name("_plumb"))

    done = subprocess.run(
        ["zsh", "-fc", f"{load}; print $_comps[plumb]; zsh -n $1/_plumb", "zsh", zsh.parent],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HOME": str(zsh.parent)},
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{function}\n", "")
