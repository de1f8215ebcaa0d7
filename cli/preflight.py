"""Asks an existing server whether Plumbline can guard it, and says which line to change.

Nothing is altered here. Every finding is collected first, so that one restart does for them all,
and none is asked for that is not needed: what the server cannot run, ./plumb scheduler runs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from ..core.cluster import SETTINGS
from ..core.errors import PlumbError
from ..core.explain import first_line
from ..core.rows import fetch_row, fetch_value
from ..core.session import UTF8_HINT, encoding_fault, open_session

MAJOR_MIN = 15
WANTED_LIBRARIES = ("pg_cron", "pg_stat_statements")
CONNECT_SECONDS_MAX = 10
ROOM_FOR_JOBS = ("max_worker_processes", "cron.max_running_jobs")


@dataclass
class Findings:
    """What stands in the way, and what will be off.

    Args:
        obstacles: What must be repaired first, each with the way to do it.
        limits: What works less without stopping the installation.
        lines: The lines of postgresql.conf without which it cannot be guarded.
        later_lines: Those that make more of it at the server's next restart.
        settings_file: Where they stand on the server.
    """

    obstacles: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    later_lines: list[str] = field(default_factory=list)
    settings_file: str = "postgresql.conf"


def check(database_url: str, report: Callable[[str], None] = print) -> None:
    """Refuse a server that cannot be guarded.

    Args:
        database_url: A libpq URL.
        report: Receives one line for each thing that will be off.

    Raises:
        PlumbError: Something must be repaired first; every such thing is named.
    """
    try:
        connection = open_session(
            database_url, "plumb preflight", connect_timeout=CONNECT_SECONDS_MAX
        )
    except psycopg.Error as error:
        raise PlumbError(
            f"cannot connect to DATABASE_URL: {first_line(error)}",
            "Is the server running, and are name, port, role and password right?",
        ) from error
    with connection:
        findings = examine(connection)
    for limit in findings.limits:
        report(limit)
    if findings.lines:
        lines = _listed([*findings.lines, *findings.later_lines])
        findings.obstacles.append(
            f"set in {findings.settings_file}, then restart the server:{lines}"
        )
    elif findings.later_lines:
        report(
            f"it works as it is; for more, set in {findings.settings_file} for the server's next"
            f" restart:{_listed(findings.later_lines)}"
        )
    if findings.obstacles:
        listed = "".join(f"\n    {obstacle}" for obstacle in findings.obstacles)
        raise PlumbError(
            f"this server cannot be guarded yet:{listed}", "Nothing was changed. Run this again."
        )


def _listed(lines: list[str]) -> str:
    return "".join(f"\n           {line}" for line in lines)


def examine(connection: psycopg.Connection) -> Findings:
    """Collect what stands in the way on a server.

    Args:
        connection: A connection to the database to guard.

    Returns:
        All findings at once.
    """
    findings = Findings()
    version = connection.info.server_version
    major = version // 10000
    if major < MAJOR_MIN:
        findings.obstacles.append(
            f"it is PostgreSQL {major}; {MAJOR_MIN} or newer is needed: upgrade the server"
        )
    fault = encoding_fault(connection)
    if fault:
        findings.obstacles.append(f"{fault}. {UTF8_HINT}")
    is_superuser, role = fetch_row(
        connection, "select rolsuper, rolname from pg_roles where rolname = current_user"
    )
    if not is_superuser:
        # What it may not have is said when it is installed.
        if not fetch_value(
            connection, "select has_database_privilege(current_database(), 'create')"
        ):
            findings.obstacles.append(
                f"role '{role}' may not create schemas here: an administrator runs"
                f' grant create on database {connection.info.dbname} to "{role}";'
            )
        return findings
    findings.settings_file = _setting(connection, "config_file")
    _examine_extensions(connection, findings, major)
    _examine_capture(connection, findings)
    return findings


def _examine_capture(connection: psycopg.Connection, findings: Findings) -> None:
    """Look whether WAL that is kept for the audit log could fill the disk."""
    has_log = fetch_value(connection, "select to_regclass('plumb.audit_capture') is not null")
    if (
        has_log
        and fetch_value(connection, "select exists (select from plumb.audit_capture)")
        and _setting(connection, "max_slot_wal_keep_size") == "-1"
    ):
        findings.limits.append(
            "audited tables are captured from the WAL, which is kept without limit until it was"
            " read: alter system set max_slot_wal_keep_size = '10GB', or what the disk can spare"
        )


def _examine_extensions(connection: psycopg.Connection, findings: Findings, major: int) -> None:
    available = {name for (name,) in connection.execute("select name from pg_available_extensions")}
    packages = {
        "pg_cron": f"postgresql-{major}-cron",
        "plpython3u": f"postgresql-plpython3-{major}",
    }
    if "pg_cron" not in available:
        findings.limits.append(
            "pg_cron is not installed: ./plumb scheduler runs the jobs; to let the server run them,"
            f" apt-get install {packages['pg_cron']} on the server"
        )
    if "plpython3u" not in available:
        findings.limits.append(
            "plpython3u is not installed; for what it does, apt-get install"
            f" {packages['plpython3u']} on the server"
        )
    preloaded = _setting(connection, "shared_preload_libraries")
    names = [name.strip() for name in preloaded.split(",") if name.strip()]
    absent = [name for name in WANTED_LIBRARIES if name not in names and name in available]
    if absent:
        line = f"shared_preload_libraries = '{','.join([*names, *absent])}'"
        findings.later_lines.append(line)
    if "pg_cron" in available:
        _examine_cron(connection, findings, is_loaded="pg_cron" in names)


def _examine_cron(connection: psycopg.Connection, findings: Findings, is_loaded: bool) -> None:
    """Look at pg_cron: where it lives already it stays, and calls our jobs from there."""
    if not is_loaded:
        findings.limits.append("pg_cron is not loaded: ./plumb scheduler runs the jobs until it is")
    lives_here = _setting(connection, "cron.database_name") == connection.info.dbname
    if _setting(connection, "cron.use_background_workers") not in ("on", "true", "yes", "1"):
        lines = findings.lines if is_loaded and lives_here else findings.later_lines
        lines.append("cron.use_background_workers = on")
    if lives_here:
        # Nothing fails for want of room: some jobs run a minute late.
        findings.later_lines += [
            f"{name} = {SETTINGS[name]}"
            for name in ROOM_FOR_JOBS
            if int(_setting(connection, name) or SETTINGS[name]) < int(SETTINGS[name])
        ]


def _setting(connection: psycopg.Connection, name: str) -> str:
    return fetch_value(connection, "select current_setting(%s, true)", [name]) or ""
