"""Any number of receivers of each kind; each gets alerts in the form that it takes."""

import json
import ssl

import psycopg
import pytest
from mail_server import MailServer
from receivers import SLACK_PATH, Alertmanager, PagerDuty, Ping, Slack, Teams, Webhook


@pytest.fixture
def mail(receive):
    return receive(MailServer)


def add(alerts, kind, name, url, secret="", **options):
    """Add a destination and return it as an operator sees it."""
    named = "".join(f", {option} => %({option})s" for option in options)
    return alerts.value_of(
        "select plumb.add_destination(%(kind)s, %(name)s, %(url)s, %(secret)s" + named + ")",
        {"kind": kind, "name": name, "url": url, "secret": secret} | options,
    )


def card(message):
    """Return the texts of an adaptive card."""
    return [block["text"] for block in message["attachments"][0]["content"]["body"]]


def test_a_second_slack_channel_is_told_what_it_asked_for(alerts, slack, receive):
    second = receive(Slack)
    shown = add(alerts, "slack", "dba_channel", second.url, p_priorities=["P1"])
    assert (shown["kind"], shown["status"], shown["priorities"]) == ("slack", "ok", ["P1"])
    alerts.open("TILL 1", "P1")
    alerts.open("TILL 2", "P3")

    alerts.dispatch()

    assert (len(slack.accepted), len(second.accepted)) == (2, 1)


def test_teams_gets_a_card(alerts, receive):
    teams = receive(Teams)
    add(alerts, "teams", "ops_team", teams.url)
    alerts.set("console_url", "https://plumb.example.com/")
    incident = alerts.open(title="wrong <b>total</b>")

    alerts.dispatch()

    assert teams.refused == []
    texts = card(teams.accepted[0])
    assert texts[:2] == ["P1 INCIDENT OPENED", "wrong <b>total</b>"]
    actions = teams.accepted[0]["attachments"][0]["content"]["actions"]
    assert actions[0]["url"] == f"https://plumb.example.com/incidents/{incident}"


def test_a_mail_says_what_is_wrong_and_one_incident_is_one_thread(alerts, mail):
    add(alerts, "email", "ops_mail", mail.url())
    alerts.open(title="Grüße aus der Kasse")
    alerts.open("TILL 2", title="two\nlines")
    alerts.resolve()

    alerts.dispatch()

    assert alerts.statuses("ops_mail") == ["delivered"] * 3
    assert mail.envelopes[0] == ("plumb@example.com", ["ops@example.com", "dba@example.com"])
    first, other, end = mail.accepted
    assert first["Subject"] == f"[{alerts.db.info.dbname}] P1 INCIDENT OPENED: Grüße aus der Kasse"
    assert other["Subject"] == f"[{alerts.db.info.dbname}] P1 INCIDENT OPENED: two lines"
    assert first["References"] == end["References"] != other["References"]
    assert first["Message-ID"] != end["Message-ID"]
    assert "Next: select plumb.describe_incident_in_full(1);" in first.get_content()
    assert "Next:" not in end.get_content()


@pytest.mark.parametrize(
    ("answer", "status"), [(b"451 try again later", "queued"), (b"554 we do not like it", "dead")]
)
def test_what_a_mail_server_refuses_for_now_is_sent_again(alerts, mail, answer, status):
    add(alerts, "email", "ops_mail", mail.url())
    mail.answer_next(answer)
    alerts.open()

    alerts.dispatch()

    assert alerts.statuses("ops_mail") == [status]
    assert answer.decode() in alerts.value("select last_error from deliveries")
    alerts.later(60)
    alerts.dispatch()
    assert len(mail.accepted) == (1 if status == "queued" else 0)


def test_an_unknown_recipient_does_not_keep_the_mail_from_the_others(alerts, mail):
    mail.unknown = {"dba@example.com"}
    add(alerts, "email", "ops_mail", mail.url())
    alerts.open()
    alerts.dispatch()
    assert alerts.statuses("ops_mail") == ["delivered"]
    assert mail.envelopes == [("plumb@example.com", ["ops@example.com"])]


def test_no_mail_server_is_tried_again(alerts, mail):
    add(alerts, "email", "ops_mail", mail.url())
    mail.stop()
    alerts.open()
    alerts.dispatch()
    assert alerts.statuses("ops_mail") == ["queued"]
    assert "ConnectionRefusedError" in alerts.value("select last_error from deliveries")


