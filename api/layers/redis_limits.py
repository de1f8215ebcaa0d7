"""Counts requests in Redis: the same sliding window as plumb.count_request, in one round trip.

PostgreSQL still decides on the mode, blocks and tokens, and says what the limit is; it only
writes nothing any more. Its clock counts, so that workers on several machines agree. When Redis
is away, PostgreSQL counts, and Redis is asked again after a pause.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ...core.errors import PlumbError

KEY_PREFIX = "plumb"
# Redis answers in a millisecond or not at all; a request must not wait for the second kind.
TIMEOUT_SECONDS = 0.2
PAUSE_SECONDS = 5.0

# KEYS: this window's count, the former one's, this one's refusals. ARGV: limit, share of this
# window that has passed, seconds to keep. Returns: admitted, count, former count, refusals.
SCRIPT = """
local current = tonumber(redis.call('GET', KEYS[1]) or '0')
local former = tonumber(redis.call('GET', KEYS[2]) or '0')
if current + former * (1 - tonumber(ARGV[2])) + 1 <= tonumber(ARGV[1]) then
    current = redis.call('INCR', KEYS[1])
    redis.call('EXPIRE', KEYS[1], ARGV[3])
    return {1, current, former, 0}
end
local refused = redis.call('INCR', KEYS[3])
redis.call('EXPIRE', KEYS[3], ARGV[3])
return {0, current, former, refused}
"""


class LimiterUnavailable(Exception):
    """Redis cannot be asked; the message says why."""


@dataclass(frozen=True)
class Count:
    """What a request found when it was counted.

    Args:
        is_admitted: Whether it fits into the window.
        remaining: How many more would.
        retry_after_seconds: When one fits again; None when this one did.
        refused_count: Refusals in this window, this one included.
    """

    is_admitted: bool
    remaining: int
    retry_after_seconds: int | None
    refused_count: int


class RedisLimiter:
    """A sliding window per client and class of routes, shared by all who use the same Redis.

    Args:
        url: redis:// or rediss://.
        clock: Seconds, for the pause after a failure.

    Raises:
        PlumbError: The URL makes no sense.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep the address; connect to nothing."""
        # Only who counts in Redis pays for loading it.
        import redis

        self._errors = (redis.RedisError, OSError)
        self._clock = clock
        self._paused_until = -1.0
        try:
            self._redis = redis.Redis.from_url(
                url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                # A second try would cost the request a second timeout.
                retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0),
            )
        except ValueError as error:
            raise PlumbError(
                f"REDIS_URL cannot be used: {error}",
                "It looks like redis://127.0.0.1:6379/0; empty it, and PostgreSQL counts.",
            ) from error
        self._script = self._redis.register_script(SCRIPT)

    @property
    def is_paused(self) -> bool:
        """Whether Redis failed so recently that it is not asked."""
        return self._clock() < self._paused_until

    def count(
        self, client: str, route_class: str, requests_max: int, window_seconds: int, now: float
    ) -> Count:
        """Count a request.

        Args:
            client: As plumb.client_key names it.
            route_class: Its class of routes.
            requests_max: The limit.
            window_seconds: The window's length.
            now: The database's clock, in seconds since 1970.

        Raises:
            LimiterUnavailable: Redis did not answer, or with nonsense.
        """
        number, elapsed = divmod(now, window_seconds)
        name = f"{KEY_PREFIX}:{route_class}:{client}"
        keys = [f"{name}:{number:.0f}", f"{name}:{number - 1:.0f}", f"{name}:{number:.0f}:refused"]
        share = elapsed / window_seconds
        try:
            admitted, current, former, refused = self._script(
                keys=keys, args=[requests_max, share, 2 * window_seconds]
            )
        except self._errors as error:
            self._paused_until = self._clock() + PAUSE_SECONDS
            raise LimiterUnavailable(str(error) or type(error).__name__) from error
        left = max(int(requests_max - current - former * (1 - share)), 0)
        if admitted:
            return Count(True, left, None, 0)
        wait = retry_after_seconds(requests_max, window_seconds, current, former, share)
        return Count(False, 0, wait, refused)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def retry_after_seconds(
    requests_max: int, window_seconds: int, current: int, former: int, share: float
) -> int:
    """Return after how many seconds one more request fits, as plumb.count_request computes it.

    Args:
        requests_max: The limit.
        window_seconds: The window's length.
        current: Requests in this fixed window.
        former: Requests in the one before.
        share: How much of this one has passed, 0 to 1.
    """
    if current < requests_max:
        at = 1 - (requests_max - current - 1) / former
    else:
        at = 2 - (requests_max - 1) / current
    return max(math.ceil(window_seconds * at - window_seconds * share), 1)
