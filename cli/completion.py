"""Prints what completes commands and options in a shell; shtab writes it from the parsers."""

import argparse
import importlib
from pathlib import Path

import shtab

from ..core.exit_codes import TRUE
from .commands import COMMANDS
from .parser import Parser, take_json

SHELLS = ("bash", "zsh")
FILES = ("FILE", "OUT")
DIRECTORIES = ("DIR",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("shell", choices=SHELLS, help="whose completion to print")


def run(arguments: argparse.Namespace) -> int:
    """Print the script that a shell reads.

    Returns:
        0 when it was printed.
    """
    print(shtab.complete(every_command(), shell=arguments.shell))
    return TRUE


def every_command() -> Parser:
    """Return a parser of all commands with all their arguments."""
    parser = Parser(prog="plumb")
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("help", help="list the commands")
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        module = importlib.import_module(f"plumbline.cli.{name}")
        if hasattr(module, "add_arguments"):
            module.add_arguments(command)
        take_json(command)
    _complete_paths(parser)
    return parser


def _complete_paths(parser: argparse.ArgumentParser) -> None:
    """Say of each argument whether it names a file or a directory."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_paths(command)
        elif action.metavar in DIRECTORIES or action.dest == "dir":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.type is Path or action.metavar in FILES or action.dest == "anchors":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
