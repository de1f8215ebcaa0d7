"""An audited table that drivers and poolers change, and where its database is."""

import pytest
from psycopg.conninfo import conninfo_to_dict


@pytest.fixture
def named(db):
    """Return a function that tells who changed the row, oldest first."""
    db.execute(
        "create schema app; create table app.item (id integer primary key, price integer);"
        "insert into app.item values (1, 1); select plumb.audit_table('app.item')"
    )
    query = "select who from plumb.row_changes('app.item', '1') where op = 'UPDATE'"
    return lambda: [who.partition(" ")[0] for (who,) in db.execute(query).fetchall()]


@pytest.fixture
def place(db):
    """Return where the database is, as parameters of libpq."""
    return conninfo_to_dict(db.info.dsn) | {"password": db.info.password}
