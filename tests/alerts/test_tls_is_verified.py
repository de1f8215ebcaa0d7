"""Alerts go to whom they are meant for, or to nobody: certificates are checked, by name."""

import ssl

import pytest
from receivers import Webhook


@pytest.fixture
def secure(authority, receive, alerts):
    """Return a function that starts a webhook with a host's certificate, and connects it."""

    def start(host):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority / f"{host}.pem", authority / f"{host}.key")
        receiver = receive(Webhook, tls=context)
        receiver.key = ""
        alerts.connect("webhook", receiver.url)
        alerts.open()
        return receiver

    return start


def test_a_trusted_certificate_is_delivered_to(alerts, authority, secure):
    alerts.set("alert_ca_file", authority / "ca.pem")
    receiver = secure("localhost")

    alerts.dispatch()

    assert len(receiver.accepted) == 1


def test_an_unknown_authority_is_not_told(alerts, secure):
    receiver = secure("localhost")

    alerts.dispatch()

    assert receiver.attempt_count == 0
    assert "CERTIFICATE_VERIFY_FAILED" in alerts.value("select last_error from deliveries")
    assert alerts.statuses("webhook") == ["queued"]


def test_a_certificate_for_another_host_is_not_told(alerts, authority, secure):
    alerts.set("alert_ca_file", authority / "ca.pem")
    receiver = secure("elsewhere.example.org")

    alerts.dispatch()

    assert receiver.attempt_count == 0
    assert "not valid for 'localhost'" in alerts.value("select last_error from deliveries")


def test_a_missing_authority_file_is_named(alerts, secure):
    alerts.set("alert_ca_file", "/nowhere/ca.pem")
    secure("localhost")

    alerts.dispatch()

    assert "FileNotFoundError" in alerts.value("select last_error from deliveries")


def test_a_server_that_does_not_speak_tls_is_not_told(alerts, receive):
    receiver = receive(Webhook)
    alerts.connect("webhook", receiver.url.replace("http:", "https:"))
    alerts.open()

    alerts.dispatch()

    assert receiver.attempt_count == 0
    assert alerts.statuses("webhook") == ["queued"]
