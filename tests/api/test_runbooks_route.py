"""The link to a runbook in an alert opens."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNBOOKS = sorted(path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md"))


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_runbook_is_shown(client, name):
    answer = client.get(f"/runbooks/{name}")

    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith("# ")


def test_every_runbook_that_an_incident_may_name_exists(db):
    named = {url for (url,) in db.execute("select runbook_url from plumb.invariants")}
    for path in (ROOT / "db" / "functions").rglob("*.sql"):
        found = re.findall(r"runbook_base_url'\)\s*\|\|\s*'([^']+)'", path.read_text("utf-8"))
        named |= set(found)
    assert len(named) > 12
    assert {Path(name).stem for name in named} <= set(RUNBOOKS)


@pytest.mark.parametrize("name", ["no_such", "..%2f..%2fREADME", "audit.md", "%2e%2e"])
def test_nothing_else_is(client, name):
    answer = client.get(f"/runbooks/{name}")
    assert answer.status_code in (400, 404)
    assert "# " not in answer.text
