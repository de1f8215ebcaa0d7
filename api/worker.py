"""Reads requests in one loop and answers them in threads: a slow client never holds a thread.

gunicorn keeps the processes and the listening socket; in each process waitress buffers what
clients send and what they have not taken yet. A request reaches a thread when its head and its
body are there. Connections that ask for nothing, send a request in pieces, or do not take their
answer, cost a file descriptor, and end after a while.
"""

import contextlib
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from werkzeug.wsgi import ClosingIterator

from .layers.protocol import Application, Environ, OptExcInfo, StartResponse

# Of one process; those who come beyond wait until others were ended.
CONNECTIONS_MAX = 4000
# What else a process opens: its log, its sockets to the database and to Redis.
OTHER_FILES = 100
# A request that is not complete by then, or an answer that is not taken, is given up.
REQUEST_SECONDS_MAX = 30
# Longer than those wait who ask again and again: a connection that is closed at the moment of
# the next request fails that request.
IDLE_SECONDS_MAX = 75
# Larger bodies are refused by the application, in its own words; these are not even read.
BODY_BYTES_MAX = 1024 * 1024
HEAD_BYTES_MAX = 32 * 1024
LOOP_SECONDS = 1.0


class BufferingWorker(Worker):
    """A gunicorn worker that lets waitress read and write, within stated times."""

    _looks_at = 0.0

    def run(self) -> None:
        """Serve until the process gets a signal to stop, then finish the requests in progress."""
        connections: dict[int, object] = {}
        # The stubs know neither gunicorn's wrappers of sockets nor all that WSGI allows.
        listeners: list[Any] = self.sockets
        app: Any = self.wsgi
        server = create_server(
            self._logged(app) if self.cfg.accesslog else app,
            map=connections,
            sockets=[listener.sock for listener in listeners],
            threads=self.cfg.threads,
            connection_limit=_connections_max(),
            channel_timeout=IDLE_SECONDS_MAX,
            cleanup_interval=5,
            max_request_header_size=HEAD_BYTES_MAX,
            max_request_body_size=BODY_BYTES_MAX,
            asyncore_use_poll=True,
            # The request layer judges by itself whose X-Forwarded-For counts.
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
            ident=None,
        )
        pending_since: dict[HTTPChannel, float] = {}
        while self.alive and os.getppid() == self.ppid:
            self._turn(connections, server.active_channels, pending_since)
        # A new connection goes to another process; what was received is answered.
        server.del_channel()
        for listener in listeners:
            listener.close()
        gives_up_at = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < gives_up_at and any(
            channel.requests or channel.total_outbufs_len
            for channel in server.active_channels.values()
        ):
            self._turn(connections, server.active_channels, pending_since, seconds=0.1)
        server.task_dispatcher.shutdown(timeout=1)

    def _turn(
        self,
        connections: dict[int, object],
        channels: dict[int, HTTPChannel],
        pending_since: dict[HTTPChannel, float],
        seconds: float = LOOP_SECONDS,
    ) -> None:
        wasyncore.loop(timeout=seconds, count=1, map=connections, use_poll=True)
        # A request takes several turns, and looking once a second is soon enough.
        now = time.monotonic()
        if now >= self._looks_at:
            self._looks_at = now + LOOP_SECONDS
            self.notify()
            _end_slow(list(channels.values()), pending_since, now)

    @staticmethod
    def _logged(app: Application) -> Application:
        def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            begun_at = time.perf_counter()
            answered = {"status": "500", "length": "-"}

            def remember(
                status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
            ) -> Callable[[bytes], object]:
                lengths = [value for name, value in headers if name == "Content-Length"]
                answered.update(status=status[:3], length=(lengths or ["-"])[0])
                return start_response(status, headers, exc_info)

            def log() -> None:
                now = datetime.now().astimezone().strftime("[%d/%b/%Y:%H:%M:%S %z]")
                line = f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']}"
                print(
                    f'{now} {environ["REMOTE_ADDR"]} "{line} {environ["SERVER_PROTOCOL"]}"'
                    f" {answered['status']} {answered['length']} bytes"
                    f" {(time.perf_counter() - begun_at) * 1000:.0f} ms",
                    file=sys.stdout,
                    flush=True,
                )

            try:
                body = app(environ, remember)
            except BaseException:
                log()
                raise
            return ClosingIterator(body, [log])

        return answer


def _end_slow(
    channels: list[HTTPChannel], pending_since: dict[HTTPChannel, float], now: float
) -> None:
    """End connections whose request or answer has been under way for too long."""
    pending = {
        channel
        for channel in channels
        if not channel.requests and (channel.request is not None or channel.total_outbufs_len)
    }
    for channel in set(pending_since) - pending:
        del pending_since[channel]
    for channel in pending:
        if now - pending_since.setdefault(channel, now) > REQUEST_SECONDS_MAX:
            del pending_since[channel]
            channel.handle_close()


def _connections_max() -> int:
    """Return how many connections the limit of open files allows, raised as far as it goes."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX + OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OTHER_FILES, OTHER_FILES)
