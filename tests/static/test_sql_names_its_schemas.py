"""Every name in SQL that runs with rights has its schema, unless it is PostgreSQL's own.

Whoever may create an object in a schema of the search_path could otherwise take its place. This
reads what commands, service and migrations run; pgspot reads the bodies of functions.
"""

import ast
import re
from pathlib import Path

import psycopg
import pytest
from pglast import parse_sql
from pglast.parser import ParseError
from pglast.visitors import Visitor

ROOT = Path(__file__).parents[2]
FOLDERS = ("api", "cli", "core", "migrations")
RUNS_SQL = {"execute", "executemany", "copy", "SQL", "fetch_row", "fetch_value"}
VERBS = re.compile(
    r"\s*(select|insert|update|delete|with|call|copy|create|alter|drop|grant|revoke|lock|analyze"
    r"|truncate|do|comment|refresh)\s"
)
# They name no relation to read; where psycopg fills a keyword or a literal in, they do not parse.
COMMANDS = re.compile(
    r"(create|alter) (role|extension) |grant |revoke |comment on role |alter \S+ set |reset "
)
PYTHON_FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
SQL_FILES = [path for folder in (*FOLDERS, "db") for path in sorted((ROOT / folder).rglob("*.sql"))]


class Names(Visitor):
    """Collects the relations and functions of a statement that are named without a schema."""

    def __init__(self):
        """Find nothing yet."""
        super().__init__()
        self.relations = set()
        self.functions = set()
        self.common_tables = set()

    def visit_CommonTableExpr(self, _ancestors, node):
        self.common_tables.add(node.ctename)

    def visit_RangeVar(self, _ancestors, node):
        if not node.schemaname:
            self.relations.add(node.relname)

    def visit_FuncCall(self, _ancestors, node):
        if len(node.funcname) == 1:
            self.functions.add(node.funcname[0].sval)


def unqualified(text, known):
    """Return the names in SQL that are neither qualified nor PostgreSQL's own.

    Args:
        text: One or more statements.
        known: The names of pg_catalog's relations and functions.
    """
    names = Names()
    for statement in parse_sql(text):
        names(statement)
    return (names.relations - names.common_tables - known) | (names.functions - known)


def literal(node):
    """Return the text of a string in Python with `hole` for what is filled in, or None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else "hole" for part in node.values
        )
    return None


def filled(text):
    """Return SQL with something that parses for its parameters and for what psycopg fills in."""
    text = re.sub(r"%(\(\w+\))?s", "$1", text).replace("%%", "%")
    return re.sub(r"\{\w*\}", "hole", text)


def read(path):
    """Return the SQL of a file; what core and commands read has parameters, db/ has formats."""
    text = path.read_text()
    return filled(text) if path.relative_to(ROOT).parts[0] in {"api", "cli", "core"} else text


def statements(path):
    """Yield the line, the SQL, and whether it is certainly run, of each SQL string of a file."""
    tree = ast.parse(path.read_text())
    run, inner = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in RUNS_SQL:
                run |= {id(argument) for argument in node.args[:2]}
        if isinstance(node, ast.JoinedStr):
            inner |= {id(part) for part in node.values}
    for node in ast.walk(tree):
        text = literal(node)
        if text is None or id(node) in inner or not VERBS.match(text):
            continue
        yield node.lineno, filled(text), id(node) in run


@pytest.fixture(scope="module")
def known(cluster_url):
    """Return the names of PostgreSQL's own relations and functions."""
    with psycopg.connect(cluster_url) as connection:
        rows = connection.execute(
            "select relname from pg_class where relnamespace = 'pg_catalog'::regnamespace"
            " union select proname from pg_proc where pronamespace = 'pg_catalog'::regnamespace"
        ).fetchall()
    # A name that is filled in is quoted, with its schema, by psycopg's sql.Identifier.
    return {name for (name,) in rows} | {"hole"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select * from incidents", {"incidents"}),
        ("with a as (select 1) select * from a, plumb.incidents", set()),
        ("update system_mode set id = 1", {"system_mode"}),
        ("select setting('x'), plumb.setting('y'), now()", {"setting"}),
        ("insert into plumb.x select * from pg_class where exists (table y)", {"y"}),
        ("call run_job('x')", {"run_job"}),
        ("drop table plumb.x; select 1 from z", {"z"}),
    ],
)
def test_a_name_without_schema_is_found(known, text, found):
    assert unqualified(text, known) == found


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sql_in_python_names_every_schema(known, path):
    found = {}
    for line, text, is_run in statements(path):
        try:
            names = unqualified(text, known)
        except ParseError as error:
            # Else it is a sentence that begins like a statement.
            is_command = "hole" in text and COMMANDS.match(text)
            names = {str(error)} if is_run and not is_command else set()
        if names:
            found[line] = names

    assert found == {}


def test_sql_files_name_every_schema(known):
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in SQL_FILES
        if (names := unqualified(read(path), known))
    }

    assert found == {}
