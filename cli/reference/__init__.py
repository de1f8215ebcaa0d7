"""Writes docs/reference from the catalog and the code, so that it is complete and cannot age.

A page is made from comments, grants, declared settings and the list of variables. A test compares
the pages with what this writes, so a change of one of them that forgets the pages fails.
"""

import argparse
import importlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg

from ...core.config import VARIABLES
from ...core.errors import PlumbError
from ...core.exit_codes import FALSE, MEANINGS, TRUE
from ...core.migrate import code_files
from ...core.session import open_session
from ...core.sqlstates import SQLSTATES, STANDARD_SQLSTATES
from ..commands import COMMANDS
from ..manual import EXAMPLES, JSON_FIELDS
from ..parser import take_json

FOLDER = Path("docs/reference")
NOTE = "<!-- ./plumb reference writes this page; change the comments in the code instead. -->"
# Roles in the order of what they may do, each with the words for its heading.
ROLES = {
    "plumb_reader": "Reads the views",
    "plumb_auditor": "Also reads the audit log",
    "plumb_operator": "Operates Plumbline",
    "plumb_admin": "May also weaken what Plumbline protects",
    "plumb_api": "The HTTP service",
    "plumb_worker": "The jobs, and `plumb dispatch` outside",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a page is not current"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write every page of docs/reference, or say which are not current.

    Args:
        arguments: The parsed command line.

    Returns:
        0 when all pages are current, 1 when `--check` found one that is not.

    Raises:
        PlumbError: This is no checkout.
    """
    from ...core.migrate import migrate
    from ...core.scratch import scratch_cluster

    if not FOLDER.parent.is_dir():
        raise PlumbError("there is no docs/ here", "Call ./plumb reference in a checkout.")
    with scratch_cluster() as cluster:
        cluster.ensure_database("reference")
        migrate(cluster.url("reference"), report=lambda _line: None, demo_schema="retail")
        with open_session(cluster.url("reference"), "plumb") as connection:
            made = pages(connection)
    stale = [name for name, text in made.items() if _read(FOLDER / name) != text]
    if arguments.check:
        for name in stale:
            print(f"{FOLDER / name} is not current: ./plumb reference writes it again")
        return FALSE if stale else TRUE
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(made[name], encoding="utf-8")
        print(f"wrote {FOLDER / name}")
    return 0


def _read(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8")
    return ""


def pages(connection: psycopg.Connection) -> dict[str, str]:
    """Return the text of every page by its file name.

    Args:
        connection: A session on a migrated database; its search_path is changed, so that types
            are named with their schema.
    """
    connection.execute("set search_path = pg_catalog, pg_temp")
    return {
        "README.md": _index(),
        "commands.md": _commands(),
        "errors.md": _errors(),
        "functions.md": _functions(connection),
        "http.md": _page("HTTP routes", _routes()),
        "metrics.md": _metrics(connection),
        "settings.md": _settings(connection),
        "tables.md": _relations(connection, "tables"),
        "variables.md": _variables(),
        "views.md": _relations(connection, "views"),
    }


def _index() -> str:
    rows = [
        ("commands.md", "every command of `./plumb`"),
        ("errors.md", "every SQLSTATE that Plumbline raises"),
        ("functions.md", "functions, by the role that may call them"),
        ("http.md", "every route of the HTTP service, what it takes and answers"),
        ("metrics.md", "every metric of `GET /metrics`"),
        ("settings.md", "every setting with unit, default and range"),
        ("tables.md", "tables that may be read, with their columns"),
        ("variables.md", "environment variables"),
        ("views.md", "views with their columns"),
    ]
    table = _table(("Page", "Lists"), ((f"[{name}]({name})", what) for name, what in rows))
    return _page("Reference", ["Made from the code by `./plumb reference`.", "", *table])


def _routes() -> list[str]:
    program = [sys.executable, "-m", "plumbline.api.reference"]
    return subprocess.run(program, check=True, capture_output=True, text=True).stdout.splitlines()


def _commands() -> str:
    lines = [
        "Every command ends with one of these exit codes. 1 is a verdict and nothing else; a"
        " command that is another program's (`psql`) ends as that program does.",
        "",
        *_table(("Exit code", "Means"), ((f"{code}", text) for code, text in MEANINGS.items())),
        "",
        "`--json` prints JSON whatever happens: what could not be judged is an object with `error`,"
        " `hint` and `exitCode`. Of a command that acts it is one object at the end; what a person"
        " reads meanwhile goes to the standard error.",
        "",
    ]
    for name, help_text in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"./plumb {name}", description=help_text)
        module = importlib.import_module(f"plumbline.cli.{name}")
        if hasattr(module, "add_arguments"):
            module.add_arguments(parser)
        take_json(parser)
        lines += [*_command(parser, "##"), ""]
    return _page("Commands", lines[:-1])


def _command(parser: argparse.ArgumentParser, mark: str) -> list[str]:
    """Describe one command; argparse's own words differ between versions of Python."""
    about = parser.description or ""
    lines = [f"{mark} {parser.prog}", "", f"{about[:1].upper()}{about[1:]}.".replace("..", ".")]
    options = []
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        if isinstance(action, argparse._SubParsersAction):
            abouts = {choice.dest: choice.help for choice in action._choices_actions}
            for name, child in action.choices.items():
                child.description = child.description or abouts.get(name)
                lines += ["", *_command(child, mark + "#")]
            continue
        names = ", ".join(action.option_strings) or action.dest.upper()
        value = ""
        if action.option_strings and action.nargs != 0:
            value = f" {action.metavar or action.dest.upper()}"
        options.append((f"`{names}{value}`", (action.help or "").replace("%%", "%")))
    command = parser.prog.removeprefix("./plumb ")
    said = ["", *_table(("Argument", "Means"), options)] if options else []
    if command in EXAMPLES:
        said += ["", f"Example: `{EXAMPLES[command]}`"]
    if command in JSON_FIELDS:
        said += ["", *_table(("Field of `--json`", "Holds"), _coded(JSON_FIELDS[command].items()))]
    lines[3:3] = said
    return lines


def _errors() -> str:
    ours = _table(("SQLSTATE", "Means"), ((f"`{code}`", text) for code, text in SQLSTATES.items()))
    standard = _table(
        ("SQLSTATE", "Means"), ((f"`{code}`", text) for code, text in STANDARD_SQLSTATES.items())
    )
    return _page(
        "Errors",
        [
            "Each error has a message that names the value and a hint that says what to do.",
            "",
            *ours,
            "",
            "## PostgreSQL's own",
            "",
            *standard,
        ],
    )


def _functions(connection: psycopg.Connection) -> str:
    engines = {
        path.stem: path.parent.name
        for path in code_files()
        if path.parent.parent.name == "functions"
    }
    lines: list[str] = []
    listed: set[tuple[str, str]] = set()
    rows = list(_query(connection, "functions"))
    for role, heading in ROLES.items():
        found = [row for row in rows if row[3] == role]
        if not found:
            continue
        lines += [f"## {role}", "", f"{heading}.", ""]
        for engine in sorted({engines.get(row[0], "platform") for row in found}):
            mine = [row for row in found if engines.get(row[0], "platform") == engine]
            lines += [f"### {role}: {engine}", ""]
            lines += _table(("Function", "Does"), ((f"`{row[1]}`", row[4]) for row in mine))
            lines.append("")
        listed |= {(row[0], role) for row in found}
    return _page("Functions", lines[:-1])


def _metrics(connection: psycopg.Connection) -> str:
    rows = connection.execute("select name, kind, help from plumb.metric_families()").fetchall()
    return _page("Metrics", _table(("Metric", "Kind", "Means"), _coded(sorted(rows))))


def _settings(connection: psycopg.Connection) -> str:
    known = {row[0]: row[1:] for row in _query(connection, "settings")}
    lines = [
        "Change one with `select plumb.change_setting('name', 'value');` and give it its default"
        " again with a null value.",
        "",
    ]
    for path in code_files():
        if path.parent.name != "settings":
            continue
        text = path.read_text(encoding="utf-8")
        mine = [(name, *row) for name, row in sorted(known.items()) if _declares(text, name)]
        lines += [f"## {path.stem}", ""]
        lines += _table(("Setting", "Default", "Unit", "Takes", "Means"), _coded(mine))
        lines.append("")
    return _page("Settings", lines[:-1])


def _declares(text: str, setting: str) -> bool:
    """Return whether a file declares a setting, or the check that it belongs to."""
    check = re.sub("^check_|_(warning|critical)$", "", setting)
    return f"'{setting}'" in text or f"'{check}'" in text


def _variables() -> str:
    rows = ((f"`{v.name}`", f"`{v.default}`" if v.default else "", v.meaning) for v in VARIABLES)
    return _page(
        "Environment variables",
        [
            "`up` and `migrate` read them. A variable that is absent leaves what was set before;",
            "one that is set but empty gives the default again.",
            "",
            *_table(("Variable", "Default", "Means"), rows),
        ],
    )


def _relations(connection: psycopg.Connection, kind: str) -> str:
    lines: list[str] = []
    name = None
    for relation, about, column, column_type, meaning in _query(connection, kind):
        if relation != name:
            name = relation
            lines += [
                "",
                f"## {relation}",
                "",
                about or "",
                "",
                *_table(("Column", "Type", "Means"), ()),
            ]
        lines.append(_row((f"`{column}`", column_type, meaning or "")))
    return _page(kind.capitalize(), lines[1:])


def _query(connection: psycopg.Connection, name: str) -> Iterator[tuple[Any, ...]]:
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    yield from connection.execute(text)


def _coded(rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    for name, *others in rows:
        yield (f"`{name}`", *others)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_row(heads), "|" + "---|" * len(heads), *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", NOTE, "", *lines]) + "\n"
