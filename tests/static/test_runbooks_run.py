"""Every SQL statement of every runbook runs on a real database: no runbook rots unnoticed."""

import re
from pathlib import Path

import psycopg
import pytest

RUNBOOKS = sorted((Path(__file__).parents[2] / "docs" / "runbooks").glob("*.md"))


def statements(text):
    """Return the statements of the SQL blocks, and those that are quoted within a sentence."""
    for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
        yield from (s.strip() for s in re.split(r";\s*(?:\n|\Z)", block) if s.strip())
    # A `call` commits, which nothing could take back here; the jobs have tests of their own.
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    yield from re.findall(r"`((?:select|update|insert|delete|alter|vacuum) [^`…]+?);?`", outside)


def test_every_runbook_has_something_to_run():
    assert len(RUNBOOKS) > 20
    for path in RUNBOOKS:
        assert list(statements(path.read_text(encoding="utf-8"))), path.name


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_its_statements_run(shop, path):
    for statement in statements(path.read_text(encoding="utf-8")):
        try:
            with shop.transaction(force_rollback=True):
                shop.execute(statement)
        except psycopg.Error as error:
            # What repairs may say that there is nothing to repair; what looks may not fail.
            is_ours = (error.sqlstate or "").startswith("PL")
            if not is_ours or "plumb." not in statement:
                pytest.fail(f"{statement}\n{error}")
