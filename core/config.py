"""Reads the environment once, checks every value, and says how to correct a wrong one.

`VARIABLES` is the whole list: the checks and docs/reference/variables.md are made from it.
"""

import ipaddress
import os
import pwd
import re
import socket
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path

from .errors import PlumbError
from .urls import SCHEME, postgres_url, redis_url, web_url

DATABASE_NAME = "plumbline"
PORT_MAX = 65535
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# pg_ctl hands the data directory to a shell, and a list of socket directories has commas.
HOME_FORBIDDEN = re.compile(r"[\"\\,$`\x00-\x1f\x7f]")
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1000, 60_000, 3_600_000, 86_400_000


def _port(value: str) -> str:
    if not re.fullmatch("[0-9]{1,5}", value) or not 0 < int(value) <= PORT_MAX:
        return f"must be a port number from 1 to {PORT_MAX}"
    return ""


def _interval_ms(value: str) -> str:
    # The same grid as plumb.cron_schedule(), so that a mistake is reported before anything starts.
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


def _absolute_path(value: str) -> str:
    return "" if Path(value).is_absolute() else "must be an absolute path"


def _home(value: str) -> str:
    if normpath(value).strip("/") == "":
        return "must be a directory of its own, not the root directory"
    if HOME_FORBIDDEN.search(value):
        return (
            "must be a path without quotation marks, backslashes, commas, $, ` and control"
            " characters: the server's own programs misread them"
        )
    return _absolute_path(value)


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


def _switch(value: str) -> str:
    return "" if value in ("on", "off") else "must be on or off"


def _anything(_value: str) -> str:
    return ""


@dataclass(frozen=True)
class Variable:
    """One environment variable: its default, and what it may be.

    Args:
        name: As it is spelled in the environment.
        default: What holds when it is absent or empty; empty for none.
        check: Returns what is wrong with a value, or nothing; never a part of the value.
        meaning: What it is for, in a sentence.
        is_secret: Whether its value may hold a password or a key; messages never show it.
    """

    name: str
    default: str = ""
    check: Callable[[str], str] = _anything
    meaning: str = ""
    is_secret: bool = False

    def fault(self, value: str) -> str:
        """Return what is wrong with a value, naming the variable, or nothing."""
        complaint = self.check(value) if value else ""
        if not complaint:
            return ""
        if not self.is_secret:
            return f"{self.name} is '{value}', but it {complaint}"
        scheme = SCHEME.match(value)
        if scheme:
            return f"{self.name} begins with '{scheme[0]}', but it {complaint}"
        return f"{self.name} (its value is not shown) {complaint}"


