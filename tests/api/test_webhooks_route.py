"""Acknowledging in PagerDuty or Slack reaches the incident: signed, once, and with the name."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus, urlencode

import psycopg
import pytest

PAGERDUTY_SECRET = "R7p/PagerDuty+Secret=="
SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
ROUTING_KEY = "0123456789abcdef0123456789abcdef"


def sign(secret: str, data: bytes) -> str:
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, headers: dict) -> tuple[int, dict]:
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Senders:
    """PagerDuty and Slack as they send, over real HTTP."""

    def __init__(self, url: str, db) -> None:
        self.url = url
        self.db = db

    def open(self, scope: str = "TILL") -> tuple[int, str]:
        """Open an incident; return it and the key that receivers know it by."""
        number = self.value("select plumb.open_incident('shop', %s, 'P1', 'off')", scope)
        return number, self.value(
            "select plumb.alert_key(dedup_key) from plumb.outbox where incident_id = %s limit 1",
            number,
        )

    def value(self, query: str, *arguments: object) -> object:
        return self.db.execute(query, arguments).fetchone()[0]

    def whose(self, incident: int) -> str | None:
        return self.value(
            "select acknowledged_by from plumb.incidents where incident_id = %s", incident
        )

    @staticmethod
    def event(key: str, kind: str = "incident.acknowledged", **more: object) -> bytes:
        """Return an event as PagerDuty's webhooks v3 send it."""
        event = {
            "id": f"01{time.monotonic_ns()}",
            "event_type": kind,
            "resource_type": "incident",
            "occurred_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "agent": {"id": "PLH1HKV", "summary": "Tenex Engineer", "type": "user_reference"},
            "client": None,
            "data": {"id": "PGR0VU2", "type": "incident", "incident_key": key, "number": 2},
        }
        return json.dumps({"event": event | more}).encode()

    def pagerduty(self, body: bytes, signature: str | None = None, **more: str):
        if signature is None:
            signature = "v1=" + sign(PAGERDUTY_SECRET, body)
        headers = {"Content-Type": "application/json", "X-PagerDuty-Signature": signature} | more
        return post(self.url + "/webhooks/pagerduty", body, headers)

    def slack(self, key: str, *, secret: str = SLACK_SECRET, age: int = 0, **more: object):
        payload = {
            "type": "block_actions",
            "user": {"id": "UA8RXUSPL", "username": "jane", "name": "Jane Dœ & Söhne +1%"},
            "actions": [{"type": "button", "action_id": "acknowledge", "value": key}],
            "response_url": "https://hooks.slack.com/actions/T9TK3CUKW/1",
        } | more
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self.send_slack(body, str(int(time.time()) - age), secret)

    def send_slack(self, body: bytes, moment: str, secret: str = SLACK_SECRET):
        signature = "v0=" + sign(secret, f"v0:{moment}:".encode() + body)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": signature,
        }
        return post(self.url + "/webhooks/slack", body, headers)


@pytest.fixture
def senders(service, service_db):
    service_db.execute("select plumb.connect_destination('pagerduty', '', %s)", [ROUTING_KEY])
    service_db.execute("select plumb.connect_destination('slack', 'https://hooks.slack.com/x')")
    for name, secret in (("pagerduty", PAGERDUTY_SECRET), ("slack", SLACK_SECRET)):
        service_db.execute("select plumb.receive_acknowledgements(%s, %s)", [name, secret])
    yield Senders(service.url, service_db)
    service_db.execute(
        "select plumb.close_incident(incident_id, 'over', 'test') from plumb.open_incidents"
    )
    service_db.execute(
        "select plumb.disconnect_destination(d) from unnest(array['pagerduty', 'slack']) as d"
    )


def test_acknowledging_in_pagerduty_acknowledges_the_incident_with_the_name(senders):
    incident, key = senders.open()

    answer = senders.pagerduty(senders.event(key))

    assert answer == (200, {"outcome": "acknowledged", "incidentId": incident})
    assert senders.whose(incident) == "Tenex Engineer"
    note = senders.value(
        "select note from plumb.incident_events where event = 'acknowledged' and incident_id = %s",
        incident,
    )
    assert note == "in pagerduty"


def test_what_pagerduty_hands_back_is_unacknowledged(senders):
    incident, key = senders.open()
    senders.pagerduty(senders.event(key))

    # A timeout is nobody's act.
    status, answer = senders.pagerduty(senders.event(key, "incident.unacknowledged", agent=None))

    assert (status, answer["outcome"]) == (200, "unacknowledged")
    assert senders.whose(incident) is None


