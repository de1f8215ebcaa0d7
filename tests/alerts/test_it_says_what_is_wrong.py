"""Whoever is woken reads in one line what is wrong, and below it who did it and how to go on."""

import pytest


@pytest.fixture
def console(alerts):
    alerts.set("console_url", "https://plumb.example.com")


@pytest.fixture
def broken(alerts, shop, connect):
    """Let a batch break an invariant; the change is sealed, the incident open."""
    shop.execute("select plumb.seal_audit()")
    shop.execute("select check_invariants()")
    connect(application_name="night batch").execute(
        "update retail.stock set quantity = -3 where product_id = 1"
    )
    shop.execute("call plumb.run_job('seal', true)")
    shop.execute("select check_invariants()")
    return shop.execute("select incident_id from incidents").fetchone()[0]


LINE = "NO_NEGATIVE_STOCK: 1 violation: stock 1: quantity is -3"


@pytest.mark.usefixtures("console")
def test_the_page_names_row_culprit_runbook_and_next_command(alerts, pagerduty, broken):
    alerts.escalate(broken)

    alerts.dispatch()

    (event,) = pagerduty.accepted
    assert event["payload"]["summary"] == f"[P1] {LINE}"
    assert {link["text"]: link["href"] for link in event["links"]} == {
        "runbook": "https://plumb.example.com/runbooks/no_negative_stock",
        "incident": f"https://plumb.example.com/incidents/{broken}",
    }
    details = event["payload"]["custom_details"]
    (violation,) = details["violations"]
    assert violation["blame"][0]["application"] == "night batch"
    assert any("night batch: UPDATE of retail.stock" in line for line in details["lines"])
    assert (
        "Next: select subject, explanation, blame from plumb.current_violations"
        " where invariant = 'NO_NEGATIVE_STOCK';"
    ) in details["lines"]
    assert f"Then: select plumb.acknowledge_incident({broken}, 'your name');" in details["lines"]


@pytest.mark.usefixtures("console", "broken")
def test_slack_says_it_once(alerts, slack):
    alerts.dispatch()

    text = slack.accepted[0]["text"]
    assert text.splitlines()[0] == f"*P1 INCIDENT OPENED* {LINE}"
    assert text.count("NO_NEGATIVE_STOCK: 1 violation") == 1
    assert "night batch" in text
    assert "<https://plumb.example.com/runbooks/no_negative_stock|runbook>" in text


def test_who_did_it_is_told_though_it_was_sealed_after_the_incident_opened(
    alerts, shop, connect, slack
):
    shop.execute("select plumb.seal_audit()")
    shop.execute("select check_invariants()")
    connect(application_name="night batch").execute(
        "update retail.stock set quantity = -3 where product_id = 1"
    )
    shop.execute("select check_invariants()")
    shop.execute("call plumb.run_job('seal', true)")

    alerts.dispatch()

    assert "night batch" in slack.accepted[0]["text"]


def test_the_end_tells_neither_culprit_nor_command(alerts, slack, broken):
    alerts.db.execute("update retail.stock set quantity = 7 where product_id = 1")
    alerts.db.execute("select check_invariants()")
    alerts.dispatch()
    (end,) = [m["text"] for m in slack.accepted if "RESOLVED* NO_NEGATIVE_STOCK" in m["text"]]
    assert end.startswith("*P1 INCIDENT RESOLVED* NO_NEGATIVE_STOCK: 1 violation\n")
    assert "Next:" not in end
    assert "night batch" not in end


# How each kind of incident arises, and what its alert has to say in its first line.
KINDS = {
    "invariant-check": (
        "drop view plumb_rules.no_negative_stock; select plumb.check_invariants()",
        "NO_NEGATIVE_STOCK could not be checked: view 'plumb_rules.no_negative_stock' of invariant",
    ),
    "security": (
        "select plumb.run_security_scan(); create role plumb_test_mallory superuser;"
        " select plumb.run_security_scan(); drop role plumb_test_mallory",
        "plumb_test_mallory",
    ),
    "backup": (
        "select plumb.fail_backup('b-1', 'pg_dump: disk full')",
        "the backup could not be made: b-1: pg_dump: disk full",
    ),
    "settings": (
        "set session_replication_role = replica; update plumb.settings set value = 'x'"
        " where name = 'escalate_attempts'; set session_replication_role = origin;"
        " select plumb.reset_unfit_settings()",
        "escalate_attempts",
    ),
}


@pytest.mark.parametrize("source", KINDS)
def test_every_kind_says_it_in_its_first_line(alerts, slack, source):
    causes, says = KINDS[source]
    alerts.db.execute(causes)

    alerts.dispatch()

    firsts = [message["text"].splitlines()[0] for message in slack.accepted]
    assert any(says in first for first in firsts), firsts
    assert all("Next: select" in message["text"] for message in slack.accepted)


SOURCES = [
    "invariant", "invariant-check", "audit", "database-check", "slow-statement", "latency",
    "backup", "alerts", "deployment", "settings", "security", "shop",
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_every_next_command_runs(alerts, source):
    for scope in ("O'Brien", "PRIVILEGE_CHANGE"):
        command = alerts.value("select plumb.next_command(%s, %s, 1)", source, scope)
        alerts.db.execute(command)


def test_p4_pages_nobody(alerts, pagerduty):
    alerts.escalate(alerts.open("A", "P4"))
    alerts.escalate(alerts.open("B", "P3"))
    alerts.dispatch()
    assert pagerduty.pages == ["plumb:shop:B:2"]


def test_a_failing_receiver_has_a_line_of_its_own(alerts, slack):
    slack.behave_always(503)
    alerts.set("circuit_failures", 1)
    alerts.open()
    alerts.dispatch()
    alerts.db.execute("select plumb.run_heartbeat()")
    summary = alerts.value(
        "select plumb.incident_summary(incident_id) from incidents where source = 'alerts'"
    )
    assert summary.startswith("Alerts do not reach slack: circuit open: 1 waiting")


def test_without_a_console_links_lead_to_the_service(alerts, pagerduty):
    alerts.set("service_url", "http://127.0.0.1:3000")
    alerts.db.execute(
        "select open_incident('shop', 'TILL', 'P1', 'wrong', '', 1, 'docs/runbooks/audit.md')"
    )
    alerts.escalate(1)
    alerts.dispatch()
    assert {link["href"] for link in pagerduty.accepted[0]["links"]} == {
        "http://127.0.0.1:3000/incidents/1",
        "http://127.0.0.1:3000/runbooks/audit",
    }
