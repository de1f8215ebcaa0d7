"""Acting on incidents, keeping quiet, and how the telling goes, over HTTP."""

import pytest
from documented import SECTIONS, shape

LATER = "2030-01-01T08:00:00Z"


@pytest.fixture
def incident(db):
    return db.execute("select open_incident('shop', 'TILL', 'P2', 'off')").fetchone()[0]


@pytest.mark.parametrize(
    ("verb", "body", "expected"),
    [
        ("acknowledge", {"by": "ann"}, {"acknowledgedBy": "ann"}),
        ("close", {"reason": "counted", "by": "ann"}, {"status": "CLOSED", "closedBy": "ann"}),
        ("escalate", {"reason": "too big", "by": "ann"}, {"status": "ESCALATED"}),
        ("comments", {"comment": "the till", "by": "ann"}, {"status": "OPEN"}),
        (
            "silence",
            {"until": LATER, "reason": "known", "by": "ann"},
            {"silencedUntil": "2030-01-01T08:00:00+00:00"},
        ),
    ],
)
def test_an_act_answers_with_the_incident_and_keeps_who_did_it(
    client, db, incident, verb, body, expected
):
    answer = client.post(f"/incidents/{incident}/{verb}", json=body)

    assert answer.status_code == 200
    assert answer.json.items() >= expected.items()
    described = SECTIONS["POST", f"/incidents/<incident_id>/{verb}"]
    assert set(answer.json) >= set(described)
    actor = "select actor from incident_events order by incident_event_id desc limit 1"
    assert db.execute(actor).fetchone() == ("ann",)


def test_unacknowledging_hands_it_back(client, incident):
    client.post(f"/incidents/{incident}/acknowledge", json={"by": "ann"})

    answer = client.post(f"/incidents/{incident}/unacknowledge", json={"by": "ann"})

    assert answer.json["acknowledgedBy"] is None


@pytest.mark.parametrize("verb", ["acknowledge", "unacknowledge"])
def test_what_does_not_exist_is_404(client, verb):
    assert client.post(f"/incidents/404/{verb}", json={"by": "ann"}).status_code == 404


def test_what_somebody_has_is_409(client, incident):
    client.post(f"/incidents/{incident}/acknowledge", json={"by": "ann"})

    answer = client.post(f"/incidents/{incident}/acknowledge", json={"by": "bob"})

    assert answer.status_code == 409
    assert "ann" in answer.json["detail"]


def test_a_silence_is_made_listed_and_ended(client):
    made = client.post(
        "/silences",
        json={"source": "shop", "scope": "%", "until": LATER, "reason": "known", "by": "ann"},
    )
    assert shape(made.json) == shape(SECTIONS["POST", "/silences"])
    listed = client.get("/silences").json
    assert listed == {"silences": [made.json]}
    assert shape(listed) == shape(SECTIONS["GET", "/silences"])

    ended = client.delete(f"/silences/{made.json['silenceId']}", json={"by": "bob"})

    assert ended.json["endedBy"] == "bob"
    assert shape(ended.json) == shape(SECTIONS["DELETE", "/silences/<silence_id>"])
    assert client.get("/silences").json == {"silences": []}


def test_a_maintenance_window_is_planned(client):
    answer = client.post(
        "/maintenance-windows",
        json={
            "source": "perf%",
            "scope": "%",
            "startsAt": "2030-01-01T02:00:00Z",
            "endsAt": "2030-01-01T04:00:00Z",
            "reason": "index work",
            "by": "ann",
        },
    )

    assert answer.json["kind"] == "maintenance"
    assert shape(answer.json) == shape(SECTIONS["POST", "/maintenance-windows"])


@pytest.mark.parametrize("until", ["tomorrow", "2001-01-01T00:00:00Z"])
def test_a_moment_that_cannot_be_meant_is_400(client, until):
    answer = client.post(
        "/silences",
        json={"source": "shop", "scope": "%", "until": until, "reason": "known", "by": "ann"},
    )

    assert answer.status_code == 400


def test_destinations_are_shown_without_their_secrets(client, db):
    secret = "https://hooks.slack.com/services/T/B/X"
    db.execute("select connect_destination('slack', %s)", [secret])

    answer = client.get("/alerts/destinations")

    assert [d["destination"] for d in answer.json["destinations"]] == [
        "executive",
        "pagerduty",
        "slack",
        "webhook",
    ]
    assert secret not in answer.text


def test_a_dead_letter_is_shown_and_sent_again(client, db, incident):
    db.execute("select connect_destination('slack', 'https://hooks.slack.com/services/T/B/X')")
    db.execute("select route_message(1, 'slack')")
    db.execute("update deliveries set status = 'dead'")
    letters = client.get("/alerts/dead-letters").json
    assert letters["total"] == 1
    number = letters["deadLetters"][0]["deliveryId"]

    answer = client.post(f"/alerts/dead-letters/{number}/resend", json={"by": "ann"})

    assert answer.json["status"] == "queued"
    assert answer.json["reason"] == "sent again by ann"
    assert client.get("/alerts/dead-letters").json["total"] == 0
    again = client.post(f"/alerts/dead-letters/{number}/resend", json={"by": "ann"})
    assert again.status_code == 409
