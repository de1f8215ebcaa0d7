"""The link to a runbook in an alert opens."""

import re
from pathlib import Path

import pytest
from browser import Page

ROOT = Path(__file__).parents[2]
RUNBOOKS = sorted(path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md"))


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_runbook_is_shown(client, name):
    answer = client.get(f"/runbooks/{name}")

    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith("# ")


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_browser_gets_it_as_a_page_whose_links_open(client, look, name):
    shown = look(f"/runbooks/{name}")
    page = Page(shown)

    assert shown.mimetype == "text/html"
    assert re.search("<h1>.+</h1>", shown.text)
    assert "```" not in page.text and "](" not in page.text
    assert page.inline == []
    for link in {link for link in page.links if link.startswith("/runbooks/")}:
        assert client.get(link).status_code == 200, link
    assert not [link for link in page.links if not link.startswith(("/", "#", "https://"))]


def test_one_that_is_not_there_is_a_page_too(look):
    assert "there is no runbook no_such" in look("/runbooks/no_such").text.lower()


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
