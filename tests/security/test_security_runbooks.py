"""Every security incident leads to a runbook whose SQL runs, and ends as it says."""

import re
from pathlib import Path

import pytest

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"

CAUSES = {
    "brute_force": "select plumb.report_failed_login('203.0.113.7', 'ada', 'shop')"
    " from generate_series(1, 10)",
    "rate_abuse": "select plumb.report_rate_limited('203.0.113.7', 'read', 300)",
    "wrong_override_token": "select plumb.record_security_event('wrong_override_token', 'P2')"
    " from generate_series(1, 3)",
    "privilege_change": "revoke delete on retail.sales from retail_app;"
    " revoke update on retail.sales from retail_app;"
    " grant truncate on retail.sales to retail_app",
    "rate_limiter_degraded": "select plumb.report_limiter('shop', true, 'refused')",
    "server_log_unreadable": "select plumb.change_setting('server_log_reading', 'on')",
}


def sql_of(name, chapter):
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {chapter}$(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1]
    blocks = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    return [s for block in blocks for s in re.split(r";\s*\n", block) if s.strip()]


@pytest.mark.parametrize("name", CAUSES)
def test_following_the_runbook_ends_the_incident(db, at, open_scopes, name):
    open_scopes()
    at(60)
    db.execute(CAUSES[name])
    assert open_scopes() == [name.upper()]
    url = "select runbook_url from plumb.open_incidents"
    assert db.execute(url).fetchone() == (f"docs/runbooks/{name}.md",)

    for statement in sql_of(name, "Look"):
        assert db.execute(statement).description
    for statement in sql_of(name, "Repair"):
        db.execute(statement)
    at(800)
    for statement in sql_of(name, "See it clear"):
        db.execute(statement)

    assert db.execute("select from plumb.open_incidents").fetchall() == []
