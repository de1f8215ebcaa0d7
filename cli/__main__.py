"""Turns `./plumb NAME …` into a call of `cli.NAME.run(…)`.

Each command is a module with `run(arguments) -> exit code` and, if it takes any,
`add_arguments(parser)`. One that hands its arguments to another program has
`pass_on(arguments) -> exit code` instead. Only the module asked for is imported, so that
`plumb status` still answers when another command's dependency is broken.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from ..core.errors import PlumbError

COMMANDS = {
    "up": "start everything: cluster, schema, jobs, demo shop, API",
    "down": "stop what `up` started",
    "status": "show what runs, where, and how healthy it is",
    "migrate": "bring the database's schema and code to this version",
    "verify": "check every invariant and explain what is wrong",
    "audit": "anchor and verify the audit log, prove a row of it",
    "backup": "make backups, and prove them by restoring them",
    "gate": "judge whether a deployment may proceed",
    "deploy": "deploy, watch, and roll back what does harm",
    "report": "write the executive report, or print one",
    "demo": "run shop traffic; break and repair an invariant on purpose",
    "token": "create, revoke and list API tokens",
    "psql": "open psql on the guarded database",
    "dispatch": "deliver alerts from outside a server that has no plpython3u",
    "bench": "measure what guarding costs",
    "reference": "write docs/reference from the code",
    "lint": "run the linters and the type checker, or rewrite what they can",
    "test": "run all checks in a cluster of their own",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The command's name and its arguments; the process's own when absent.

    Returns:
        The exit code: 0 done, 1 failed with a message, 2 wrong usage, 130 interrupted,
        141 nobody reads the output any more.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
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
                return _run(module.pass_on, arguments[1:])
            if hasattr(module, "add_arguments"):
                module.add_arguments(command)
            command.set_defaults(run=module.run)
    parsed = parser.parse_args(arguments)
    return _run(parsed.run, parsed)


def _run(command: Callable[[Any], int], arguments: object) -> int:
    try:
        return command(arguments)
    except PlumbError as error:
        print(f"plumb: {error}", file=sys.stderr)
        if error.hint:
            print(f"       {error.hint}", file=sys.stderr)
        return error.exit_code
    except PermissionError as error:
        print(f"plumb: {error.filename}: {error.strerror}", file=sys.stderr)
        print("       Run this as the user who ran ./plumb up.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output, such as head, has read enough. What is still buffered must
        # not raise again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
