"""Reads the environment once, checks every value, and names the way out of a bad one.

`VARIABLES` is the whole list: the checks are made from it, and README's table names each.
"""

import ipaddress
import os
import pwd
import re
import socket
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import PlumbError

DATABASE_NAME = "plumbline"
PORT_MAX = 65535
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1000, 60_000, 3_600_000, 86_400_000


def _port(value: str) -> str:
    if not re.fullmatch("[0-9]{1,5}", value) or not 0 < int(value) <= PORT_MAX:
        return f"must be a port number from 1 to {PORT_MAX}"
    return ""


def _interval_ms(value: str) -> str:
    # The same grid as plumb.cron_schedule(), so that a mistake is told before anything starts.
    interval = int(value) if re.fullmatch("[0-9]{1,9}", value) else 0
    is_on_grid = (
        (interval in range(SECOND_MS, MINUTE_MS, SECOND_MS))
        or (interval in range(MINUTE_MS, HOUR_MS, MINUTE_MS) and HOUR_MS % interval == 0)
        or (interval in range(HOUR_MS, DAY_MS + 1, HOUR_MS) and DAY_MS % interval == 0)
    )
    if is_on_grid:
        return ""
    return (
        "must be milliseconds that pg_cron can keep: 1 to 59 whole seconds, minutes that divide"
        " 60, hours that divide 24, or 1 day"
    )


