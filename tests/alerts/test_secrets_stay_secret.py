"""No address and no key of a destination is seen by anybody but the functions that send."""

import base64
import json
import os
import subprocess
import sys
from contextlib import suppress

import psycopg
import pytest
from mail_server import MailServer
from plumbline.api import create_app
from plumbline.api.config import Config

KEY = "S3cretKeyOfTheHook"
PASSWORD = "S3cret-Pass/Word"
ROUTING = "S3cret" + "0" * 26
SHAPES = {
    "whole": "{url}",
    "path": "no such hook: {path}",
    "segment": "token {key} is revoked",
    "in JSON": '{{"url": "{escaped}"}}',
    "encoded": "Authorization: Basic {base64}",
    "in hexadecimal": "digest {hex}",
    "at the limit": "x" * 490 + " {key}",
    "twice": "{key}{key}",
    "beside its own part": "{key}/{url}",
}
READERS = ("plumb_reader", "plumb_auditor", "plumb_operator", "plumb_admin", "plumb_api")


def marks(text):
    """Return what of the secrets stands in a text."""
    encoded = [base64.b64encode(s.encode()).decode().rstrip("=") for s in (KEY, PASSWORD)]
    return [mark for mark in ("S3cret", *encoded, KEY.encode().hex()) if mark in text]


def everything(session):
    """Return as text all that the session's role may read in schema plumb and in the catalogs."""
    relations = session.execute(
        "select format('%I.%I', c.relnamespace::regnamespace, c.relname) from pg_class as c"
        " where c.relkind in ('r', 'v', 'm', 'p')"
        " and c.relnamespace in ('plumb'::regnamespace, 'plumb_guide'::regnamespace)"
        " and has_table_privilege(c.oid, 'select')"
    ).fetchall()
    shown = {}
    for name in ("pg_stats", "pg_stat_activity", "pg_settings", "pg_prepared_statements"):
        query = f"select coalesce(string_agg(t::text, ' '), '') from {name} as t"
        shown[name] = session.execute(query).fetchone()[0]
    for (name,) in relations:
        query = f"select json_agg(to_json(t)) from {name} as t"
        with suppress(psycopg.errors.InsufficientPrivilege):
            shown[name] = json.dumps(session.execute(query).fetchone()[0])
    return shown


@pytest.fixture
def secretive(alerts):
    """Connect a destination of each kind with a secret wherever it takes one."""
    add = "select plumb.add_destination(%s, %s, %s, %s)"
    for kind, url, secret in (
        ("slack", f"https://localhost:1/services/T0/B0/{KEY}", ""),
        ("teams", f"https://localhost:1/webhookb2/{KEY}?sig={KEY}", ""),
        ("alertmanager", f"https://localhost:1/{KEY}", ""),
        ("ping", f"https://localhost:1/{KEY}", ""),
        ("webhook", f"https://localhost:1/?key={KEY}", PASSWORD),
        ("pagerduty", "", ROUTING),
        ("email", "smtp://localhost:1?from=plumb@a.b&to=ops@a.b", f"mailer:{PASSWORD}"),
    ):
        alerts.db.execute(add, [kind, f"own_{kind}", url, secret])
    alerts.set("pagerduty_url", f"https://localhost:1/{KEY}")
    alerts.db.execute("select plumb.receive_acknowledgements('own_slack', %s)", ["S3cret" * 6])
    alerts.db.execute("select plumb.receive_acknowledgements('own_pagerduty', %s)", ["S3cret" * 6])
    alerts.open()
    alerts.dispatch()
    alerts.db.execute(
        "select plumb.send_test_alert(destination) from plumb.destinations"
        " where destination like 'own\\_%'"
    )
    alerts.dispatch()
    alerts.db.execute("analyze plumb.destination_secrets, plumb.setting_secrets")
    return alerts


def test_no_role_reads_a_key_anywhere(secretive, connect):
    secretive.db.execute("select plumb.open_incident('test', 'secrets', 'P1', 'title')")
    secretive.db.execute("select plumb.create_executive_report()")

    for role in READERS:
        shown = everything(connect(role=role))
        assert {name: marks(text) for name, text in shown.items() if marks(text)} == {}
        assert any(name.endswith("destination_status") for name in shown)


def test_no_role_may_call_what_uses_a_key(secretive, connect):
    for role in (*READERS, "plumb_inspector"):
        session = connect(role=role)
        for call in (
            "table plumb.destination_secrets",
            "select plumb.secret_setting('pagerduty_url')",
            "select * from plumb.signed_destination('own_slack')",
            "select plumb.claim_deliveries()",
            "select plumb.secret_parts('slack', '', '')",
        ):
            with pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)
            ):
                session.execute(call)


def test_no_route_and_no_metric_shows_a_key(secretive):
    app = create_app(Config(secretive.db.info.dsn))
    client = app.test_client()
    paths = [e["path"] for e in client.get("/").json["endpoints"] if e["method"] == "GET"]
    shown = {path: client.get(path).text for path in paths if "<" not in path}
    shown["/incidents/1"] = client.get("/incidents/1").text
    app.extensions["plumbline"].stop()
    app.config["DATABASE"].close()

    assert "own_slack" in str(shown)
    assert {path: marks(text) for path, text in shown.items() if marks(text)} == {}