@pytest.mark.parametrize("host", ["localhost", "elsewhere.example.org"])
def test_mail_leaves_this_host_under_tls_and_after_a_login(alerts, receive, authority, host):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / f"{host}.pem", authority / f"{host}.key")
    server = receive(MailServer, tls=context, login=("plumb", "pass:word"))
    # Nobody is excused from TLS.
    alerts.set("plain_http_hosts", "127.0.0.1")
    alerts.set("alert_ca_file", authority / "ca.pem")
    add(alerts, "email", "ops_mail", server.url(), "plumb:pass:word")
    alerts.open()

    alerts.dispatch()

    if host == "localhost":
        assert len(server.accepted) == 1
    else:
        assert server.accepted == []
        assert "CERTIFICATE_VERIFY_FAILED" in alerts.value("select last_error from deliveries")


def test_a_wrong_password_is_told_and_not_repeated(alerts, receive, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "localhost.pem", authority / "localhost.key")
    server = receive(MailServer, tls=context, login=("plumb", "right"))
    alerts.set("plain_http_hosts", "127.0.0.1")
    alerts.set("alert_ca_file", authority / "ca.pem")
    add(alerts, "email", "ops_mail", server.url(), "plumb:wrong-secret")
    alerts.open()

    alerts.dispatch()

    assert alerts.statuses("ops_mail") == ["dead"]
    error = alerts.value("select last_error from deliveries")
    assert "535 wrong password" in error
    assert "wrong-secret" not in error


def test_alertmanager_keeps_an_alert_until_it_is_over(alerts, receive):
    manager = receive(Alertmanager)
    add(alerts, "alertmanager", "prometheus", manager.url)
    alerts.open("TILL", "P2", title="wrong")
    alerts.dispatch()
    assert manager.refused == []
    (alert,) = manager.active.values()
    assert alert["labels"] == {
        "alertname": "shop",
        "scope": "TILL",
        "severity": "error",
        "database": alerts.db.info.dbname,
        "alert_key": "plumb:shop:TILL:1",
    }
    assert alert["annotations"]["summary"] == "wrong"

    alerts.later(60)
    alerts.open("TILL", "P1", title="worse")
    alerts.dispatch()
    assert [a["labels"]["severity"] for a in manager.active.values()] == ["critical"]

    alerts.later(60)
    alerts.resolve()
    alerts.dispatch()
    assert manager.refused == []
    assert manager.active == {}


def test_a_ping_says_every_few_minutes_that_it_is_alive(alerts, receive):
    ping = receive(Ping)
    add(alerts, "ping", "healthchecks", ping.url)
    alerts.open()
    alerts.db.execute("select plumb.run_heartbeat()")

    alerts.dispatch()

    assert [message["topic"] for message in ping.accepted] == ["heartbeat"]


def test_a_second_pager_has_a_key_of_its_own(alerts, receive):
    pager = receive(PagerDuty)
    alerts.set("pagerduty_url", pager.url)
    add(alerts, "pagerduty", "night_shift", "", "0123456789abcdef" * 2)
    alerts.escalate(alerts.open())
    alerts.dispatch()
    assert len(pager.pages) == 1


@pytest.mark.parametrize("kind", [Slack, Teams])
def test_the_executive_report_reaches_slack_and_teams(alerts, receive, kind):
    receiver = receive(kind)
    alerts.connect("executive", receiver.url)
    alerts.db.execute("select plumb.create_executive_report()")

    alerts.dispatch()

    assert receiver.refused == []
    text = json.dumps(receiver.accepted[0])
    headline = alerts.value("select report ->> 'headline' from executive_reports")
    assert headline in text
    assert "Deployments" in text


def test_a_generic_executive_webhook_stays_one(alerts, receive):
    receiver = receive(Webhook)
    receiver.key = ""
    alerts.connect("executive", f"http://localhost{SLACK_PATH}")
    alerts.connect("executive", receiver.url)
    alerts.db.execute("select plumb.create_executive_report()")
    alerts.dispatch()
    assert [message["topic"] for message in receiver.accepted] == ["report.executive"]


@pytest.mark.parametrize(
    ("kind", "name", "url", "secret"),
    [
        ("fax", "ops", "https://example.org/", ""),
        ("slack", "Ops Channel", "https://example.org/", ""),
        ("teams", "ops", "http://example.org/", ""),
        ("email", "ops", "https://example.org/", ""),
        ("email", "ops", "smtps://mail.example.org?from=a@example.org", ""),
        ("email", "ops", "smtps://mail.example.org?from=a&to=b@example.org", ""),
        ("email", "ops", "smtps://mail.example.org?from=a@b.org&to=b@example.org,", ""),
        ("email", "ops", "smtps://mail.example.org?from=a@b.org&to=b@example.org", "password"),
        ("pagerduty", "ops", "", "short"),
    ],
)
def test_what_cannot_be_right_is_refused_and_leaves_nothing(alerts, kind, name, url, secret):
    before = alerts.value("select count(*) from destinations")
    with pytest.raises(psycopg.Error) as refused:
        add(alerts, kind, name, url, secret)
    assert refused.value.sqlstate == "PL002"
    assert alerts.value("select count(*) from destinations") == before
