"""A source gone wild is told once; the others are heard as before."""


def open_many(alerts, count, source="wild", first=0):
    for number in range(first, first + count):
        alerts.open(f"T{number}", source=source)


def test_above_the_cap_one_summary_stands_in(alerts, slack):
    alerts.set("flood_alerts_max", 5)
    open_many(alerts, 12)

    alerts.dispatch()

    assert len(slack.accepted) == 6
    assert "wild raises more alerts than its cap" in slack.accepted[-1]["text"]
    assert alerts.statuses("slack").count("skipped") == 7


def test_a_flood_holds_up_no_other_source(alerts, slack):
    alerts.set("flood_alerts_max", 5)
    open_many(alerts, 12)
    alerts.open("QUIET", source="calm", title="the calm one")

    alerts.dispatch()

    assert any("the calm one" in message["text"] for message in slack.accepted)


def test_a_flood_pages_once_and_its_end_resolves(alerts, pagerduty, webhook):
    alerts.set("flood_alerts_max", 2)
    open_many(alerts, 6)
    alerts.dispatch()
    assert len(pagerduty.pages) == 1

    alerts.later(300)
    alerts.dispatch()

    assert pagerduty.open_alerts == {}
    ended = webhook.accepted[-1]
    assert ended["topic"] == "flood.ended"
    assert ended["data"]["suppressedCount"] == 4
    assert ended["data"]["openIncidentCount"] == 6


def test_the_cap_is_per_window(alerts, slack):
    alerts.set("flood_alerts_max", 3)
    open_many(alerts, 3)
    alerts.dispatch()

    alerts.later(300)
    open_many(alerts, 3, first=3)
    alerts.dispatch()

    assert alerts.statuses("slack") == ["delivered"] * 6


def test_a_cap_of_zero_is_no_cap(alerts, slack):
    alerts.set("flood_alerts_max", 0)
    open_many(alerts, 30)

    alerts.dispatch()

    assert len(slack.accepted) == 30


def test_what_a_silence_held_back_does_not_flood_when_it_ends(alerts, slack):
    alerts.set("flood_alerts_max", 4)
    alerts.db.execute("select silence(plumb.current_time() + interval '1 hour', 'planned')")
    open_many(alerts, 9)
    alerts.dispatch()

    alerts.later(3601)
    alerts.dispatch()

    assert len(slack.accepted) == 5
