"""The units: a service that is up while Plumbline is, and a timer that starts what died."""

from collections.abc import Sequence
from pathlib import Path

from ...core.config import Config

SERVICE = "plumbline.service"
WATCH = "plumbline-watch.service"
TIMER = "plumbline-watch.timer"
NAMES = (SERVICE, WATCH, TIMER)
# What root needs to hand the server and the service over to another account, and nothing else.
CAPABILITIES = (
    "CAP_SETUID",
    "CAP_SETGID",
    "CAP_CHOWN",
    "CAP_FOWNER",
    "CAP_DAC_OVERRIDE",
    "CAP_KILL",
)
# Without privileges too: a user's own systemd can set these.
HARDENED = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0022
"""
HARDENED_BY_ROOT = """\
ProtectSystem=strict
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
PrivateDevices=yes
PrivateTmp=yes
RemoveIPC=no
"""


def texts(
    command: Sequence[str], environment: Path, config: Config, is_root: bool
) -> dict[str, str]:
    """Return the text of each unit by its name.

    Args:
        command: How to call `plumb`.
        environment: The file with its variables.
        config: The checked environment.
        is_root: Whether root's systemd will run them.
    """
    plumb = " ".join(map(_quoted, command))
    target = "multi-user.target" if is_root else "default.target"
    control = "systemctl" if is_root else "systemctl --user"
    service = f"""\
[Unit]
Description=Plumbline: holds a PostgreSQL database true
Documentation=file:{Path(__file__).parents[2] / "README.md"}
After=network-online.target postgresql.service
Wants=network-online.target

[Service]
# `up` starts processes that stay, and finds those that run; systemd keeps them in one group.
Type=oneshot
RemainAfterExit=yes
EnvironmentFile={str(environment).replace("%", "%%")}
ExecStart={plumb} up --no-demo
ExecReload={plumb} up --no-demo
ExecStop={plumb} down
TimeoutStartSec=15min
TimeoutStopSec=5min
{HARDENED}{_by_root(config) if is_root else ""}
[Install]
WantedBy={target}
"""
    watch = f"""\
[Unit]
Description=Plumbline: start again what has died
After={SERVICE}
Requisite={SERVICE}

[Service]
Type=oneshot
ExecStart=/bin/systemctl{control.removeprefix("systemctl")} reload {SERVICE}
{HARDENED}"""
    timer = """\
[Unit]
Description=Plumbline: start again what has died

[Timer]
OnActiveSec=5min
OnUnitActiveSec=5min
AccuracySec=30s

[Install]
WantedBy=timers.target
"""
    return {SERVICE: service, WATCH: watch, TIMER: timer}


def _by_root(config: Config) -> str:
    places = [config.home]
    places += [
        Path(config.values[n]) for n in ("BACKUP_DIR", "AUDIT_ANCHOR_DIR") if config.values[n]
    ]
    writable = " ".join(_quoted(f"-{place}") for place in places)
    inside_home = any(str(place).startswith(("/home/", "/root/")) for place in places)
    # What is installed in a home must be read there.
    at_home = "no" if inside_home or str(Path(__file__)).startswith(("/home/", "/root/")) else "yes"
    return (
        f"CapabilityBoundingSet={' '.join(CAPABILITIES)}\n"
        f"{HARDENED_BY_ROOT}ProtectHome={at_home}\nReadWritePaths={writable}\n"
    )


def _quoted(text: str) -> str:
    """Return a word as a unit takes it: `%` and `$` would be replaced."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if escaped.isascii() and " " not in escaped else f'"{escaped}"'