@pytest.mark.parametrize("arguments", [["status"], ["status", "--json"], ["verify"]])
def test_no_command_prints_a_key(secretive, arguments):
    done = subprocess.run(
        [sys.executable, "-m", "plumbline.cli", *arguments],
        env={**os.environ, "DATABASE_URL": secretive.db.info.dsn},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert marks(done.stdout + done.stderr) == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("status", [404, 500])
def test_what_a_receiver_repeats_is_hidden(alerts, webhook, connect, shape, status):
    path = f"/services/T0/B0/{KEY}"
    url = webhook.url.rstrip("/") + path
    alerts.connect("webhook", url, PASSWORD)
    text = SHAPES[shape].format(
        url=url,
        path=path,
        key=KEY,
        escaped=url.replace("/", r"\/"),
        base64=base64.b64encode(PASSWORD.encode()).decode(),
        hex=KEY.encode().hex(),
    )
    webhook.behave_always((status, text))
    alerts.open()

    alerts.dispatch()

    shown = everything(connect(role="plumb_reader"))
    assert f"{status} " in shown["plumb.deliveries"]
    assert {name: marks(text) for name, text in shown.items() if marks(text)} == {}


@pytest.mark.parametrize(
    "answer",
    [
        "535 user mailer password {password} is wrong",
        "535 {plain}",
        "535 {encoded}",
        "454 {password}",
    ],
)
def test_what_a_mail_server_repeats_is_hidden(alerts, receive, connect, answer):
    mail = receive(MailServer, login=("mailer", "another"))
    plain = base64.b64encode(f"\0mailer\0{PASSWORD}".encode()).decode()
    mail.refusal = answer.format(
        password=PASSWORD, plain=plain, encoded=base64.b64encode(PASSWORD.encode()).decode()
    )
    alerts.db.execute(
        "select plumb.add_destination('email', 'ops_mail', %s, %s)",
        [mail.url(), f"mailer:{PASSWORD}"],
    )
    alerts.open()

    alerts.dispatch()

    shown = everything(connect(role="plumb_reader"))
    assert answer[:3] in shown["plumb.deliveries"]
    assert {name: marks(text) for name, text in shown.items() if marks(text)} == {}
    assert plain not in str(shown)


def test_a_password_that_is_not_ascii_stops_no_other_mail(alerts, receive):
    strict, open_server = receive(MailServer, login=("mailer", "x")), receive(MailServer)
    for name, server, secret in (("a_mail", strict, "mailer:S3crétß"), ("b_mail", open_server, "")):
        alerts.db.execute(
            "select plumb.add_destination('email', %s, %s, %s)", [name, server.url(), secret]
        )
    alerts.open()

    alerts.dispatch()

    assert len(open_server.accepted) == 1
    assert alerts.status("a_mail") == "failing"
    assert "S3cr" not in str(alerts.deliveries("a_mail"))


MALFORMED = (
    "{s}",
    "https://{s}",
    "https://u:{s}@host/",
    "https://host:{s}/",
    "https://host:99999999/{s}",
    "https://host/{s} {s}",
    "https://host/\n{s}",
    "https://[{s}]/",
    "http://host/{s}",
    "ftp://host/{s}",
    "smtp://u:{s}@host?from=a@b&to=c@d",
    "smtps://host:{s}?from=a@b&to=c@d",
    "smtps://host:99999?from=a@b&to=c@d&key={s}",
    "smtps://host?from={s}&to={s}",
    "smtps://host?from=a@b&to={s}@",
    "https://host/%00{s}",
    "https://hööst/{s}",
    "https://host/" + "{s}" * 2000,
)
KINDS = ("slack", "teams", "alertmanager", "ping", "webhook", "pagerduty", "email", "nothing")


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_repeats_no_key(db, kind):
    refused = 0
    for url in MALFORMED:
        for secret in ("", "S3cretNoColon", "S3cret:", ":S3cret", "S3cret" * 9, "S3cr\u00e9t"):
            for call in (
                "plumb.add_destination(%(kind)s, 'mine', %(url)s, %(secret)s)",
                "plumb.add_destination(%(kind)s, 'mine', %(secret)s, %(url)s)",
                "plumb.receive_acknowledgements('slack', %(secret)s)",
            ):
                try:
                    with db.transaction(force_rollback=True):
                        db.execute(
                            f"select {call}",
                            {"kind": kind, "url": url.format(s="S3cret"), "secret": secret},
                        )
                except psycopg.Error as error:
                    refused += 1
                    told = error.diag
                    said = f"{told.message_primary} {told.message_detail} {told.message_hint}"
                    assert "S3cr" not in said, (url, secret)
    assert refused > len(MALFORMED)


@pytest.mark.parametrize(
    "call",
    [
        # The arguments in another order: the address stands where a name or a kind does.
        "plumb.add_destination(%(url)s, 'mine', 'slack')",
        "plumb.add_destination('slack', %(url)s, 'mine')",
        "plumb.connect_destination(%(url)s, 'slack')",
        "plumb.send_test_alert(%(url)s)",
        "plumb.receive_acknowledgements(%(url)s, 'slack')",
    ],
)
def test_an_address_in_the_place_of_a_name_is_not_repeated(db, call):
    with pytest.raises(psycopg.Error) as refused:
        db.execute(f"select {call}", {"url": "https://hooks.example/S3cret"})
    told = refused.value.diag
    assert "S3cret" not in f"{told.message_primary} {told.message_detail} {told.message_hint}"
