"""The machine: its free ports, and the account that servers run as."""

import contextlib
import os
import pwd
import random
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import PlumbError

FREE_PORTS = range(20_000, 32_768)
FREE_PORT_TRIES = 100
# Below it ports are root's, unless the kernel says otherwise.
ROOT_PORTS = 1024
# Accounts that may run a server for root, the usual one first.
ACCOUNTS = ("postgres", "nobody")


def free_port() -> int:
    """Return a loopback port that is free at this moment."""
    # From 32768 on, the kernel hands ports to outgoing connections: one that is free now may
    # be gone when a server asks for it.
    return next(
        port for port in random.sample(FREE_PORTS, FREE_PORT_TRIES) if not is_port_taken(port)
    )


def is_port_taken(port: int, address: str = "127.0.0.1") -> bool:
    """Return whether another program listens on a TCP port.

    Args:
        port: The port.
        address: The local address to listen on.

    Raises:
        PlumbError: The port is root's, who runs no server here.
    """
    if port < _port_floor():
        raise PlumbError(
            f"port {port} may not be used by account {service_account().pw_name}, which runs the"
            " servers",
            f"Choose one from {_port_floor()} on, and let a proxy listen on {port}.",
        )
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


def _port_floor() -> int:
    """Return the lowest port that an ordinary account may listen on."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    except (OSError, ValueError):
        return ROOT_PORTS


def service_account() -> pwd.struct_passwd:
    """Return the account that runs servers: the caller's own, or for root, never root's."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PlumbError("neither account 'postgres' nor 'nobody' exists", "Run this as a user.")


def service_process_options() -> dict[str, Any]:
    """Return the subprocess arguments that put a child into the service account."""
    options: dict[str, Any] = {"cwd": "/", "stdin": subprocess.DEVNULL}
    if os.geteuid() == 0:
        account = service_account()
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        options["env"] = {
            **os.environ,
            "HOME": account.pw_dir,
            "USER": account.pw_name,
            "LOGNAME": account.pw_name,
        }
    return options


def make_service_directory(path: Path, mode: int = 0o700) -> None:
    """Create a directory that the service account owns.

    Args:
        path: The directory; its parents are created as the caller's.
        mode: Its permissions.

    Raises:
        PlumbError: The caller may not create it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_dir():
            path.mkdir(mode=mode)
            path.chmod(mode)
            if os.geteuid() == 0:
                account = service_account()
                os.chown(path, account.pw_uid, account.pw_gid)
    except OSError as error:
        raise PlumbError(
            f"cannot create {path}: {error.strerror}",
            "Set PLUMB_HOME to a directory that you may write to.",
        ) from error


def run_as_service(arguments: Sequence[str]) -> None:
    """Run a program as the service account.

    Args:
        arguments: The program and its arguments.

    Raises:
        PlumbError: It failed; the message holds its last lines.
    """
    result = subprocess.run(
        arguments,
        **service_process_options(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        said = [line for line in result.stdout.splitlines() if line.strip()]
        raise PlumbError(
            f"{Path(arguments[0]).name} failed: {' / '.join(said[-3:]) or 'it did not say why'}"
        )
