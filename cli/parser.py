"""Reads a command line; wrong usage is an error like any other, with that command's usage."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from ..core.errors import PlumbError
from ..core.exit_codes import MEANINGS
from .manual import DONE, EXAMPLES, JSON_FIELDS


class Parser(argparse.ArgumentParser):
    """A parser whose errors come from the command that was meant, and whose help ends alike."""

    def __init__(self, **options: Any) -> None:
        """Take what argparse takes."""
        super().__init__(
            **options,
            # A later release's argument must not change what a script means today.
            allow_abbrev=False,
            epilog="\n\n".join(_manual(options["prog"].removeprefix("plumb").strip())),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Refuse here what argparse would leave to the outermost parser."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """Print the usage and raise.

        Args:
            message: What is wrong.

        Raises:
            PlumbError: Always.
        """
        self.print_usage(sys.stderr)
        raise PlumbError(message, f"./{self.prog} --help")


def _manual(command: str) -> Iterator[str]:
    """Yield what stands below a command's arguments."""
    if command in EXAMPLES:
        yield f"example:\n  {EXAMPLES[command]}"
    if command in JSON_FIELDS:
        fields = JSON_FIELDS[command].items()
        yield "fields of --json:\n" + "\n".join(f"  {name:<18} {about}" for name, about in fields)
    codes = "\n".join(f"  {code:<5}{meaning}" for code, meaning in MEANINGS.items())
    yield f"exit codes:\n{codes}"


def take_json(parser: argparse.ArgumentParser) -> None:
    """Let a command that acts print what it did as JSON, where it takes no `--json` of its own.

    Args:
        parser: The command's, with all its arguments.
    """
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                take_json(child)
            return
    name = parser.prog.removeprefix("./").removeprefix("plumb ")
    if name in DONE and "--json" not in parser._option_string_actions:
        parser.add_argument(
            "--json", action="store_true", dest="is_told", help="print what was done as JSON"
        )
        parser.set_defaults(told_as=name)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether what a command prints is to be JSON, also where its usage is wrong.

    Args:
        arguments: The command's name and its arguments.
    """
    for argument, after in zip(arguments, [*arguments[1:], "-"], strict=True):
        if argument == "--json":
            # Only `gate` and `bench` take a file.
            return arguments[0] not in ("gate", "bench") or after.startswith("-")
        if argument in ("--json=-", "--format=json") or (argument, after) == ("--format", "json"):
            return True
    return False
