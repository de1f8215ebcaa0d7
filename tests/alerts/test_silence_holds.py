"""What is silenced is recorded and not told; told it is when it outlives its silence."""

import psycopg
import pytest


def silence(alerts, seconds, **arguments):
    names = "".join(f", {name} => %({name})s" for name in arguments)
    return alerts.value_of(
        "select (silence(plumb.current_time() + make_interval(secs => %(seconds)s),"
        f" 'known'{names}) ->> 'silenceId')::bigint",
        {"seconds": seconds, **arguments},
    )


def test_a_silenced_incident_is_recorded_and_not_told(alerts, slack):
    silence(alerts, 3600, p_source="shop")

    incident = alerts.open()
    alerts.dispatch()

    assert slack.attempt_count == 0
    assert alerts.statuses("slack") == ["held"]
    assert alerts.value("select status from incidents where incident_id = %s", incident) == "OPEN"


def test_what_outlives_its_silence_is_told_once_with_its_newest_state(alerts, slack, pagerduty):
    silence(alerts, 3600)
    alerts.escalate(alerts.open())
    alerts.dispatch()

    alerts.later(3601)
    alerts.dispatch()

    assert len(pagerduty.pages) == 1
    assert len(slack.accepted) == 1
    assert "INCIDENT ESCALATED" in slack.accepted[0]["text"]


def test_what_heals_under_its_silence_is_never_told(alerts, slack, pagerduty):
    silence(alerts, 3600)
    alerts.escalate(alerts.open())
    alerts.dispatch()
    alerts.resolve()

    alerts.later(3601)
    alerts.dispatch()

    assert slack.attempt_count == pagerduty.attempt_count == 0
    assert set(alerts.statuses("slack")) == {"skipped"}


def test_the_end_of_what_was_told_is_told_in_spite_of_a_silence(alerts, slack, pagerduty):
    alerts.escalate(alerts.open())
    alerts.dispatch()
    silence(alerts, 3600)

    alerts.resolve()
    alerts.dispatch()

    assert "INCIDENT RESOLVED" in slack.accepted[-1]["text"]
    assert pagerduty.open_alerts == {}


def test_who_acknowledged_under_a_silence_is_not_paged_after_it(alerts, pagerduty):
    silence(alerts, 3600)
    incident = alerts.open()
    alerts.escalate(incident)
    alerts.dispatch()
    alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])

    alerts.later(3601)
    alerts.dispatch()

    assert pagerduty.pages == []


@pytest.mark.parametrize(
    ("matcher", "is_held"),
    [
        ({"p_source": "shop"}, True),
        ({"p_source": "sh%"}, True),
        ({"p_source": "other"}, False),
        ({"p_scope": "TILL"}, True),
        ({"p_scope": "TILLS"}, False),
        ({"p_priorities": ["P1"]}, True),
        ({"p_priorities": ["P2", "P3"]}, False),
        ({"p_source": "shop", "p_priorities": ["P2"]}, False),
    ],
)
def test_a_silence_holds_what_matches_all_of_it(alerts, slack, matcher, is_held):
    silence(alerts, 3600, **matcher)
    alerts.open()

    alerts.dispatch()

    assert alerts.statuses("slack") == ["held" if is_held else "delivered"]


def test_a_silence_can_be_ended_before_its_time(alerts, slack):
    number = silence(alerts, 3600)
    alerts.open()
    alerts.dispatch()

    alerts.db.execute("select end_silence(%s, 'ann')", [number])
    alerts.dispatch()

    assert len(slack.accepted) == 1
    assert alerts.value("select count(*) from active_silences") == 0


def test_one_incident_is_silenced_by_its_number(alerts, slack):
    incident = alerts.open()
    alerts.open("ANOTHER")
    alerts.dispatch()
    alerts.db.execute(
        "select silence_incident(%s, plumb.current_time() + interval '1 hour', 'known', 'ann')",
        [incident],
    )

    alerts.escalate(incident)
    alerts.dispatch()
    assert len(slack.accepted) == 2
    alerts.later(3601)
    alerts.dispatch()

    assert len(slack.accepted) == 3


def test_a_weekly_window_holds_in_its_hours_only(alerts):
    alerts.db.execute(
        "select plan_maintenance('2026-03-07 02:00+00', '2026-03-07 04:00+00', 'index work',"
        " p_repeats_every => '7 days', p_repeats_until => '2026-03-31')"
    )
    incident = alerts.open()

    def is_muted(moment):
        alerts.db.execute("select set_config('plumb.current_time', %s, false)", [moment])
        return alerts.value("select mute_reason(%s) is not null", incident)

    assert not is_muted("2026-03-07 01:59+00")
    assert is_muted("2026-03-07 02:00+00")
    assert is_muted("2026-03-07 03:59+00")
    assert not is_muted("2026-03-07 04:00+00")
    assert not is_muted("2026-03-08 03:00+00")
    assert is_muted("2026-03-21 03:00+00")
    assert not is_muted("2026-04-04 03:00+00")


def test_an_open_parent_speaks_for_its_children(alerts, slack):
    alerts.db.execute("select inhibit('host', '%', 'shop', '%', 'the host explains the shop')")
    alerts.open("DISK", source="host")
    alerts.open()
    alerts.dispatch()
    assert alerts.statuses("slack") == ["delivered", "held"]

    alerts.resolve("DISK", "host")
    alerts.dispatch()

    assert alerts.statuses("slack") == ["delivered", "delivered", "delivered"]


@pytest.mark.parametrize(
    "call",
    [
        "silence(plumb.current_time() - interval '1 s', 'late')",
        "silence(null, 'for ever')",
        "silence('infinity', 'for ever')",
        "silence(plumb.current_time() + interval '1 h', '')",
        "silence(plumb.current_time() + interval '1 h', 'x', p_priorities => array['P9'])",
        "silence(plumb.current_time() + interval '1 h', 'x', p_repeats_every => '1 minute')",
        "silence(plumb.current_time() + interval '1 h', 'x', p_repeats_every => '1 month')",
    ],
)
def test_a_silence_that_cannot_be_meant_is_refused(alerts, call):
    with pytest.raises(psycopg.Error) as caught:
        alerts.db.execute(f"select {call}")

    assert caught.value.sqlstate == "PL002"