def test_a_click_in_slack_acknowledges_the_incident_with_the_name(senders):
    incident, key = senders.open("Ünïcode & more")

    answer = senders.slack(key)

    assert answer == (200, {"outcome": "acknowledged", "incidentId": incident})
    assert senders.whose(incident) == "Jane Dœ & Söhne +1%"


def test_a_long_key_finds_its_incident(senders):
    incident, key = senders.open("x" * 300)
    assert len(key) < 255

    assert senders.slack(key)[1]["incidentId"] == incident


@pytest.mark.parametrize(
    "signature",
    ["", "v1=", "v1=" + "0" * 64, "v0=" + "0" * 64, "v1=é", ","],
)
def test_what_pagerduty_did_not_sign_is_refused(senders, signature):
    incident, key = senders.open()
    body = senders.event(key)

    status, answer = senders.pagerduty(body, signature.encode().decode("latin-1"))

    assert (status, answer["type"]) == (401, "urn:plumbline:problem:wrong-signature")
    assert senders.whose(incident) is None
    assert (
        senders.pagerduty(body.replace(b"Tenex", b"Other"), "v1=" + sign(PAGERDUTY_SECRET, body))[0]
        == 401
    )


def test_one_of_several_signatures_is_enough(senders):
    _incident, key = senders.open()
    body = senders.event(key)

    assert senders.pagerduty(body, f"v1={'0' * 64},v1={sign(PAGERDUTY_SECRET, body)}")[0] == 200


@pytest.mark.parametrize("kind", ["pagerduty", "slack"])
def test_a_repeated_event_is_refused(senders, kind):
    incident, key = senders.open()
    body = (
        senders.event(key)
        if kind == "pagerduty"
        else b"payload="
        + quote_plus(
            json.dumps(
                {
                    "type": "block_actions",
                    "user": {"name": "jane"},
                    "actions": [{"action_id": "acknowledge", "value": key}],
                }
            )
        ).encode()
    )
    moment = str(int(time.time()))

    def send():
        return senders.pagerduty(body) if kind == "pagerduty" else senders.send_slack(body, moment)

    assert send()[0] == 200
    senders.value("select plumb.unacknowledge_incident(%s, 'ann')", incident)

    status, answer = send()

    assert (status, "received before" in answer["detail"]) == (409, True)
    assert senders.whose(incident) is None


@pytest.mark.parametrize("age", [301, 86400, -301])
def test_an_old_click_in_slack_is_refused(senders, age):
    incident, key = senders.open()

    status, answer = senders.slack(key, age=age)

    assert (status, answer["type"]) == (401, "urn:plumbline:problem:wrong-signature")
    assert senders.whose(incident) is None
    assert senders.slack(key, age=290)[0] == 200


@pytest.mark.parametrize("moment", ["", "now", "1e9", "-1", "9" * 30, "1 OR 1"])
def test_a_time_that_is_none_is_refused(senders, moment):
    body = urlencode({"payload": json.dumps({"type": "block_actions"})}).encode()

    assert senders.send_slack(body, moment)[0] == 401


def test_an_event_from_long_ago_is_refused(senders):
    incident, key = senders.open()
    long_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat()

    status, answer = senders.pagerduty(senders.event(key, occurred_at=long_ago))

    assert (status, "webhook_age_seconds_max" in answer["hint"]) == (401, True)
    assert senders.whose(incident) is None


def test_a_secret_of_the_other_kind_signs_nothing(senders):
    incident, key = senders.open()
    body = senders.event(key)

    assert senders.pagerduty(body, "v1=" + sign(SLACK_SECRET, body))[0] == 401
    assert senders.slack(key, secret=PAGERDUTY_SECRET)[0] == 401
    assert senders.whose(incident) is None


def test_where_no_secret_is_set_everything_is_refused(senders):
    _incident, key = senders.open()
    senders.value("select plumb.receive_acknowledgements('slack', '')")

    assert senders.slack(key, secret="")[0] == 401


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        ({"event_type": "incident.annotated"}, "asks for nothing"),
        ({"event_type": "pagey.ping", "data": {"type": "ping"}}, "asks for nothing"),
        ({"data": {"incident_key": "plumb:shop:TILL:999999"}}, "no open incident"),
        ({"data": {}}, "no open incident"),
        ({"data": None}, "no open incident"),
    ],
)
def test_what_concerns_no_open_incident_is_ignored(senders, event, detail):
    _incident, key = senders.open()

    status, answer = senders.pagerduty(senders.event(key, **event))

    assert (status, answer["outcome"], detail in answer["detail"]) == (200, "ignored", True)


