"""What docs/style.md asks of every file and every object, so that no reviewer has to.

Each rule has a list of exceptions with reasons. The list must equal what breaks the rule: an
exception that is no longer needed fails as well.
"""

import ast
import re
import sys
from pathlib import Path

import plumbline.db
import plumbline.migrations
from plumbline.core.migrate import code_files
from plumbline.core.sqlstates import SQLSTATES, STANDARD_SQLSTATES

LINES_MAX = 400
COLUMNS_MAX = 100
PLPYTHON_LINES_MAX = 40
# Conditions that PL/pgSQL raises by their names.
CONDITIONS = {
    "check_violation": "23514",
    "object_not_in_prerequisite_state": "55000",
    "read_only_sql_transaction": "25006",
    "serialization_failure": "40001",
    "lock_not_available": "55P03",
}
# Raised to undo what a block did, and caught beside it: no client sees them.
INTERNAL = {"PL000", "transaction_rollback"}

# Files whose lines are over the limit: a landed revision never changes.
WIDE = ["migrations/versions/0021_redacted_statements.sql"]
# Modules with SQL that is longer than a line.
WITH_SQL = {
    # The verifier depends on no file of ours but its own modules.
    "cli/audit/reading.py",
    "cli/audit/verifier.py",
    "cli/audit/__init__.py",
    "cli/audit/acceptance.py",
}
# PL/Python functions that are longer than the limit.
LONG_PLPYTHON = {
    # One event loop sends to all destinations at once, and functions of PL/Python share no names:
    # its head works through an example, which tests/alerts/test_one_call_sends.py repeats.
    "py_post",
    # What a mail server can answer has four forms.
    "py_send_mail",
    # One reads all messages of the WAL, one has a form for each kind of type, one makes blocks.
    "py_read_changes",
    "py_prepare_json",
    "py_prepare_blocks",
}
HERE = Path(__file__).parents[2]
ROOT = Path(plumbline.db.__file__).parent
MIGRATIONS = sorted(Path(plumbline.migrations.__file__).parent.rglob("*.sql"))
FILES = {path.relative_to(ROOT.parent).as_posix(): path for path in [*code_files(), *MIGRATIONS]}
FUNCTION_FILES = {name: path for name, path in FILES.items() if name.startswith("db/functions/")}


def files_where(holds, files=FILES):
    """Return the names of the files for whose text (and name) something holds."""
    return [name for name, path in files.items() if holds(name, path.read_text())]


def test_a_function_file_holds_the_one_function_it_is_named_after():
    def holds_another(name, text):
        created = re.findall(
            r"^create (?:or replace )?(?:function|procedure|aggregate) (?:plumb|retail)\.(\w+)",
            text,
            flags=re.M,
        )
        return created != [Path(name).stem]

    assert files_where(holds_another, FUNCTION_FILES) == []


def test_a_file_says_first_why_it_exists():
    # A job's description says it.
    assert (
        files_where(lambda name, text: not text.startswith("-- ") and "db/jobs/" not in name) == []
    )


def test_a_file_can_be_read_in_one_sitting():
    assert files_where(lambda _, text: len(text.splitlines()) > LINES_MAX) == []


def test_a_line_of_sql_has_a_hundred_columns():
    def is_wide(_, text):
        return any(len(line) > COLUMNS_MAX for line in text.splitlines())

    assert files_where(is_wide) == WIDE


def test_a_trigger_function_is_a_file_like_any_other_function():
    def holds_function(name, text):
        return name.startswith("db/triggers/") and "create or replace function" in text

    assert files_where(holds_function) == []


def test_a_plpython_function_is_a_doorway():
    def is_long(_, text):
        body = re.search(r"^language plpython3u.*?^as \$\$\n(.*?)^\$\$;", text, re.M | re.S)
        return body and len(body[1].splitlines()) > PLPYTHON_LINES_MAX

    assert {Path(name).stem for name in files_where(is_long, FUNCTION_FILES)} == LONG_PLPYTHON


def raised_sqlstates():
    """Return every SQLSTATE that a file of db/ raises, as a code."""
    raised = set()
    for path in code_files():
        text = path.read_text()
        for value in re.findall(r"(?:errcode ?=|sqlstate=) ?(?:case\b.*?\bend|\S+)", text, re.S):
            raised |= {*re.findall(r"['\"]([0-9A-Za-z_]{5,})['\"]", value)}
    return {CONDITIONS.get(name, name) for name in raised}


def test_every_sqlstate_stands_in_one_list():
    listed = {*SQLSTATES, *STANDARD_SQLSTATES}
    # PostgreSQL itself ends one of two transactions that wait for each other.
    assert raised_sqlstates() == (listed - {"40P01"}) | INTERNAL


def test_python_knows_no_other_sqlstate_of_ours():
    known = {
        code
        for folder in ("api", "bench", "cli", "core")
        for path in (HERE / folder).rglob("*.py")
        for code in re.findall(r"\bPL[0-9]{3}\b", path.read_text())
    }

    assert known - {*SQLSTATES} == set()


def python_files(*folders):
    """Yield the name and the text of each Python file in some folders."""
    for folder in folders:
        for path in sorted((HERE / folder).rglob("*.py")):
            yield path.relative_to(HERE).as_posix(), path.read_text()


def test_a_python_file_can_be_read_in_one_sitting():
    files = python_files("api", "bench", "cli", "core", "migrations", "tests")

    assert [name for name, text in files if len(text.splitlines()) > LINES_MAX] == []


