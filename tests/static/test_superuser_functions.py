"""As little as possible belongs to a superuser: each such function is listed with its reason."""

import re
from pathlib import Path

SECURITY_DOC = Path(__file__).parents[2] / "docs" / "security.md"


def test_every_function_of_a_superuser_is_listed_with_its_reason(db):
    owned = db.execute(
        "select distinct p.proname from pg_proc as p"
        " inner join pg_roles as r on r.oid = p.proowner and r.rolsuper"
        " where p.pronamespace in ('plumb'::regnamespace, 'retail'::regnamespace)"
    ).fetchall()
    section = SECURITY_DOC.read_text().partition("### Functions that belong to a superuser")[2]
    rows = re.findall(r"^\| (`.*`) \| (.+) \|$", section.partition("\n#")[0], re.M)
    listed = [name for names, _reason in rows for name in re.findall(r"`(\w+)`", names)]

    assert sorted(listed) == sorted(name for (name,) in owned)


def test_no_ddl_of_the_application_waits_for_a_compiler(db):
    """The planner takes recursions over the catalog for large, and JIT costs half a second."""
    slow = db.execute(
        "select p.oid::regprocedure::text from pg_event_trigger as e"
        " inner join pg_proc as p on p.oid = e.evtfoid"
        " where e.evtname like 'plumb%' and not coalesce('jit=off' = any(p.proconfig), false)"
    ).fetchall()
    assert slow == []
