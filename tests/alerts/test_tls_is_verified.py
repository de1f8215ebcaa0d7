"""Alerts go to whom they are meant for, or to nobody: certificates are checked, by name."""

import ssl
import subprocess
import tempfile
from pathlib import Path

import pytest
from receivers import Webhook


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority():
    """Make a certificate authority, and certificates for localhost and for another host.

    Not under pytest's own folder, which the server's user may not enter.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        make_certificates(folder)
        yield folder


def make_certificates(folder):
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", "/CN=Plumbline test authority", "-days", "2"),
        # Python 3.13 trusts no authority that does not say what its key is for.
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        *("-keyout", folder / "ca.key", "-out", folder / "ca.pem"),
    )
    for host in ("localhost", "elsewhere.example.org"):
        openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"),
            *("-keyout", folder / f"{host}.key", "-out", folder / f"{host}.csr"),
        )
        openssl(
            *("x509", "-req", "-in", folder / f"{host}.csr", "-copy_extensions", "copy"),
            *("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial"),
            *("-days", "2", "-out", folder / f"{host}.pem"),
        )
    (folder / "ca.pem").chmod(0o644)


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