def test_sql_longer_than_a_line_stands_in_a_file_of_its_own():
    begins_as_sql = re.compile(
        r"\s*(select|insert into|update \S+ set|delete from|with \w+ as|create|drop|alter|grant"
        r"|revoke|do|set|truncate|copy|call)\s.*\b(from|into|values|set|table|role|database|schema"
        r"|function|for|begin|select)\b",
        re.S,
    )

    def holds_sql(text):
        tree = ast.parse(text)
        formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        parts = {part for node in formatted for part in node.values}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if not (is_text or node in formatted) or node in parts:
                continue
            value = node.value if is_text else ast.unparse(node)[2:]
            if node.end_lineno > node.lineno and begins_as_sql.match(value):
                return True
        return False

    files = python_files("api", "bench", "cli", "core", "migrations")
    assert {name for name, text in files if holds_sql(text)} == WITH_SQL


def test_every_revision_has_a_number_of_its_own_and_follows_the_one_before():
    numbers = [path.name[:4] for path in sorted((HERE / "migrations/versions").glob("0*.py"))]
    declared = [
        re.findall(r'^(?:down_)?revision = "?(\w+)"?$', path.read_text(), re.M)
        for path in sorted((HERE / "migrations/versions").glob("0*.py"))
    ]

    assert declared == [
        [number, before] for number, before in zip(numbers, ["None", *numbers], strict=False)
    ]


def test_no_error_is_swallowed():
    assert files_where(lambda _, text: re.search(r"others\s+then\s+(null|end)\b", text, re.I)) == []


def test_no_drop_cascades_into_what_a_user_made():
    def cascades(_, text):
        return re.search(r"\bdrop\b[^;]*\bcascade\b", re.sub(r"--.*", "", text.lower()))

    assert files_where(cascades) == []


def test_volatility_is_written():
    def is_unsaid(_, text):
        created = re.findall(r"^create or replace function", text, re.M)
        return len(created) != len(re.findall(r"^(immutable|stable|volatile)$", text, re.M))

    assert files_where(is_unsaid) == []


def test_every_error_names_its_code_and_what_to_do():
    def is_bare(_, text):
        statements = re.findall(r"raise exception.*?;", text, flags=re.S)
        return any("errcode =" not in s or "hint =" not in s for s in statements)

    assert files_where(is_bare) == []


def test_every_object_says_what_it_is_for(db):
    silent = db.execute(
        """
        select format('function %s', p.oid::regprocedure)
        from pg_proc as p
        where
            p.pronamespace in ('plumb'::regnamespace, 'retail'::regnamespace)
            and obj_description(p.oid, 'pg_proc') is null
        union all
        select format('relation %s', c.oid::regclass)
        from pg_class as c
        where
            c.relnamespace in ('plumb'::regnamespace, 'retail'::regnamespace)
            and c.relkind in ('r', 'p', 'v', 'm')
            and not c.relispartition
            and c.relname <> 'schema_revision'
            and obj_description(c.oid, 'pg_class') is null
        union all
        select format('type %s', t.oid::regtype)
        from pg_type as t
        inner join pg_class as c on c.oid = t.typrelid and c.relkind = 'c'
        where t.typnamespace = 'plumb'::regnamespace and obj_description(t.oid, 'pg_type') is null
        """
    ).fetchall()

    assert silent == []


def test_every_column_that_users_may_read_says_what_it_holds(db):
    silent = db.execute(
        """
        select format('%s.%s.%s', c.relnamespace::regnamespace, c.relname, a.attname)
        from pg_class as c
        inner join pg_attribute as a
            on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where
            c.relnamespace in ('plumb'::regnamespace, 'retail'::regnamespace)
            and c.relkind in ('r', 'p', 'v', 'm')
            and not c.relispartition
            and col_description(c.oid, a.attnum) is null
        """
    ).fetchall()

    assert silent == []


def test_the_comment_on_a_table_or_its_column_stands_in_a_file(db):
    # A revision that wrote it can no longer be corrected.
    texts = "".join(path.read_text() for path in (ROOT / "comments").glob("*.sql"))
    written = re.findall(r"comment on (?:table|column) plumb\.([\w.\"]+) is\b", texts)
    objects = db.execute(
        """
        select concat_ws('.', c.relname, a.attname)
        from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where
            c.relnamespace = 'plumb'::regnamespace
            and c.relkind in ('r', 'p')
            and not c.relispartition
            and c.relname <> 'schema_revision'
        union
        select c.relname
        from pg_class as c
        where
            c.relnamespace = 'plumb'::regnamespace
            and c.relkind in ('r', 'p')
            and not c.relispartition
            and c.relname <> 'schema_revision'
        """
    ).fetchall()

    assert {name for (name,) in objects} - {*written} == set()


def test_security_definer_functions_fix_their_search_path(db):
    unsafe = db.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.pronamespace in ('plumb'::regnamespace, 'retail'::regnamespace)"
        " and p.prosecdef"
        " and not 'search_path=pg_catalog, pg_temp' = any(coalesce(p.proconfig, '{}'))"
    ).fetchall()

    assert unsafe == []


def test_what_the_product_imports_is_in_its_lock():
    locked = set(re.findall(r"^([a-z0-9-]+)==", (HERE / "requirements.lock").read_text(), re.M))
    statements = [
        node
        for folder in ("api", "bench", "cli", "core", "db", "migrations")
        for path in (HERE / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
    ]
    modules = [
        node.module for node in statements if isinstance(node, ast.ImportFrom) and not node.level
    ]
    modules += [
        alias.name for node in statements if isinstance(node, ast.Import) for alias in node.names
    ]
    imported = {module.partition(".")[0].replace("_", "-") for module in modules}
    # Its package has another name.
    known = locked | {"markdown-it" for name in locked if name == "markdown-it-py"}
    assert imported - known - set(sys.stdlib_module_names) - {"plumbline"} == set()
