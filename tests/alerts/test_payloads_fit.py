"""What is sent is what the receivers take, whatever an incident holds."""

import json

import pytest
from receivers import ROUTING_KEY


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("P1", "critical"), ("P2", "error"), ("P3", "warning"), ("P4", "info")],
)
def test_priorities_become_pagerdutys_severities(alerts, pagerduty, priority, severity):
    alerts.db.execute(
        "select plumb.route_destination('pagerduty', p_priorities => '{P1,P2,P3,P4}')"
    )
    alerts.escalate(alerts.open(priority=priority))

    alerts.dispatch()

    assert pagerduty.accepted[0]["payload"]["severity"] == severity


def test_a_summary_is_cut_at_1024_characters(alerts, pagerduty):
    alerts.escalate(alerts.open(title="ä" * 3000))

    alerts.dispatch()

    assert pagerduty.refused == []
    assert len(pagerduty.accepted[0]["payload"]["summary"]) == 1024


def test_details_too_large_give_way_to_a_note(alerts, pagerduty):
    alerts.db.execute("select open_incident('shop', 'TILL', 'P1', 'wrong', repeat('ä', 300000))")
    alerts.escalate(1)

    alerts.dispatch()

    assert pagerduty.refused == []
    details = pagerduty.accepted[0]["payload"]["custom_details"]
    assert "too many to send" in details["error"]
    assert details["incidentId"] == 1


def test_a_long_key_is_hashed_alike_for_trigger_and_resolve(alerts, pagerduty):
    scope = "T" * 400
    alerts.escalate(alerts.open(scope))
    alerts.dispatch()
    alerts.resolve(scope)
    alerts.dispatch()

    assert pagerduty.refused == []
    assert pagerduty.open_alerts == {}
    assert pagerduty.dropped == []


def test_only_absolute_runbooks_become_links(alerts, pagerduty, slack):
    for number, runbook in enumerate(["docs/runbooks/till.md", "https://wiki.example.org/till"]):
        alerts.db.execute(
            "select open_incident('shop', %s, 'P1', 'wrong', '', 1, %s)", [f"T{number}", runbook]
        )
        alerts.escalate(number + 1)

    alerts.dispatch()

    assert pagerduty.refused == []
    assert [event["links"] for event in pagerduty.accepted] == [
        [],
        [{"href": "https://wiki.example.org/till", "text": "runbook"}],
    ]
    assert "<https://wiki.example.org/till|runbook>" in slack.accepted[-1]["text"]


def test_slack_shows_a_title_as_it_is(alerts, slack):
    alerts.open(title="a < b && c > d <!channel>")

    alerts.dispatch()

    assert slack.refused == []
    assert "a &lt; b &amp;&amp; c &gt; d &lt;!channel&gt;" in slack.accepted[0]["text"]


def test_slack_shows_a_button_where_it_may_answer(alerts, slack):
    alerts.open(title="<b> & " + "x" * 600)
    alerts.dispatch()
    assert "blocks" not in slack.accepted[-1]

    alerts.value("select plumb.receive_acknowledgements('slack', '0123456789abcdef')")
    incident = alerts.open("DOOR", title="y" * 20 + "&" * 4000)
    alerts.dispatch()
    section, actions = slack.accepted[-1]["blocks"]
    assert len(section["text"]["text"]) <= 3000
    assert actions["elements"][0]["action_id"] == "acknowledge"
    assert actions["elements"][0]["value"] == f"plumb:shop:DOOR:{incident}"

    alerts.resolve("DOOR")
    alerts.dispatch()
    assert "blocks" not in slack.accepted[-1]
    assert slack.refused == []


def test_slack_takes_the_longest_title(alerts, slack):
    alerts.open(title="&" * 50_000)

    alerts.dispatch()

    assert slack.refused == []


def test_the_webhook_gets_the_incident_signed(alerts, webhook):
    incident = alerts.open(title="Grüße aus der Kasse 🧾")

    alerts.dispatch()

    assert webhook.refused == []
    message = webhook.accepted[0]
    assert message["database"] == alerts.db.info.dbname
    assert message["dedupKey"] == f"plumb:shop:TILL:{incident}"
    assert message["data"]["title"] == "Grüße aus der Kasse 🧾"
    assert message["data"]["status"] == "OPEN"
    assert message["createdAt"].startswith("2026-03-01T12:00:00")


def test_without_a_key_the_webhook_is_not_signed(alerts, webhook):
    alerts.connect("webhook", webhook.url)
    webhook.key = ""
    alerts.open()

    alerts.dispatch()

    assert len(webhook.accepted) == 1


@pytest.mark.parametrize(
    ("destination", "url", "secret"),
    [
        ("slack", "http://hooks.slack.com/services/T/B/X", ""),
        ("slack", "hooks.slack.com/services/T/B/X", ""),
        ("slack", "https://user:password@hooks.slack.com/", ""),
        ("slack", "https://hooks.slack.com/a b", ""),
        ("slack", "https://hooks.slack.com/\r\nX-Header: 1", ""),
        ("slack", "", ""),
        ("webhook", "ftp://example.org/", ""),
        ("pagerduty", "", "too short"),
        ("pagerduty", "", ""),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_without_repeating_it(
    alerts, destination, url, secret
):
    import psycopg

    with pytest.raises(psycopg.Error) as caught:
        alerts.connect(destination, url, secret)

    assert caught.value.sqlstate == "PL002"
    assert not secret or secret not in str(caught.value)
    assert "services" not in str(caught.value)


def test_readers_see_destinations_but_no_secret(alerts, slack, pagerduty):
    import psycopg

    alerts.db.execute("set role plumb_reader")

    shown = json.dumps(alerts.value("select jsonb_agg(to_jsonb(s)) from destination_status as s"))

    assert ROUTING_KEY not in shown
    assert slack.path not in shown
    for forbidden in ("table destination_secrets", "select claimed_requests()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            alerts.db.execute(forbidden)
