"""A server process, and a network to the database that can fail."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_SECONDS_MAX = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Service:
    """A running server process."""

    url: str
    database_url: str
    process: subprocess.Popen
    log: Path

    def get(self, path: str) -> tuple[int, dict, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()


@contextlib.contextmanager
def running(database_url: str, log: Path, **environment: str) -> Iterator[Service]:
    """Run `python -m plumbline.api` until the block ends, which stops it with SIGTERM."""
    port = str(free_port())
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "plumbline.api"],
            env=os.environ | {"DATABASE_URL": database_url, "PORT": port} | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    service = Service(f"http://127.0.0.1:{port}", database_url, process, log)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                service.get("/healthz")
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
        yield service
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


class Gateway:
    """A TCP way to the database that can be cut or made to fall silent, as networks do."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on a port of its own for what is meant for another."""
        self._target = (host, port)
        self._is_silent = False
        self._pairs: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.port = free_port()
        self.open()

    def open(self) -> None:
        """Accept connections, again after a cut."""
        self._is_silent = False
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """Refuse new connections and end the existing ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for end in self._pairs:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._pairs.clear()

    def fall_silent(self) -> None:
        """Keep everything open and pass nothing on."""
        self._is_silent = True

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _address = listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            self._pairs += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=[source, sink], daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self._is_silent:
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
