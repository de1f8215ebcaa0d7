"""A bad day: ten thousand alerts, one receiver dead, one slow, one well."""

import pytest

COUNT = 10_000


@pytest.mark.slow
def test_ten_thousand_alerts_with_one_receiver_dead_and_one_slow(alerts, pagerduty, slack, webhook):
    alerts.db.execute(
        "insert into outbox (topic, dedup_key, payload, created_at)"
        " select 'incident.escalated', 'plumb:bench:' || n,"
        "     jsonb_build_object('priority', 'P2', 'title', 'alert ' || n), plumb.current_time()"
        " from generate_series(1, %s) as n",
        [COUNT],
    )
    pagerduty.behave_always("reset")
    slack.seconds_per_answer = 0.01

    alerts.dispatch()

    assert len({message["messageId"] for message in webhook.accepted}) == COUNT
    assert webhook.attempt_count == COUNT
    assert len({message["text"] for message in slack.accepted}) == COUNT
    assert slack.attempt_count == COUNT
    assert alerts.status("pagerduty") == "circuit open"
    assert pagerduty.attempt_count == 5
    waiting = alerts.value(
        "select queued_count from destination_status where destination = 'pagerduty'"
    )
    assert waiting == COUNT

    pagerduty.behave_always(None)
    alerts.later(900)
    while alerts.status("pagerduty") != "ok" or "queued" in alerts.statuses("pagerduty"):
        alerts.dispatch()
        alerts.later(60)

    assert len(pagerduty.pages) == COUNT
    assert pagerduty.attempt_count == COUNT + 5
    assert alerts.value("select count(*) from dead_letters") == 0
