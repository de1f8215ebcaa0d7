"""Turns `./plumb NAME …` into a call of `cli.NAME.run(…)`.

Each command is a module with `run(arguments) -> exit code` and, if it takes any,
`add_arguments(parser)`. One that hands its arguments to another program has
`pass_on(arguments) -> exit code` instead. Only the module asked for is imported, so that
`plumb status` still answers when another command's dependency is broken.
"""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from ..core.errors import PlumbError
from .commands import COMMANDS


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The command's name and its arguments; the process's own when absent.

    Returns:
        The exit code: 0 done, 1 failed with a message, 2 wrong usage, 130 interrupted,
        141 nobody reads the output any more.
    """
    try:
        # `./plumb` blocks the signal until it can be answered without a traceback.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        return _run_command(list(sys.argv[1:] if argv is None else argv))
    except PlumbError as error:
        print(f"plumb: {error}", file=sys.stderr)
        if error.hint:
            print(f"       {error.hint}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output, such as head, has read enough. What is still buffered must
        # not raise again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except PermissionError as error:
        print(f"plumb: {error.filename}: {error.strerror}", file=sys.stderr)
        print("       Run this as the user who ran ./plumb up.", file=sys.stderr)
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        print(f"plumb: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run_command(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="plumb", description="Plumbline holds a PostgreSQL database true."
    )
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
            command.set_defaults(run=module.run)
    parsed = parser.parse_args(arguments)
    run: Callable[[Any], int] = parsed.run
    return run(parsed)


if __name__ == "__main__":
    sys.exit(main())
