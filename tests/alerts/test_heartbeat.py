"""The dead man's switch, and the receivers that it looks after."""


def test_the_heartbeat_goes_to_the_webhook_alone(alerts, webhook, slack, pagerduty):
    alerts.open()
    alerts.db.execute("select run_heartbeat()")

    alerts.dispatch()

    beat = webhook.accepted[-1]
    assert beat["topic"] == "heartbeat"
    assert beat["data"]["intervalSeconds"] == 300
    assert beat["data"]["openIncidents"] == {"P1": 1, "P2": 0, "P3": 0, "P4": 0}
    assert beat["data"]["safeMode"] is False
    assert slack.attempt_count == 1
    assert pagerduty.attempt_count == 0


def test_heartbeats_that_could_not_go_out_do_not_pile_up(alerts, webhook):
    webhook.behave_always(503)
    for _ in range(5):
        alerts.db.execute("select run_heartbeat()")
        alerts.dispatch()
        alerts.later(300)

    assert alerts.statuses("webhook").count("queued") == 1


def test_a_receiver_that_cannot_be_told_is_told_of_through_the_others(alerts, slack, webhook):
    slack.behave_always(404)
    alerts.open()
    alerts.dispatch()

    alerts.db.execute("select run_heartbeat()")
    alerts.dispatch()

    titles = [message["data"].get("title") for message in webhook.accepted]
    assert "Alerts do not reach slack" in titles
    incident = alerts.db.execute(
        "select status, runbook_url from open_incidents where source = 'alerts'"
    ).fetchone()
    assert incident == ("OPEN", "docs/runbooks/alert-delivery.md")


def test_its_incident_resolves_when_it_can_be_told_again(alerts, slack):
    slack.behave(404)
    alerts.open()
    alerts.dispatch()
    alerts.db.execute("select run_heartbeat()")
    alerts.dispatch()

    alerts.db.execute("select resend_dead_letters('slack')")
    alerts.dispatch()
    alerts.db.execute("select run_heartbeat()")

    assert alerts.value("select count(*) from open_incidents where source = 'alerts'") == 0


def test_problem_with_every_receiver_does_not_breed(alerts, slack):
    slack.behave_always(404)
    alerts.open()
    for _ in range(10):
        alerts.dispatch()
        alerts.db.execute("select run_heartbeat()")
        alerts.later(300)

    assert alerts.value("select count(*) from incidents") == 2
    assert alerts.value("select count(*) from deliveries where destination = 'slack'") <= 4
