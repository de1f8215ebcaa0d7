"""What the HTTP service is told from outside, checked before anything starts."""

import ipaddress
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from plumbline.api.client import Network, parse_networks
from plumbline.cli.errors import PlumbError

PORT_MAX = 65_535


@dataclass(frozen=True)
class Config:
    """The service's configuration.

    Args:
        database_url: libpq URL of a role that may `set role plumb_api`.
        host: Address to listen on.
        port: TCP port to listen on.
        api_token: What writes must bring as `Authorization: Bearer`; empty for none.
        redis_url: Where requests are counted; PostgreSQL when empty.
        trusted_proxies: Networks of proxies whose X-Forwarded-For counts.
        idempotent_paths: Paths whose POSTs must carry an Idempotency-Key.
        schema_revision: The schema this code was built for; the newest shipped when empty.
        connections_max: Most database connections of one process.
        connect_seconds: Longest wait for a connection before a request is answered with 503.
        statement_seconds: Longest run of one statement.
        window_seconds: How long a window of request latencies is.
    """

    database_url: str
    host: str = "127.0.0.1"
    port: int = 3000
    api_token: str = ""
    redis_url: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    idempotent_paths: frozenset[str] = frozenset()
    schema_revision: str = ""
    connections_max: int = 4
    connect_seconds: float = 2.0
    statement_seconds: int = 5
    window_seconds: float = 10.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Config":
        """Read DATABASE_URL, HOST, PORT, API_TOKEN, REDIS_URL and TRUSTED_PROXIES.

        Args:
            environment: The variables; the process's own when absent.

        Raises:
            PlumbError: One is missing or makes no sense.
        """
        variables = os.environ if environment is None else environment
        if not variables.get("DATABASE_URL"):
            raise PlumbError("DATABASE_URL is not set", "export DATABASE_URL=postgresql://…")
        port = variables.get("PORT") or "3000"
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= PORT_MAX):
            raise PlumbError(f"PORT is {port!r}, not a port", f"Use 1 to {PORT_MAX}.")
        return cls(
            database_url=variables["DATABASE_URL"],
            host=variables.get("HOST") or "127.0.0.1",
            port=int(port),
            api_token=variables.get("API_TOKEN", "").strip(),
            redis_url=variables.get("REDIS_URL", ""),
            trusted_proxies=_networks(variables.get("TRUSTED_PROXIES", "")),
        )

    def refuse_open_door(self) -> None:
        """Refuse an address that others can reach when anybody could switch the mode.

        Raises:
            PlumbError: No token is set and the address is not a loopback one, or the address
                cannot be resolved.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise PlumbError(
                f"HOST is {self.host!r}, which is no address of this machine: {error.strerror}",
                "Use 127.0.0.1, ::1 or an address that `ip address` shows.",
            ) from error
        addresses = [str(address[0]).partition("%")[0] for *_ignored, address in found]
        if self.api_token or all(ipaddress.ip_address(a).is_loopback for a in addresses):
            return
        raise PlumbError(
            f"refusing to listen on {self.host} without API_TOKEN: anybody who reaches it could"
            " switch safe mode on",
            "Set API_TOKEN to a long random secret, or HOST to 127.0.0.1.",
        )


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return parse_networks(text)
    except ValueError as error:
        raise PlumbError(
            f"TRUSTED_PROXIES is {text!r}: {error}",
            "List addresses or networks with commas, such as 10.0.0.0/8,2001:db8::1.",
        ) from error
