"""Every SQL statement of README and the documentation runs, and does what the text says."""

import re
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
SCENE = Path(__file__).with_name("documented_scene.sql")
# Runbooks have a test of their own, tests/static/test_runbooks_run.py; references hold no blocks.
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md"))
)
# Stands above a block that cannot run, with the reason; it fails the test where the block runs.
MARK = re.compile(r"<!-- not run: [^>]+ -->\n+(```sql\n.*?```)", re.DOTALL)
BLOCK = re.compile(r"^ *```sql\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"^=> (.*)$", re.MULTILINE)
# What is quoted within a sentence; with an ellipsis it is no statement.
QUOTED = re.compile(r"`((?:select|update|insert into|delete from) [^`…{]+?);?`")
# Quoted statements that cannot run here, and why.
ELSEWHERE = {"select * from cron.job": "pg_cron lives in another database of the tests' server"}
# Says that there is nothing of that name or in that state here: the call itself is right.
NOTHING_THERE = ("PL001", "PL005")


def split(block):
    """Return the statements of a block; one in dollars keeps its semicolons."""
    bodies = []

    def hide(match):
        bodies.append(match[0])
        return f"\x00{len(bodies) - 1}\x00"

    hidden = re.sub(r"\$\$.*?\$\$", hide, block, flags=re.DOTALL)
    for statement in re.split(r";[ \t]*(?:--[^\n]*)?(?:\n|\Z)", hidden):
        shown = re.sub(r"\x00(\d+)\x00", lambda match: bodies[int(match[1])], statement)
        if re.sub(r"--[^\n]*", "", shown).strip():
            yield shown.strip()


def statements(text):
    """Return what a page says to run: its blocks, what it types into psql, what it quotes."""
    text = MARK.sub("", text)
    for block in BLOCK.findall(text):
        yield from split(block)
    yield from (statement.rstrip(";") for statement in CONSOLE.findall(text))
    yield from QUOTED.findall(re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def documented(plumbline_server):
    """Yield a session on a database with the tables that the documentation names."""
    server = plumbline_server
    base = f"postgresql://{server.user}:{server.password or ''}@{server.host}:{server.port}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute("drop database if exists plumb_test_documented with (force)")
        connection.execute(
            f"create database plumb_test_documented template {server.template_dbname}"
        )
        with psycopg.connect(f"{base}/plumb_test_documented", autocommit=True) as own:
            own.execute("select plumb.set_worker_settings()")
            own.execute(SCENE.read_text(encoding="utf-8"))
            yield own
        connection.execute("drop database plumb_test_documented with (force)")


def fault(session, statement):
    """Return why a statement fails, or None; what it did stays for the next one."""
    try:
        with session.transaction():
            session.execute(statement)
        if statement in ELSEWHERE:
            return f"{statement} runs; take it out of ELSEWHERE"
    except psycopg.Error as error:
        if statement in ELSEWHERE:
            return None
        if error.sqlstate not in NOTHING_THERE or "plumb." not in statement:
            return f"{statement}\n    {error.sqlstate} {error}"
    return None


@pytest.mark.parametrize("page", PAGES)
def test_its_statements_run(documented, page):
    text = (ROOT / page).read_text(encoding="utf-8")
    with documented.transaction(force_rollback=True):
        faults = [fault(documented, statement) for statement in statements(text)]

    assert [found for found in faults if found] == []


@pytest.mark.parametrize("page", [page for page in PAGES if MARK.search((ROOT / page).read_text())])
def test_a_block_that_is_marked_cannot_run(documented, page):
    for block in MARK.findall((ROOT / page).read_text(encoding="utf-8")):
        (inner,) = BLOCK.findall(block)
        with documented.transaction(force_rollback=True):
            assert any(fault(documented, statement) for statement in split(inner)), block


@pytest.fixture
def orders(documented):
    """Yield a database with an application of its own: orders and their lines."""
    with documented.transaction(force_rollback=True):
        yield documented


def test_an_invariant_of_ones_own_is_found_then_refused_at_commit(orders):
    text = (ROOT / "docs/invariants.md").read_text(encoding="utf-8")
    (block,) = [b for b in BLOCK.findall(text) if "create view" in b]
    declared, enforced = block.split("-- Optional: a transaction that")
    orders.execute(declared)
    orders.execute("insert into public.orders values (1)")
    orders.execute("select plumb.check_invariants()")
    found = "select subject, explanation from plumb.current_violations"
    assert orders.execute(found).fetchall() == [("1", "order 1 has no line")]

    orders.execute("insert into public.order_lines values (1, 'TEA')")
    orders.execute("select plumb.check_invariants()")
    assert orders.execute(found).fetchall() == []

    orders.execute("-- " + enforced)
    with pytest.raises(psycopg.errors.CheckViolation, match="order 2 has no line"):
        orders.execute("insert into public.orders values (2)")
        orders.execute("set constraints all immediate")
