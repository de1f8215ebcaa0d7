"""Encrypts and decrypts backups with gpg, as streams: no plaintext is ever written to a disk."""

import os
import re
import subprocess
from typing import Any

from ...core.errors import PlumbError

GPG = ("gpg", "--batch", "--no-tty", "--quiet")
UNUSABLE = {"e": "is expired", "r": "is revoked", "i": "is invalid", "d": "is disabled"}


def resolve_key(
    key_id: str, process_options: dict[str, Any] | None = None
) -> tuple[str, list[str]]:
    """Find the one public key that a name stands for.

    Args:
        key_id: GPG_KEY_ID: an address, a key id or a fingerprint.
        process_options: How to start gpg, as subprocess takes it; as the caller when absent.

    Returns:
        Its fingerprint, and the long ids of all its keys, one of which encrypts.

    Raises:
        PlumbError: gpg is missing, the name stands for no key or for several, or the key cannot
            be encrypted to: it is expired, revoked, disabled, or no key for encryption.
    """
    try:
        listed = subprocess.run(
            [*GPG, "--with-colons", "--list-keys", "--", key_id],
            **(process_options or {"stdin": subprocess.DEVNULL}),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise PlumbError("GPG_KEY_ID is set, but gpg is not installed", "apt install gnupg") from (
            error
        )
    fields = [line.split(":") for line in listed.stdout.splitlines()]
    public = [field for field in fields if field[0] == "pub"]
    if len(public) != 1:
        raise PlumbError(
            f"GPG_KEY_ID is '{key_id}', which stands for {len(public)} public keys here",
            "Import the one key with gpg --import, or name it by its fingerprint. GNUPGHOME"
            " says which keyring is read.",
        )
    complaint = _why_unusable(public[0])
    if complaint:
        raise PlumbError(
            f"GPG_KEY_ID is '{key_id}', but that key {complaint}: no backup can be encrypted to it",
            "Name another key, or import this one anew once its owner renewed it.",
        )
    fingerprint = next(field[9] for field in fields if field[0] == "fpr")
    return fingerprint, [field[4] for field in fields if field[0] in ("pub", "sub")]


def _why_unusable(public: list[str]) -> str:
    """Return what keeps a key from being encrypted to, in gpg's colon listing (doc/DETAILS)."""
    validity, capabilities = public[1], public[11]
    if validity in UNUSABLE:
        return UNUSABLE[validity]
    if "D" in capabilities:
        return "is disabled"
    # Capital letters are what the key as a whole can do at this moment.
    return "" if "E" in capabilities else "has no valid key for encryption"


def encrypt_command(fingerprint: str) -> list[str]:
    """Return the command that encrypts standard input to standard output.

    Args:
        fingerprint: Whom to encrypt to. Naming a key by its fingerprint is all the trust it needs.
    """
    return [
        *GPG,
        *("--trust-model", "always", "--compress-algo", "none"),
        *("--encrypt", "--recipient", fingerprint),
    ]


def decrypt_command(path: str) -> list[str]:
    """Return the command that decrypts a file to standard output; its status goes to stderr.

    Args:
        path: The encrypted file.
    """
    return [*GPG, "--status-fd", "2", "--decrypt", "--", path]


def judge(status: str, is_decrypted: bool, expected_key_ids: list[str]) -> tuple[str, str]:
    """Return what a decryption proved.

    Args:
        status: What gpg wrote to stderr.
        is_decrypted: Whether it ended without an error.
        expected_key_ids: The long ids that the manifest says it was encrypted to.

    Returns:
        `passed`, `failed`, or `unknown` where only the private key is missing; and a sentence.
    """
    encrypted_to = re.findall(r"\[GNUPG:\] ENC_TO ([0-9A-F]+)", status)
    strangers = [key_id for key_id in encrypted_to if key_id not in expected_key_ids]
    if strangers:
        return "failed", f"it is encrypted to key {strangers[0]}, not to the manifest's"
    if is_decrypted:
        return "passed", f"with key {encrypted_to[0] if encrypted_to else 'unknown'}"
    if encrypted_to and ("NO_SECKEY" in status or "No secret key" in status):
        return "unknown", f"the private key of {encrypted_to[0]} is not here: validate where it is"
    said = [line for line in status.splitlines() if not line.startswith("[GNUPG:]")]
    return "failed", said[-1] if said else "gpg could not decrypt it"


def environment() -> dict[str, str]:
    """Return the environment for gpg: its words are read, so it speaks English."""
    return dict(os.environ) | {"LC_ALL": "C"}
