"""A service that can be deployed, an address that tells how it does, and the real command."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from deployments import HEALTHY
from waiting import wait_until

SECONDS_MAX = 30


class Service:
    """Is released when its file is there; its address tells what `released` says then."""

    def __init__(self, directory: Path):
        """Name everything; nothing is released."""
        self.file = directory / "released"
        self.rolled_back = directory / "rolled_back"
        self.released: dict | int = HEALTHY
        self.url = ""

    @property
    def apply(self) -> str:
        return f"touch {self.file}"

    @property
    def rollback(self) -> str:
        return f"rm -f {self.file}; touch {self.rolled_back}"

    def answer(self) -> tuple[int, bytes]:
        said = self.released if self.file.exists() else HEALTHY
        if isinstance(said, int):
            return said, b""
        return 200, json.dumps(said | {"sampledAt": str(time.monotonic_ns())}).encode()


@contextlib.contextmanager
def answering(service: Service) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = service.answer()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}/metrics/json"
    yield service
    server.shutdown()
    server.server_close()


class Command:
    """`plumb deploy` as a process of its own."""

    def __init__(self, environment: dict[str, str], arguments: list[str], directory: Path):
        """Start it."""
        self.log = directory / f"log-{time.monotonic_ns()}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "plumbline.cli", "deploy", *arguments],
                env=dict(os.environ) | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def ends(self) -> int:
        """Return its exit code once it has ended."""
        return self.process.wait(SECONDS_MAX)

    def says(self, text: str) -> None:
        """Return once it has printed something."""
        wait_until(lambda: text in self.printed or self.process.poll() is not None, SECONDS_MAX)
        assert text in self.printed, self.printed