def _url(*schemes: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes:
            return f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"
        return ""

    return check


def _absolute_path(value: str) -> str:
    return "" if Path(value).is_absolute() else "must be an absolute path"


def _postgres_url(value: str) -> str:
    # libpq takes `host=… dbname=…` as well, and so do we.
    if "=" in value and "://" not in value:
        return ""
    return _url("postgresql", "postgres")(value)


def _networks(value: str) -> str:
    try:
        parse_networks(value)
    except ValueError as error:
        return f"must be addresses or networks with commas, such as 10.0.0.0/8,2001:db8::1: {error}"
    return ""


def _hosts(value: str) -> str:
    wrong = [host for host in parse_hosts(value) if not HOST_NAME.fullmatch(host)]
    if wrong:
        return f"must be host names with commas and without ports: {sorted(wrong)[0]!r} is none"
    return ""


def _anything(_value: str) -> str:
    return ""


@dataclass(frozen=True)
class Variable:
    """One environment variable: its default, and what it may be.

    Args:
        name: As it is spelled in the environment.
        default: What holds when it is absent or empty; empty for none.
        check: Returns what is wrong with a value, or nothing.
    """

    name: str
    default: str = ""
    check: Callable[[str], str] = _anything


_WEB = _url("https", "http")

VARIABLES = (
    Variable("DATABASE_URL", "", _postgres_url),
    Variable("REDIS_URL", "", _url("redis", "rediss")),
    Variable("PORT", "3000", _port),
    Variable("NODE_ENV"),
    Variable("HOST", "127.0.0.1"),
    Variable("API_TOKEN"),
    Variable("TRUSTED_PROXIES", "", _networks),
    Variable("TRUSTED_HOSTS", "", _hosts),
    Variable("ALERT_WEBHOOK_URL", "", _WEB),
    Variable("ALERT_WEBHOOK_SECRET"),
    Variable("SLACK_WEBHOOK_URL", "", _WEB),
    Variable("PAGERDUTY_ROUTING_KEY"),
    Variable("EXECUTIVE_WEBHOOK_URL", "", _WEB),
    Variable("EXECUTIVE_WEBHOOK_SECRET"),
    Variable("BACKUP_DIR", "", _absolute_path),
    Variable("SHADOW_DB_URL", "", _postgres_url),
    Variable("GPG_KEY_ID"),
    Variable("INVARIANT_INTERVAL_MS", "300000", _interval_ms),
    Variable("PERF_INTERVAL_MS", "600000", _interval_ms),
    Variable("SECURITY_INTERVAL_MS", "900000", _interval_ms),
    Variable("HEALTH_INTERVAL_MS", "300000", _interval_ms),
    Variable("BACKUP_INTERVAL_MS", "86400000", _interval_ms),
    Variable("EXEC_REPORT_INTERVAL_MS", "86400000", _interval_ms),
    Variable("MONITORING_HEALTH_URL", "", _WEB),
    Variable("AUDIT_ANCHOR_DIR", "", _absolute_path),
    Variable("AUDIT_ANCHOR_URL", "", _WEB),
    Variable("PLUMB_HOME", "", _absolute_path),
    # Below 32768: from there on the kernel hands ports to outgoing connections.
    Variable("PLUMB_DB_PORT", "25432", _port),
)


@dataclass(frozen=True)
class Config:
    """The checked environment.

    Args:
        values: Every variable's value or default, by name; empty where there is none.
        home: PLUMB_HOME, or its default for the calling user.
    """

    values: Mapping[str, str]
    home: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Config":
        """Check every variable and collect the values.

        Args:
            environment: Where to read them from.

        Raises:
            PlumbError: A value cannot be used; the message names it and what it must be.
        """
        values = {}
        for variable in VARIABLES:
            value = environment.get(variable.name) or variable.default
            complaint = variable.check(value) if value else ""
            if complaint:
                raise PlumbError(
                    f"{variable.name} is '{value}', but it {complaint}",
                    f"Change it, or leave {variable.name} empty"
                    + (f" for the default, {variable.default}." if variable.default else "."),
                )
            values[variable.name] = value
        # A token of blanks is none.
        values["API_TOKEN"] = values["API_TOKEN"].strip()
        if not values["API_TOKEN"]:
            _refuse_open_door(values["HOST"])
        return cls(values, Path(values["PLUMB_HOME"]) if values["PLUMB_HOME"] else default_home())

    @property
    def api_port(self) -> int:
        """The HTTP service's port."""
        return int(self.values["PORT"])

    @property
    def cluster_port(self) -> int:
        """The private cluster's port."""
        return int(self.values["PLUMB_DB_PORT"])


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks in a comma-separated list.

    Args:
        text: Such as `10.0.0.0/8, 2001:db8::1`.

    Raises:
        ValueError: One of them is no address and no network; the message names it.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(ipaddress.ip_network(part, strict=False) for part in parts)


def parse_hosts(text: str) -> frozenset[str]:
    """Return the host names in a comma-separated list, in lower case.

    Args:
        text: Such as `plumb.example, db1.example`.
    """
    return frozenset(part.strip().lower() for part in text.split(",") if part.strip())


def _refuse_open_door(host: str) -> None:
    """Refuse an address that others can reach when anybody could switch the mode."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PlumbError(
            f"HOST is '{host}', which is no address of this machine: {error.strerror}",
            "Use 127.0.0.1, ::1 or an address that `ip address` shows.",
        ) from error
    addresses = [str(address[0]).partition("%")[0] for *_ignored, address in found]
    if all(ipaddress.ip_address(address).is_loopback for address in addresses):
        return
    raise PlumbError(
        f"refusing to listen on {host} without API_TOKEN: anybody who reaches it could switch"
        " safe mode on",
        "Set API_TOKEN to a long random secret, or HOST to 127.0.0.1.",
    )


def forget_variables(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove every variable of ours: what runs then is no one's database, and alerts nobody.

    Args:
        environment: Where to remove them from.
    """
    for variable in VARIABLES:
        environment.pop(variable.name, None)


def default_home() -> Path:
    """Return where state lives when PLUMB_HOME does not say: the same rule as in `plumb`."""
    if os.geteuid() == 0:
        return Path("/var/lib/plumbline")
    user_home = os.environ.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir
    state = os.environ.get("XDG_STATE_HOME") or f"{user_home}/.local/state"
    return Path(state) / "plumbline"
