"""Certificates of an authority that nobody trusts by itself."""

import subprocess
import tempfile
from pathlib import Path

import pytest


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
