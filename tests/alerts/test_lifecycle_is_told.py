"""Which step of an incident's life is told to whom."""

from receivers import SIGNING_KEY, Slack, Webhook


def actions(pagerduty):
    return [event["event_action"] for event in pagerduty.accepted]


def test_an_opened_incident_is_told_to_slack_and_the_webhook_but_pages_nobody(
    alerts, pagerduty, slack, webhook
):
    alerts.open()

    alerts.dispatch()

    assert "INCIDENT OPENED" in slack.accepted[0]["text"]
    assert webhook.accepted[0]["topic"] == "incident.opened"
    assert pagerduty.attempt_count == 0


def test_an_escalated_incident_pages(alerts, pagerduty):
    alerts.escalate(alerts.open())

    alerts.dispatch()

    assert actions(pagerduty) == ["trigger"]
    assert len(pagerduty.pages) == 1


def test_a_priority_that_pages_on_opening_does(alerts, pagerduty):
    alerts.set("page_on_open_priorities", "P1")
    alerts.open("ONE", "P1")
    alerts.open("TWO", "P2")

    alerts.dispatch()

    assert [event["payload"]["severity"] for event in pagerduty.accepted] == ["critical"]


def test_acknowledging_and_resolving_follow_to_the_pager(alerts, pagerduty):
    incident = alerts.open()
    alerts.escalate(incident)
    alerts.dispatch()
    alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])
    alerts.dispatch()
    assert list(pagerduty.open_alerts.values()) == ["acknowledged"]

    alerts.resolve()
    alerts.dispatch()

    assert actions(pagerduty) == ["trigger", "acknowledge", "resolve"]
    assert pagerduty.open_alerts == {}
    assert pagerduty.dropped == []


def test_the_pager_hears_nothing_of_an_incident_that_never_paged(alerts, pagerduty):
    alerts.open()
    alerts.resolve()

    alerts.dispatch()

    assert pagerduty.attempt_count == 0
    assert alerts.deliveries("pagerduty") == [
        ("incident.resolved", "skipped", "it never got the beginning")
    ]


def test_a_flapping_incident_pages_again_only_when_it_escalates_again(alerts, pagerduty):
    incident = alerts.open()
    alerts.escalate(incident)
    alerts.resolve()
    alerts.dispatch()
    # Both were waiting, so nobody was woken for what had healed.
    assert pagerduty.pages == []

    alerts.later(60)
    assert alerts.open() == incident
    alerts.dispatch()
    assert pagerduty.pages == []

    alerts.escalate(incident)
    alerts.dispatch()
    alerts.resolve()
    alerts.dispatch()
    alerts.later(60)
    alerts.open()
    alerts.dispatch()

    assert len(pagerduty.pages) == 1
    assert pagerduty.open_alerts == {}


def test_escalating_after_a_resolve_pages_anew_under_the_same_key(alerts, pagerduty):
    for _ in range(2):
        alerts.escalate(alerts.open())
        alerts.dispatch()
        alerts.resolve()
        alerts.dispatch()
        alerts.later(60)

    assert len(pagerduty.pages) == 2
    assert len(set(pagerduty.pages)) == 1


def test_an_acknowledged_incident_that_escalates_pages_nobody_until_it_is_handed_back(
    alerts, pagerduty
):
    incident = alerts.open()
    alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])
    alerts.escalate(incident)
    alerts.dispatch()
    assert ("incident.escalated", "skipped", "ann has acknowledged it") in alerts.deliveries(
        "pagerduty"
    )

    alerts.db.execute("select unacknowledge_incident(%s, 'ann')", [incident])
    alerts.dispatch()

    assert actions(pagerduty) == ["trigger"]


def test_an_incident_that_comes_back_has_nobody(alerts, pagerduty):
    incident = alerts.open()
    alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])
    alerts.resolve()
    alerts.later(60)
    alerts.open()
    alerts.escalate(incident)

    alerts.dispatch()

    assert len(pagerduty.pages) == 1


def test_safe_mode_pages_and_its_end_resolves(alerts, pagerduty, slack):
    alerts.db.execute("select engage_safe_mode('grade F', 'health', true)")
    alerts.dispatch()
    assert pagerduty.accepted[0]["payload"]["severity"] == "critical"
    assert "writes are refused: grade F" in slack.accepted[0]["text"]

    alerts.db.execute("update system_mode set override_token = 'token' where id = 1")
    alerts.db.execute("select disengage_safe_mode('token', 'ann')")
    alerts.dispatch()

    assert pagerduty.open_alerts == {}


def test_a_report_goes_to_the_executive_webhook_alone(alerts, slack, pagerduty, receive):
    executive = receive(Webhook)
    alerts.connect("executive", executive.url, SIGNING_KEY)
    alerts.db.execute(
        "insert into outbox (topic, dedup_key, payload, created_at)"
        " values ('report.executive', 'plumb:report:1', '{\"score\": 100}', now())"
    )
    alerts.open()

    alerts.dispatch()

    assert [message["topic"] for message in executive.accepted] == ["report.executive"]
    assert slack.attempt_count == 1
    assert pagerduty.attempt_count == 0


def test_a_destination_is_told_only_its_topics_and_priorities(alerts, slack):
    alerts.db.execute("select route_destination('slack', array['incident.opened'], array['P1'])")
    alerts.open("ONE", "P1")
    alerts.open("TWO", "P2")
    alerts.resolve("ONE")

    alerts.dispatch()

    assert len(slack.accepted) == 1


def test_what_happened_before_a_destination_was_connected_is_not_told_to_it(alerts, receive):
    alerts.open()
    alerts.dispatch()
    receiver = receive(Slack)
    alerts.connect("slack", receiver.url)

    alerts.dispatch()

    assert receiver.attempt_count == 0


def test_a_rolled_back_incident_is_told_to_nobody(alerts, slack, connect):
    with connect(autocommit=False) as session:
        session.execute("select plumb.open_incident('shop', 'TILL', 'P1', 'wrong')")
        session.rollback()

    alerts.dispatch()

    assert slack.attempt_count == 0


def test_a_test_alert_reaches_every_kind_of_receiver(alerts, pagerduty, slack, webhook):
    for destination in ("pagerduty", "slack", "webhook"):
        alerts.db.execute("select send_test_alert(%s)", [destination])

    alerts.dispatch()

    assert [len(receiver.accepted) for receiver in (pagerduty, slack, webhook)] == [2, 2, 2]
    assert pagerduty.open_alerts == {}
