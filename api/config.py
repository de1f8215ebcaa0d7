"""The configuration of the HTTP service, checked before anything starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core import config
from ..core.errors import PlumbError


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
        trusted_hosts: Names under which the service may be read without a token, besides loopback.
        idempotent_paths: Paths whose POSTs must carry an Idempotency-Key.
        schema_revision: The schema this code was built for; the newest shipped when empty.
        connections_max: Most database connections of one process.
        connect_seconds: Longest wait for a connection before a request is answered with 503.
        statement_seconds: Longest run of one statement.
        window_seconds: How long a window of request latencies is.
        has_public_badge: Whether everybody may see the badge.
        fleet: The file of the databases that /fleet asks; empty for none.
        session_key: Signs the cookies of the pages; chance when empty, then of one process only.
    """

    database_url: str
    host: str = "127.0.0.1"
    port: int = 3000
    api_token: str = ""
    redis_url: str = ""
    trusted_proxies: tuple[config.Network, ...] = ()
    trusted_hosts: frozenset[str] = frozenset()
    idempotent_paths: frozenset[str] = frozenset()
    schema_revision: str = ""
    connections_max: int = 4
    connect_seconds: float = 2.0
    statement_seconds: int = 5
    window_seconds: float = 10.0
    has_public_badge: bool = False
    fleet: str = ""
    session_key: bytes = field(default=b"", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Config":
        """Read what the service needs of the environment, which is checked as a whole.

        Args:
            environment: The variables.

        Raises:
            PlumbError: One is missing or makes no sense.
        """
        values = config.Config.from_environment(environment).values
        if not values["DATABASE_URL"]:
            raise PlumbError("DATABASE_URL is not set", "export DATABASE_URL=postgresql://…")
        return cls(
            database_url=values["DATABASE_URL"],
            host=values["HOST"],
            port=int(values["PORT"]),
            api_token=values["API_TOKEN"],
            redis_url=values["REDIS_URL"],
            trusted_proxies=config.parse_networks(values["TRUSTED_PROXIES"]),
            trusted_hosts=config.parse_hosts(values["TRUSTED_HOSTS"]),
            has_public_badge=values["PUBLIC_BADGE"] == "on",
            fleet=values["PLUMB_FLEET"],
        )