def test_what_a_person_has_already_stays_his(senders):
    incident, key = senders.open()
    senders.value("select plumb.acknowledge_incident(%s, 'ann')", incident)

    status, answer = senders.pagerduty(senders.event(key))

    assert (status, answer["outcome"], answer["incidentId"]) == (200, "ignored", incident)
    assert senders.whose(incident) == "ann"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff\xfe", b'{"event": 1}', b'{"event": {"occurred_at": "soon"}}']
)
def test_a_signed_body_that_is_no_event_does_nothing(senders, body):
    status, answer = senders.pagerduty(body)

    assert status in (200, 400)
    assert status == 400 or answer["outcome"] == "ignored"
    assert senders.send_slack(b"payload=%7B" + body, str(int(time.time())))[0] == 400


def test_a_name_holds_no_control_characters(senders):
    incident, key = senders.open()

    senders.pagerduty(senders.event(key, agent={"summary": "Eve\x1b[31m\nroot" + "x" * 300}))

    name = senders.whose(incident)
    assert name.startswith("Eve [31m root")
    assert len(name) == 200


def test_no_token_is_needed_and_none_helps(make_app, db):
    db.execute("select plumb.connect_destination('pagerduty', '', %s)", [ROUTING_KEY])
    db.execute("select plumb.receive_acknowledgements('pagerduty', %s)", [PAGERDUTY_SECRET])
    client = make_app(api_token="secret").test_client()
    body = Senders.event("plumb:shop:TILL:1")
    signed = {"X-PagerDuty-Signature": "v1=" + sign(PAGERDUTY_SECRET, body)}
    sent = {"data": body, "content_type": "application/json"}
    # A proxy in front of it serves it under its own name.
    far = {"Host": "plumb.example.com"}

    with_token = far | {"Authorization": "Bearer secret"}
    assert client.post("/webhooks/pagerduty", headers=with_token, **sent).status_code == 401
    assert client.post("/webhooks/pagerduty", headers=signed | far, **sent).status_code == 200
    assert client.post("/incidents/1/close", headers=far, json={}).status_code == 401


def test_in_safe_mode_it_passes_where_acknowledging_does(client, db, engage):
    db.execute("select plumb.connect_destination('pagerduty', '', %s)", [ROUTING_KEY])
    db.execute("select plumb.receive_acknowledgements('pagerduty', %s)", [PAGERDUTY_SECRET])
    engage()
    body = Senders.event("plumb:shop:TILL:1")
    headers = {"X-PagerDuty-Signature": "v1=" + sign(PAGERDUTY_SECRET, body)}
    sent = {"data": body, "content_type": "application/json", "headers": headers}

    assert client.post("/webhooks/pagerduty", **sent).status_code == 503
    db.execute("select plumb.change_setting('safe_mode_open_actions', 'acknowledge')")
    assert client.post("/webhooks/pagerduty", **sent).status_code == 200


def test_forgers_are_blocked(client, db):
    db.execute("select plumb.change_setting('brute_force_refusals_max', '5')")
    body = Senders.event("plumb:shop:TILL:1")
    sent = {"data": body, "content_type": "application/json", "buffered": True}
    sent["environ_overrides"] = {"REMOTE_ADDR": "203.0.113.9"}
    far = {"Host": "plumb.example.com"}
    statuses = [
        client.post("/webhooks/pagerduty", headers=far, **sent).status_code for _ in range(8)
    ]

    assert statuses[0] == 401
    assert statuses[-1] == 403


@pytest.mark.parametrize(
    ("destination", "secret", "state"),
    [
        ("nothing", PAGERDUTY_SECRET, "PL001"),
        ("webhook", PAGERDUTY_SECRET, "PL002"),
        ("slack", "short", "PL002"),
        ("slack", "with blanks in the middle", "PL002"),
        ("slack", SLACK_SECRET, "PL005"),
    ],
)
def test_a_secret_that_cannot_be_right_is_refused_without_repeating_it(
    db, destination, secret, state
):
    with pytest.raises(psycopg.Error) as refused:
        db.execute("select plumb.receive_acknowledgements(%s, %s)", [destination, secret])

    assert refused.value.sqlstate == state
    assert secret not in str(refused.value)


def test_old_events_are_forgotten(db):
    db.execute(
        "insert into plumb.received_webhooks values ('slack', 'old', now() - interval"
        " '40 days'), ('slack', 'new', now())"
    )

    db.execute("select plumb.prune_history()")

    assert db.execute("select event_key from plumb.received_webhooks").fetchall() == [("new",)]
