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
