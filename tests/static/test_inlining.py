"""Functions whose files say "Inlined" cost no call: no plan that uses them names them.

PostgreSQL puts the body of an SQL function in the place of its call only under a dozen conditions,
and says nothing when one of them is no longer met.
"""

import re

import pytest
from plumbline.core.migrate import code_files
from psycopg import sql

SIGNATURE = """
select
    p.proretset,
    array(
        select t.type::regtype::text
        from unnest(p.proargtypes::oid[]) with ordinality as t (type, position)
        order by t.position
    )
from pg_proc as p
where p.pronamespace = 'plumb'::regnamespace and p.proname = %s
"""


def inlined():
    """Return the names of the functions whose first comment promises that they are inlined."""
    texts = [path.read_text() for path in code_files() if "functions" in path.parts]
    return sorted(
        re.search(r"^create or replace function plumb\.\"?(\w+)", text, re.M)[1]
        for text in texts
        if re.search(r"^-- .*\bInlined\b", text, re.M)
    )


def plan(db, query):
    return "\n".join(line for (line,) in db.execute(sql.SQL("explain (verbose) ") + query))


@pytest.mark.parametrize("name", inlined())
def test_a_plan_shows_the_body_of_the_function_and_no_call(db, name):
    for returns_set, types in db.execute(SIGNATURE, [name]).fetchall():
        columns = [f"a{i}" for i in range(len(types))]
        declared = ", ".join(f"{c} {t}" for c, t in zip(columns, types, strict=True))
        db.execute(sql.SQL("create temp table arguments ({})").format(sql.SQL(declared)))
        call = sql.SQL("{}({})").format(
            sql.Identifier("plumb", name),
            sql.SQL(", ").join(sql.Identifier("a", column) for column in columns),
        )
        query = (
            "select r from arguments as a cross join lateral {} as r"
            if returns_set
            else ("select {} from arguments as a")
        )

        found = plan(db, sql.SQL(query).format(call))

        assert not re.search(rf"\b{name}\b(?=[\"(])|Function Scan on plumb\.{name}\b", found), found
        db.execute("drop table arguments")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("select * from plumb.newest_drift_score()", "drift_scores_pkey"),
        ("select * from plumb.newest_health_score()", "health_scores_pkey"),
        ("select * from plumb.incidents where is_open", "incidents_open_idx"),
    ],
)
def test_what_is_written_once_still_reads_an_index(db, query, index):
    db.execute("set enable_seqscan = off")

    assert index in plan(db, sql.SQL(query))
