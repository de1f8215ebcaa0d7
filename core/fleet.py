"""Asks several databases, which a file names, for the sentence that says whether each is true.

The file is either lines of a name and an address, or what Prometheus reads as file_sd: a JSON list
of targets with labels. All are asked side by side, and one that does not answer is unknown.
"""

import http.client
import json
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .errors import PlumbError
from .explain import first_line

MEMBERS_MAX = 200
ASKED_AT_ONCE = 16
SECONDS_MAX = 3.0
# An answer is a few hundred bytes; what is larger comes from something else.
ANSWER_BYTES_MAX = 64 * 1024
# Viewers within this time share what was found.
KEPT_SECONDS = 5.0
# Worst first. What cannot be judged is worse than what holds, and never passes for it.
ORDER = ("violated", "safe", "unknown", "holds")


class Member(NamedTuple):
    """One database: how it is called, and where its service is."""

    name: str
    url: str


class Fleet:
    """The databases of a file, which is read anew when they are asked.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._found: list[dict[str, Any]] = []

    def ask(self) -> list[dict[str, Any]]:
        """Return what every database says, worst first.

        Raises:
            PlumbError: The file cannot be read or makes no sense.
        """
        with self._lock:
            if time.monotonic() - self._asked_at > KEPT_SECONDS:
                members = read_members(self._path)
                with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
                    found = list(pool.map(ask_member, members))
                self._found = sorted(
                    found, key=lambda one: (ORDER.index(one["status"]), one["name"])
                )
                self._asked_at = time.monotonic()
            return self._found


def read_members(path: Path) -> list[Member]:
    """Return the databases that a file names.

    Args:
        path: The file.

    Raises:
        PlumbError: It cannot be read, or a line or target makes no sense.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlumbError(
            f"the fleet's file {path} cannot be read: {first_line(error)}",
            "PLUMB_FLEET names it.",
        ) from error
    members = _from_targets(path, text) if text.lstrip().startswith("[") else _from_lines(text)
    for member in members:
        parts = urlsplit(member.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PlumbError(
                f"{path}: the address of {member.name} is '{member.url}'",
                "An address is http://host:port or https://host:port.",
            )
    if len(members) > MEMBERS_MAX:
        raise PlumbError(f"{path} names {len(members)} databases, at most {MEMBERS_MAX} are asked")
    return members


def ask_member(member: Member) -> dict[str, Any]:
    """Return a database's sentence of truth; unknown when it does not answer as it should.

    Args:
        member: The database.
    """
    unknown = {"name": member.name, "url": member.url, "status": "unknown", "also": []}
    try:
        found: dict[str, Any] = json.loads(_get(member.url.rstrip("/") + "/truth"))
        if found["status"] not in ORDER or not _is_readable(found):
            raise ValueError("the answer is not that of a Plumbline service")
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError) as error:
        # An error of the system says its number before its words.
        words = getattr(error, "strerror", None) or first_line(error) or repr(error)
        return unknown | {"sentence": f"Cannot say: {words}"}
    return found | {"name": member.name, "url": member.url}


def _is_readable(found: dict[str, Any]) -> bool:
    """Whether the rest of an answer is what is shown of it, whoever gave it."""
    return (
        isinstance(found["sentence"], str)
        and isinstance(found["also"], list)
        and all(isinstance(sentence, str) for sentence in found["also"])
        and (
            found.get("grade") is None
            or (isinstance(found["grade"], str) and isinstance(found["score"], int | float))
        )
    )


def _get(url: str) -> bytes:
    """Read an address: no redirect is followed, and nothing of the environment is used."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=SECONDS_MAX, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS_MAX)
    try:
        connection.request("GET", parts.path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(ANSWER_BYTES_MAX)
        if answer.status != http.HTTPStatus.OK:
            raise ValueError(f"its service answered with {answer.status} {answer.reason}")
        return body
    finally:
        connection.close()


def _from_lines(text: str) -> list[Member]:
    members = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            members.append(Member(words[0], words[-1]))
    return members


def _from_targets(path: Path, text: str) -> list[Member]:
    """Read Prometheus' file_sd; the labels `name` and `__scheme__` are understood."""
    members = []
    try:
        groups: Sequence[dict[str, Any]] = json.loads(text)
        for group in groups:
            labels = group.get("labels", {})
            for target in group["targets"]:
                scheme = labels.get("__scheme__", "http")
                members.append(Member(labels.get("name", target), f"{scheme}://{target}"))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise PlumbError(
            f"{path} is no list of targets: {first_line(error)}",
            "Prometheus' file_sd in JSON, or lines of a name and an address.",
        ) from error
    return members
