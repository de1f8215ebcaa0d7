"""The log names the application's user, handed over as docs/history.md shows it."""

import contextvars
import re
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import StaticPool

DOC = (Path(__file__).parents[2] / "docs/history.md").read_text(encoding="utf-8")


def names(db):
    return [
        name
        for (name,) in db.execute(
            "select who from plumb.row_changes('app.item', '1') where column_name = 'name'"
        )
    ]


def test_psycopg_names_it_in_each_transaction(audit, connect):
    statement = re.search(r'cursor.execute\("(.*?)", \[user\]\)', DOC)[1]
    session = connect(application_name="shop")
    with session.transaction():
        session.execute(statement, ["ann"])
        session.execute("insert into app.item values (1, 'a')")
    session.execute("update app.item set name = 'b'")

    assert names(audit) == ["ann (login postgres)", "shop (login postgres)"]


def test_sqlalchemy_names_it_in_each_transaction(audit):
    current_user = contextvars.ContextVar("current_user", default="nobody")
    # One connection, as a pool hands it from user to user.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(audit.info.dsn),
        poolclass=StaticPool,
    )
    block = re.search(r"```python\n(@event.*?)```", DOC, re.DOTALL)[1]
    exec(block, {"event": event, "engine": engine, "current_user": current_user})
    for user, name in (("ann", "a"), ("bob", "b")):
        current_user.set(user)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "insert into app.item values (1, :name)"
                    " on conflict (id) do update set name = :name"
                ),
                {"name": name},
            )
    engine.dispose()

    assert names(audit) == ["ann (login postgres)", "bob (login postgres)"]


@pytest.mark.parametrize("statement", ["set local plumb.app_user = 'ann'"])
def test_psql_names_it_for_one_transaction(audit, statement):
    assert f"`{statement};`" in DOC
    with audit.transaction():
        audit.execute(statement)
        audit.execute("insert into app.item values (1, 'a')")

    assert names(audit) == ["ann (login postgres)"]
