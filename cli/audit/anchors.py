"""Anchors outside the database: read from files, appended to one, posted to a URL."""

import http.client
import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from ...core.errors import PlumbError

POST_SECONDS_MAX = 10


def read_anchors(place: str) -> list[dict[str, Any]]:
    """Read anchors from a file, or from every .jsonl file of a directory.

    Args:
        place: The path; each line is an anchor as plumb.describe_anchor() makes it.

    Returns:
        The anchors in file order.

    Raises:
        PlumbError: There is nothing to read, or a line is no anchor; the line is named.
    """
    path = Path(place)
    anchors = []
    try:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        for file in files:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                try:
                    anchor = json.loads(line)
                    anchors.append(
                        anchor
                        | {"sealId": int(anchor["sealId"]), "sealHash": str(anchor["sealHash"])}
                    )
                except (ValueError, KeyError, TypeError) as error:
                    raise PlumbError(
                        f"{file}:{number} is no anchor", "Compare it with a copy."
                    ) from error
    except OSError as error:
        raise PlumbError(f"anchors cannot be read: {error}", "Name a file or directory.") from error
    if not anchors:
        raise PlumbError(f"{place} holds no anchor", "./plumb audit anchor writes one.")
    return anchors


def append_anchor(path: Path, line: str, data_directory: Path | None) -> bool:
    """Append an anchor to a file and wait until the disk has it.

    Args:
        path: The file; made when absent.
        line: The anchor as JSON.
        data_directory: Where the server's data lies; None on another machine.

    Returns:
        Whether the file is outside: on another device than the data.

    Raises:
        PlumbError: It cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
            device = os.fstat(file.fileno()).st_dev
        return data_directory is None or data_directory.stat().st_dev != device
    except OSError as error:
        raise PlumbError(
            f"{path} cannot be written: {error.strerror}", "Name a directory that you may write."
        ) from error


def post_anchor(url: str, line: str) -> None:
    """Post an anchor.

    Args:
        url: Where to.
        line: The anchor as JSON.

    Raises:
        PlumbError: It was not taken.
    """
    request = urllib.request.Request(
        url, line.encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=POST_SECONDS_MAX):
            pass
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise PlumbError(
            f"the anchor's URL did not take it: {error}", "It must answer a POST with 2xx."
        ) from error
