"""Which statuses are open is decided by a column and listed by a function: they agree."""

import re

import pytest


@pytest.mark.parametrize("is_open", [True, False])
def test_the_list_says_what_the_column_says(db, is_open):
    expression = db.execute(
        "select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef as d"
        " inner join pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum"
        " where d.adrelid = 'plumb.incidents'::regclass and a.attname = 'is_open'"
    ).fetchone()[0]

    found = db.execute(
        f"select array_agg(status) from unnest(plumb.incident_statuses()) as status"
        f" where ({expression}) = %s",
        [is_open],
    ).fetchone()

    assert found == db.execute("select plumb.incident_statuses(%s)", [is_open]).fetchone()


def test_the_list_has_every_status_that_an_incident_may_have(db):
    (constraint,) = db.execute(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'plumb.incidents'::regclass"
        " and pg_get_constraintdef(oid) like '%(status = ANY%'"
    ).fetchone()
    listed = db.execute("select plumb.incident_statuses()").fetchone()[0]

    assert sorted(re.findall(r"'(\w+)'", constraint)) == sorted(listed)
