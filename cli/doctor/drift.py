"""Compares the code in the database with the files that declare it."""

import re
from typing import Any

import psycopg

from ...core.migrate import code_files
from ...core.privileges import Privileges
from ...core.rows import fetch_row
from ...core.statements import statement
from .finding import Answer, named

FUNCTION = re.compile(r"^create or replace function plumb\.(\w+)", re.MULTILINE)
VIEW = re.compile(r"^create (?:or replace )?view plumb\.(\w+)", re.MULTILINE)
REMEDY = "./plumb migrate applies the code again. Was it changed by hand? ./plumb audit verify"


def functions(connection: psycopg.Connection[Any]) -> Answer:
    """Compare the text of each function with its file.

    Args:
        connection: A session on the database.
    """
    is_by_superuser, owner, own_roles, has_python = fetch_row(
        connection, statement(__package__, "installed")
    )
    rights = Privileges(owner, is_by_superuser, own_roles=tuple(own_roles or ()))
    applied = dict(connection.execute(statement(__package__, "functions")).fetchall())
    declared: dict[str, str] = {}
    elsewhere: set[str] = set()
    for path in code_files():
        text = path.read_text(encoding="utf-8")
        if path.parent.parent.name != "functions" or path.parent.name == "retail":
            elsewhere |= {*FUNCTION.findall(text)}
        elif has_python or not path.name.startswith("py_"):
            declared[path.stem] = rights.translate(text).split("$$")[1]
    changed = {name for name in declared.keys() & applied if applied[name] != declared[name]}
    return _answer(
        "functions",
        changed,
        declared.keys() - applied.keys(),
        applied.keys() - declared.keys() - elsewhere,
        len(applied),
    )


def views(connection: psycopg.Connection[Any]) -> Answer:
    """Compare the names of the views with those that the files declare.

    Args:
        connection: A session on the database.
    """
    applied = {name for (name,) in connection.execute(statement(__package__, "views"))}
    always: set[str] = set()
    sometimes: set[str] = set()
    for path in code_files():
        found = {*VIEW.findall(path.read_text(encoding="utf-8"))}
        # The demo shop's and the guide's are not in every database.
        if path.parent.name == "views":
            always |= found
        else:
            sometimes |= found
    return _answer("views", set(), always - applied, applied - always - sometimes, len(applied))


def _answer(what: str, changed: set[str], absent: set[str], extra: set[str], count: int) -> Answer:
    faults = [
        f"{said}: {named(sorted(names))}"
        for said, names in (
            ("differ from the files", changed),
            ("are missing", absent),
            ("are in no file", extra),
        )
        if names
    ]
    if faults:
        return Answer("wrong", f"{what} {'; '.join(faults)}", REMEDY)
    return Answer("ok", f"{count} are what the files say")
