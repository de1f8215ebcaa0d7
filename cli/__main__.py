"""Turns `./plumb NAME …` into a call of `cli.NAME.run(…)`.

Each command is a module with `run(arguments) -> exit code` and, if it takes any,
`add_arguments(parser)`. One that hands its arguments to another program has
`pass_on(arguments) -> exit code` instead. Only the module asked for is imported, so that
`plumb status` still answers when another command's dependency is broken.
"""

import argparse
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from ..core.errors import PlumbError
from ..core.exit_codes import INTERRUPTED, NOBODY_READS
from ..core.output import spelled
from ..core.told import collected
from .commands import COMMANDS
from .manual import DONE
from .parser import Parser, take_json, wants_json


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The command's name and its arguments; the process's own when absent.

    Returns:
        The exit code, one of core.exit_codes.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        # `./plumb` blocks the signal until it can be answered without a traceback.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        return _run_command(arguments)
    except BrokenPipeError:
        # The program that reads our output, such as head, has ended. What is still buffered must
        # not raise again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return report_error(_explain(error), arguments)


def report_error(error: PlumbError, arguments: Sequence[str]) -> int:
    """Say why a command could not do its work; as JSON, too, where that was asked for.

    Args:
        error: What is wrong.
        arguments: The command's name and its arguments.

    Returns:
        The exit code.
    """
    _complain(error)
    if wants_json(arguments):
        print(json.dumps(_fault(error) | {"exitCode": error.exit_code}, indent=2))
    return error.exit_code


def _complain(error: PlumbError) -> None:
    print(f"plumb: {spelled(str(error))}", file=sys.stderr)
    if error.hint:
        print(f"       {spelled(error.hint)}", file=sys.stderr)


def _fault(error: PlumbError) -> dict[str, Any]:
    return {"error": spelled(str(error)), "hint": spelled(error.hint) if error.hint else None}


def _explain(error: Exception) -> PlumbError:
    if isinstance(error, PlumbError):
        return error
    if isinstance(error, PermissionError):
        return PlumbError(
            f"{error.filename}: {error.strerror}", "Run this as the user who ran ./plumb up."
        )
    if isinstance(error, OSError) and error.filename is not None:
        return PlumbError(f"{error.filename}: {error.strerror}")
    traceback.print_exception(error)
    return PlumbError(f"a mistake of Plumbline's own: {type(error).__name__}: {error}")


def _run_command(arguments: list[str]) -> int:
    parser = Parser(prog="plumb", description="Plumbline holds a PostgreSQL database true.")
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {metadata.version('plumbline')}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        if arguments[:1] == [name]:
            module = importlib.import_module(f"plumbline.cli.{name}")
            if hasattr(module, "pass_on"):
                pass_on: Callable[[list[str]], int] = module.pass_on
                return pass_on(arguments[1:])
            if hasattr(module, "add_arguments"):
                module.add_arguments(command)
            take_json(command)
            command.set_defaults(run=module.run)
    parsed = parser.parse_args(arguments)
    run: Callable[[Any], int] = parsed.run
    return _tell(run, parsed) if getattr(parsed, "is_told", False) else run(parsed)


def _tell(run: Callable[[Any], int], parsed: argparse.Namespace) -> int:
    """Run a command that acts, and print as JSON what it did or why it did not."""
    fault: dict[str, Any] = {"error": None, "hint": None}
    with collected() as told:
        try:
            code = run(parsed)
        except KeyboardInterrupt:
            code, fault["error"] = INTERRUPTED, "interrupted"
        except Exception as error:
            known = _explain(error)
            _complain(known)
            code, fault = known.exit_code, _fault(known)
    said = {"command": parsed.told_as, "exitCode": code} | fault
    said |= {"messages": [*told.messages]} | dict.fromkeys(DONE[parsed.told_as]) | told.fields
    print(json.dumps(said, indent=2, default=str))
    return code


if __name__ == "__main__":
    sys.exit(main())
