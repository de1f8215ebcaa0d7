"""Runs the service under gunicorn: `python -m plumbline.api [--quiet]`.

Two processes with eight threads each: enough to keep two cores busy while others wait for the
database. SIGTERM lets requests finish, reports the last latencies and ends.
"""

import argparse
import contextlib
import logging
import secrets
import socket
import sys
from dataclasses import replace
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from ..core.errors import PlumbError
from ..core.revisions import head_revision
from . import EXTENSION, create_app
from .config import Config
from .worker import BufferingWorker

WORKERS = 2
THREADS = 8
# Longer than a request may wait for a connection and its statement together.
GRACE_SECONDS = 10


class Server(BaseApplication):
    """The service as gunicorn wants it: made anew in each worker, after forking.

    Args:
        config: The service's configuration.
        access_log: Where requests are logged, `-` for stdout; nowhere when absent.
    """

    def __init__(self, config: Config, access_log: str | None = "-") -> None:
        """Read gunicorn's settings from the configuration."""
        self._config = config
        self._access_log = access_log
        self._app: Flask | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        host = f"[{self._config.host}]" if ":" in self._config.host else self._config.host
        settings = {
            "bind": [f"{host}:{self._config.port}"],
            "workers": WORKERS,
            "worker_class": f"{BufferingWorker.__module__}.{BufferingWorker.__qualname__}",
            "threads": THREADS,
            "timeout": 30,
            "graceful_timeout": GRACE_SECONDS,
            "accesslog": self._access_log,
            "proc_name": "plumbline-api",
            "post_worker_init": self._start,
            "worker_exit": self._stop,
            # A newer gunicorn opens a socket for its own commands; they are not used here.
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    # gunicorn's stub is narrower than WSGI, and takes no Flask.
    def load(self) -> Any:
        """Make the application; called in each worker."""
        self._app = create_app(self._config)
        return self._app

    def _start(self, _worker: object) -> None:
        if self._app is not None:
            self._app.extensions[EXTENSION].start()

    def _stop(self, _arbiter: object, _worker: object) -> None:
        if self._app is not None:
            self._app.extensions[EXTENSION].stop()
            self._app.config["DATABASE"].close()


def main() -> int:
    """Check the configuration and serve until a signal to stop.

    Returns:
        2 with a message on stderr when the service cannot start.
    """
    parser = argparse.ArgumentParser(prog="python -m plumbline.api")
    # A log without anybody to rotate it must not grow with the traffic.
    parser.add_argument("--quiet", action="store_true", help="log no requests")
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    try:
        config = Config.from_environment()
        refuse_taken_port(config)
    except PlumbError as error:
        print(f"plumb: {error}", file=sys.stderr)
        if error.hint:
            print(f"       {error.hint}", file=sys.stderr)
        return error.exit_code
    # Found out once, before forking.
    access_log = None if arguments.quiet else "-"
    # Sessions of the pages end with the service: their key is nowhere but in its processes.
    config = replace(config, schema_revision=head_revision(), session_key=secrets.token_bytes(32))
    Server(config, access_log).run()
    return 0


def refuse_taken_port(config: Config) -> None:
    """Say at once, and in one line, that the port cannot be had.

    Args:
        config: The service's configuration.

    Raises:
        PlumbError: Another program listens there, or the port needs more rights.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise PlumbError(
                f"cannot listen on {config.host}:{config.port}: {error.strerror}",
                "Set PORT to a free one.",
            ) from error


if __name__ == "__main__":
    sys.exit(main())
