"""`plumb dispatch` does outside what the job does inside; where neither runs, that shows."""

import json
import os
import subprocess
import sys

from plumbline.cli.dispatch import dispatch, plpython
from plumbline.core.environment import connect_destinations
from receivers import ROUTING_KEY
from waiting import wait_until

SECONDS_MAX = 20


def without_python(alerts):
    for name in ("py_post(jsonb, float, float, text)", "py_http_request(jsonb, bigint)"):
        alerts.db.execute(f"drop function plumb.{name}")


def test_it_delivers_and_records_like_the_job(alerts, pagerduty, slack, webhook):
    without_python(alerts)
    slack.behave(404)
    alerts.escalate(alerts.open())

    lines = dispatch(alerts.db)

    assert [message["topic"] for message in webhook.accepted] == [
        "incident.opened",
        "incident.escalated",
    ]
    assert len(pagerduty.pages) == 1
    assert alerts.statuses("slack") == ["dead", "delivered"]
    assert lines == ["4 delivered, 1 refused"]


def test_where_nobody_sends_every_view_says_so(alerts, slack):
    without_python(alerts)
    alerts.open()

    said = alerts.dispatch()

    assert said.startswith("plpython3u is missing")
    assert alerts.status("slack") == "off"
    assert alerts.statuses("slack") == ["queued"]


def test_a_dispatcher_outside_turns_off_into_ok(alerts, slack):
    without_python(alerts)
    alerts.open()

    dispatch(alerts.db)

    assert alerts.status("slack") == "ok"
    alerts.later(121)
    assert alerts.status("slack") == "off"


def test_the_role_of_the_jobs_may_dispatch_outside(alerts, webhook, connect):
    without_python(alerts)
    alerts.open()

    assert dispatch(connect(user="plumb_worker")) == ["1 delivered"]
    assert len(webhook.accepted) == 1


def test_a_dispatcher_outside_outlives_the_loss_of_its_session(alerts, webhook):
    without_python(alerts)
    alerts.set("dispatch_interval_ms", 1000)
    info = alerts.db.info
    environment = os.environ | {"DATABASE_URL": f"{info.dsn} password={info.password}"}
    dispatcher = subprocess.Popen(
        [sys.executable, "-m", "plumbline.cli", "dispatch"], env=environment
    )
    try:
        # Between two rounds: who cannot even begin ends with an error.
        session = (
            "select min(pid) from pg_stat_activity where application_name = 'plumb dispatch'"
            " and datname = current_database() and query ~ 'plumb.setting_number'"
        )
        first = wait_until(lambda: alerts.value(session), SECONDS_MAX)
        alerts.db.execute("select pg_terminate_backend(%s)", [first])
        wait_until(lambda: alerts.value(session) not in (None, first), SECONDS_MAX)
        alerts.open()

        wait_until(lambda: webhook.accepted, SECONDS_MAX)
        assert dispatcher.poll() is None
    finally:
        dispatcher.terminate()
        dispatcher.wait()


def test_a_request_is_written_as_http_asks(alerts):
    request = {
        "url": "https://hooks.example.org:8443/a?b=c",
        "headers": {"Plumb-Topic": "heartbeat"},
        "signingKey": "",
        "body": '{"a": "ä"}',
    }

    text = plpython("py_http_request")(p_request=json.dumps(request), p_now=1)

    head, _, body = text.partition("\r\n\r\n")
    assert head.split("\r\n") == [
        "POST /a?b=c HTTP/1.1",
        "Host: hooks.example.org:8443",
        "User-Agent: Plumbline",
        "Content-Type: application/json",
        "Content-Length: 11",
        "Connection: close",
        "Plumb-Topic: heartbeat",
    ]
    assert body == request["body"]


def test_answers_are_read_in_every_shape(alerts):
    def read(raw):
        return json.loads(plpython("py_http_answer")(p_raw=raw, p_now=0))

    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert read(chunked) == {"statusCode": 200, "body": "ok", "retryAfterSeconds": None}
    assert read(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n") == {
        "statusCode": 429,
        "body": "",
        "retryAfterSeconds": 7,
    }
    moment = b"HTTP/1.0 503 No\r\nRetry-After: Thu, 01 Jan 1970 00:01:40 GMT\r\n\r\n"
    assert read(moment)["retryAfterSeconds"] == 100
    assert read(b"HTTP/1.1 503 No\r\nRetry-After: soon\r\n\r\n")["retryAfterSeconds"] is None
    assert "error" in read(b"")
    assert "error" in read(b"SSH-2.0-OpenSSH_9.2\r\n")
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\0\xff")["body"] == "a?\ufffd"


def test_migrate_connects_what_the_environment_names(alerts, monkeypatch):
    monkeypatch.setenv("PAGERDUTY_ROUTING_KEY", ROUTING_KEY)
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/X")
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "https://alerts.example.org/")
    monkeypatch.setenv("ALERT_WEBHOOK_SECRET", "key")
    monkeypatch.setenv("EXECUTIVE_WEBHOOK_URL", "")
    alerts.connect("executive", "https://board.example.org/")

    connect_destinations(alerts.db)

    connected = alerts.db.execute(
        "select destination, url, secret from destination_secrets order by 1"
    ).fetchall()
    assert connected == [
        ("pagerduty", "", ROUTING_KEY),
        ("slack", "https://hooks.slack.com/services/T/B/X", ""),
        ("webhook", "https://alerts.example.org/", "key"),
    ]