VARIABLES = (
    Variable(
        "DATABASE_URL",
        "",
        postgres_url,
        meaning="The database to guard; a private cluster when absent.",
        is_secret=True,
    ),
    Variable(
        "REDIS_URL",
        "",
        redis_url,
        meaning="Where requests are counted; PostgreSQL when absent.",
        is_secret=True,
    ),
    Variable("PORT", "3000", _port, meaning="Port of the HTTP service."),
    Variable("NODE_ENV", meaning="Accepted and shown by `status`; changes nothing."),
    Variable(
        "HOST",
        "127.0.0.1",
        meaning="Address of the HTTP service; others than loopback need `API_TOKEN`.",
    ),
    Variable(
        "API_TOKEN", meaning="Bearer token that a write over HTTP must carry.", is_secret=True
    ),
    Variable(
        "TRUSTED_PROXIES",
        "",
        _networks,
        meaning="Proxies whose `X-Forwarded-For` counts, as networks with commas.",
    ),
    Variable(
        "TRUSTED_HOSTS",
        "",
        _hosts,
        meaning="Host names besides loopback that requests may be sent to, with commas.",
    ),
    Variable(
        "ALERT_WEBHOOK_URL",
        "",
        web_url,
        meaning="Where every alert is posted.",
        is_secret=True,
    ),
    Variable("ALERT_WEBHOOK_SECRET", meaning="Signs what is posted there.", is_secret=True),
    Variable("SLACK_WEBHOOK_URL", "", web_url, meaning="Slack's incoming webhook.", is_secret=True),
    Variable(
        "PAGERDUTY_ROUTING_KEY",
        meaning="PagerDuty's Events v2 key: escalated incidents page.",
        is_secret=True,
    ),
    Variable(
        "PAGERDUTY_WEBHOOK_SECRET",
        meaning="Verifies `POST /webhooks/pagerduty`: acknowledging in PagerDuty comes back.",
        is_secret=True,
    ),
    Variable(
        "SLACK_SIGNING_SECRET",
        meaning="Verifies `POST /webhooks/slack`: messages get a button that acknowledges.",
        is_secret=True,
    ),
    Variable(
        "EXECUTIVE_WEBHOOK_URL",
        "",
        web_url,
        meaning="Where executive reports are posted.",
        is_secret=True,
    ),
    Variable("EXECUTIVE_WEBHOOK_SECRET", meaning="Signs what is posted there.", is_secret=True),
    Variable(
        "BACKUP_DIR",
        "",
        _absolute_path,
        meaning="Where backups are written; `PLUMB_HOME/backups` when absent.",
    ),
    Variable(
        "SHADOW_DB_URL",
        "",
        postgres_url,
        meaning="The database that restore drills replace; a cluster for each drill when absent.",
        is_secret=True,
    ),
    Variable("GPG_KEY_ID", meaning="Public key that backups are encrypted to."),
    Variable(
        "INVARIANT_INTERVAL_MS", "300000", _interval_ms, meaning="Interval of the invariant cycle."
    ),
    Variable(
        "PERF_INTERVAL_MS",
        "600000",
        _interval_ms,
        meaning="Interval of performance samples and checks.",
    ),
    Variable(
        "SECURITY_INTERVAL_MS", "900000", _interval_ms, meaning="Interval of the security scan."
    ),
    Variable("HEALTH_INTERVAL_MS", "300000", _interval_ms, meaning="Interval of the health score."),
    Variable(
        "BACKUP_INTERVAL_MS",
        "86400000",
        _interval_ms,
        meaning="Interval of the backup and its drill.",
    ),
    Variable(
        "EXEC_REPORT_INTERVAL_MS",
        "86400000",
        _interval_ms,
        meaning="Interval of the executive report, and the length of its period.",
    ),
    Variable(
        "MONITORING_HEALTH_URL",
        "",
        web_url,
        meaning="What is watched after a deployment, shaped as `/metrics/json`;"
        " the database itself when absent.",
        is_secret=True,
    ),
    Variable(
        "AUDIT_ANCHOR_DIR", "", _absolute_path, meaning="Where the server appends hashes of seals."
    ),
    Variable(
        "AUDIT_ANCHOR_URL",
        "",
        web_url,
        meaning="Where the server posts hashes of seals.",
        is_secret=True,
    ),
    Variable(
        "PLUMB_HOME",
        "",
        _home,
        meaning="Cluster, logs and process records; `/var/lib/plumbline` for root,"
        " else `~/.local/state/plumbline`.",
    ),
    Variable(
        "PUBLIC_BADGE",
        "off",
        _switch,
        meaning="`on` shows `/badge.svg` to everybody who reaches the service; else `off`.",
    ),
    Variable(
        "PLUMB_FLEET",
        "",
        _absolute_path,
        meaning="File of names and addresses of services, for `/fleet` and `plumb fleet`.",
    ),
    # Below 32768: from there on the kernel hands ports to outgoing connections.
    Variable("PLUMB_DB_PORT", "25432", _port, meaning="Port of the private cluster."),
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
            fault = variable.fault(value)
            if fault:
                raise PlumbError(
                    fault,
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
    """Remove every variable of ours, so that the database and alerts of the user are not used.

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
