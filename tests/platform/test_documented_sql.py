"""What README and the guide tell a database's owner to type does what they say."""

import re
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]


def sql_block(path, word):
    """Return the one SQL block of a document that holds a word."""
    text = (ROOT / path).read_text(encoding="utf-8")
    (block,) = [b for b in re.findall(r"```sql\n(.*?)```", text, re.DOTALL) if word in b]
    return block


@pytest.fixture
def orders(db):
    """Yield a database with an application of its own: orders and their lines."""
    db.execute("create table public.orders (order_id integer primary key)")
    db.execute("create table public.order_lines (order_id integer, sku text)")
    return db


def test_an_invariant_of_ones_own_is_found_then_refused_at_commit(orders, connect):
    block = sql_block("docs/invariants.md", "declare_invariant")
    declared, enforced = block.split("-- Optional: a transaction that")
    orders.execute(declared)
    orders.execute("insert into public.orders values (1)")
    orders.execute("select check_invariants()")
    assert orders.execute("select subject, explanation from current_violations").fetchall() == [
        ("1", "order 1 has no line")
    ]

    orders.execute("insert into public.order_lines values (1, 'TEA')")
    orders.execute("select check_invariants()")
    assert orders.execute("select * from current_violations").fetchall() == []

    orders.execute("-- " + enforced)
    with pytest.raises(psycopg.errors.CheckViolation, match="order 2 has no line"):
        orders.execute("insert into public.orders values (2)")
    with orders.transaction():
        orders.execute("insert into public.orders values (2)")
        orders.execute("insert into public.order_lines values (2, 'TEA')")
