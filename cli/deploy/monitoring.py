"""Asks the address in MONITORING_HEALTH_URL how a service is.

Its answer has the shape of GET /metrics/json. It decides over a rollback, so whatever does not
have that shape is no answer, and the reason is kept.
"""

import json
import math
import queue
import threading
import urllib.error
import urllib.request
from http.client import HTTPException

SECONDS_MAX = 5
ANSWER_BYTES_MAX = 1024 * 1024


class NoSample(Exception):
    """Why there is no measurement, in words."""


def fetch_sample(url: str) -> dict[str, object]:
    """Return what the address says.

    Args:
        url: An http or https address.

    Raises:
        NoSample: It does not answer in time, or not as it should.
    """
    answers: queue.SimpleQueue[bytes | NoSample] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_fetch(url)), daemon=True).start()
    try:
        # A time limit on each read would let a server that trickles hold us for ever.
        answer = answers.get(timeout=SECONDS_MAX)
    except queue.Empty:
        raise NoSample(f"it did not answer within {SECONDS_MAX} s") from None
    if isinstance(answer, NoSample):
        raise answer
    return parse_sample(answer)


def _fetch(url: str) -> bytes | NoSample:
    request = urllib.request.Request(url, headers={"Cache-Control": "no-cache"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as response:
            content: bytes = response.read(ANSWER_BYTES_MAX + 1)
            return content
    except urllib.error.HTTPError as error:
        error.close()
        return NoSample(f"it answered {error.code}")
    except urllib.error.URLError as error:
        return NoSample(f"it cannot be reached: {error.reason}")
    except (OSError, HTTPException, ValueError) as error:
        return NoSample(f"it cannot be read: {str(error) or type(error).__name__}")


def parse_sample(content: bytes) -> dict[str, object]:
    """Return an answer's members that a deployment is judged by, each checked.

    Args:
        content: The answer's body.

    Returns:
        windowSeconds, requestCount, errorRate, p95Ms, driftScore, openP1 and sampledAt, those
        that are there.

    Raises:
        NoSample: It is not what it should be.
    """
    if len(content) > ANSWER_BYTES_MAX:
        raise NoSample(f"its answer is larger than {ANSWER_BYTES_MAX} bytes")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NoSample("its answer is not JSON") from error
    if not isinstance(answer, dict):
        raise NoSample("its answer is not a JSON object")
    ranges = {
        "windowSeconds": (86400, False),
        "requestCount": (10**15, True),
        "errorRate": (1, False),
        "p95Ms": (10**9, False),
        "driftScore": (100, False),
        "openP1": (10**6, True),
    }
    if "requestCount" not in answer or "errorRate" not in answer:
        raise NoSample("its answer has no requestCount or no errorRate")
    sample: dict[str, object] = {}
    for name, (most, is_whole) in ranges.items():
        value = answer.get(name)
        if value is None:
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, int if is_whole else int | float)
            or not math.isfinite(value)
            or not 0 <= value <= most
        ):
            raise NoSample(f"its {name} is {str(value)[:40]}")
        sample[name] = value
    if isinstance(answer.get("sampledAt"), str):
        sample["sampledAt"] = answer["sampledAt"][:100]
    return sample
