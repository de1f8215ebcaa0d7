"""Waiting for what another session, process or machine does."""

import time
from collections.abc import Callable
from typing import Any


def wait_until(holds: Callable[[], Any], seconds: float) -> Any:
    """Return what was asked for once it is true.

    Raises:
        AssertionError: It never was.
    """
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
    return found
