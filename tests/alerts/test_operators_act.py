"""What a person does about an incident, as SQL: done, written down, told."""

import psycopg
import pytest


def timeline(alerts, incident):
    return alerts.db.execute(
        "select event, actor, note from incident_events where incident_id = %s"
        " order by incident_event_id",
        [incident],
    ).fetchall()


@pytest.mark.parametrize(
    ("call", "event"),
    [
        ("acknowledge_incident(%s, 'ann', 'on it')", ("acknowledged", "ann", "on it")),
        ("comment_incident(%s, 'it is the till', 'ann')", ("commented", "ann", "it is the till")),
        ("close_incident(%s, 'counted by hand', 'ann')", ("closed", "ann", "counted by hand")),
        ("escalate_now(%s, 'too big for me', 'ann')", ("escalated", "ann", "too big for me")),
    ],
)
def test_an_act_is_in_the_timeline_and_told(alerts, webhook, call, event):
    incident = alerts.open()

    alerts.db.execute(f"select {call}", [incident])
    alerts.dispatch()

    assert timeline(alerts, incident)[-1] == event
    told = webhook.accepted[-1]
    assert told["topic"] == f"incident.{event[0]}"
    assert (told["data"]["actor"], told["data"]["note"]) == event[1:]


def test_closing_needs_a_reason(alerts):
    incident = alerts.open()

    with pytest.raises(psycopg.Error) as caught:
        alerts.db.execute("select close_incident(%s, ' ', 'ann')", [incident])

    assert caught.value.sqlstate == "PL002"


def test_a_closed_problem_that_goes_on_opens_a_new_incident(alerts):
    incident = alerts.open()
    alerts.db.execute("select close_incident(%s, 'not mine', 'ann')", [incident])

    assert alerts.open() != incident


def test_a_resolved_incident_can_be_closed_but_not_acknowledged(alerts):
    incident = alerts.open()
    alerts.resolve()

    with pytest.raises(psycopg.Error) as caught:
        alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])
    assert caught.value.sqlstate == "PL005"
    alerts.db.execute("select close_incident(%s, 'reviewed', 'ann')", [incident])

    assert alerts.value("select status from incidents") == "CLOSED"


def test_nobody_takes_what_somebody_has(alerts):
    incident = alerts.open()
    alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])

    with pytest.raises(psycopg.Error) as caught:
        alerts.db.execute("select acknowledge_incident(%s, 'bob')", [incident])

    assert caught.value.sqlstate == "PL005"
    assert "ann" in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        "acknowledge_incident(404, 'ann')",
        "unacknowledge_incident(404, 'ann')",
        "close_incident(404, 'why', 'ann')",
        "comment_incident(404, 'what', 'ann')",
        "escalate_now(404, 'why', 'ann')",
        "silence_incident(404, now() + interval '1 h', 'why', 'ann')",
        "end_silence(404, 'ann')",
        "resend_delivery(404, 'ann')",
    ],
)
def test_what_does_not_exist_is_named(alerts, call):
    with pytest.raises(psycopg.Error) as caught:
        alerts.db.execute(f"select {call}")

    assert caught.value.sqlstate == "PL001"
    assert "404" in str(caught.value)


def test_an_operator_may_act_and_a_reader_may_not(alerts):
    incident = alerts.open()
    alerts.db.execute("set role plumb_reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])
    alerts.db.execute("set role plumb_operator")

    alerts.db.execute("select acknowledge_incident(%s, 'ann')", [incident])
    alerts.db.execute(
        "select silence(plumb.current_time() + interval '1 hour', 'known', p_source => 'shop')"
    )

    assert alerts.value("select count(*) from active_silences") == 1
