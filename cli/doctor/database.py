"""Looks at the guarded database: rights, version, drift from the code, jobs, clocks, guards.

What the server's checks and the preflight of an installation know already is asked of them.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg

from ...core.errors import PlumbError
from ...core.explain import first_line
from ...core.privileges import refuse_other_installer
from ...core.revisions import head_revision
from ...core.rows import fetch_row, fetch_value
from ...core.session import open_session
from ...core.statements import statement
from .. import preflight
from . import drift
from .finding import Answer, Finding, Probe, gather, named

CONNECT_SECONDS_MAX = 5
STATEMENT_SECONDS_MAX = 30
CLOCK_SECONDS_MAX = 2.0
SCHEDULER_FINE = ("running", "waiting")
CHECK_STATES = {"critical": "wrong", "warning": "warning", "unknown": "unknown", "ok": "ok"}


def look(url: str) -> Iterator[Finding]:
    """Yield what is found in a database.

    Args:
        url: Its libpq URL.
    """
    try:
        connection = open_session(
            url, "plumb doctor", autocommit=True, connect_timeout=CONNECT_SECONDS_MAX
        )
    except psycopg.Error as error:
        yield Finding(
            "database",
            "session",
            "unknown",
            f"it cannot be asked: {first_line(error)}",
            "Is the server running, and are name, port, role and password right?",
        )
        return
    with connection:
        connection.execute(f"set statement_timeout = '{STATEMENT_SECONDS_MAX}s'")
        connection.execute("set default_transaction_read_only = on")
        yield from gather("server", {"clock": lambda: _clock(connection)})
        yield from _preflight(connection)
        if not fetch_value(connection, "select to_regnamespace('plumb') is not null"):
            yield Finding(
                "database", "schema", "wrong", "there is no Plumbline in it", "./plumb migrate"
            )
            return
        yield from gather("database", _probes(connection))
        yield from _checks(connection)


def _clock(connection: psycopg.Connection[Any]) -> Answer:
    before = time.time()
    theirs: datetime = fetch_value(connection, "select clock_timestamp()")
    after = time.time()
    # The answer was given at some moment between the two.
    off = max(before - theirs.timestamp(), theirs.timestamp() - after, 0.0)
    if off > CLOCK_SECONDS_MAX:
        return Answer(
            "wrong",
            f"this machine's clock and the server's are {off:.0f} s apart",
            "Let both follow the same time (chrony, systemd-timesyncd).",
        )
    return Answer("ok", "this machine's clock and the server's agree")


def _preflight(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    try:
        found = preflight.examine(connection)
    except psycopg.Error as error:
        yield Finding("server", "settings", "unknown", first_line(error))
        return
    for obstacle in found.obstacles:
        yield Finding("server", "installation", "wrong", obstacle)
    place = f"in {found.settings_file}, then restart the server"
    for line in found.lines:
        yield Finding("server", "settings", "wrong", f"it needs {line}", f"Set it {place}.")
    for line in found.later_lines:
        yield Finding("server", "settings", "warning", f"better with {line}", f"Set it {place}.")
    for limit in found.limits:
        yield Finding("server", "installation", "warning", limit)
    if not (found.obstacles or found.lines):
        yield Finding("server", "installation", "ok", "the server can be guarded")


def _probes(connection: psycopg.Connection[Any]) -> dict[str, Probe]:
    return {
        "rights": lambda: _rights(connection),
        "schema": lambda: _revision(connection),
        "functions": lambda: drift.functions(connection),
        "views": lambda: drift.views(connection),
        "scheduler": lambda: _scheduler(connection),
        "jobs": lambda: _jobs(connection),
        "safe mode": lambda: _safe_mode(connection),
        "guarded tables": lambda: _unguarded(connection),
        "audited tables": lambda: _unaudited(connection),
        "invariants": lambda: _invariants(connection),
        "capabilities": lambda: _lacks(connection),
        "backups": lambda: _backups(connection),
    }


def _rights(connection: psycopg.Connection[Any]) -> Answer:
    role = connection.info.user
    groups = [name for (name,) in connection.execute(statement(__package__, "groups"))]
    if "plumb_reader" not in groups:
        return Answer(
            "wrong",
            f"role '{role}' may not read Plumbline's views",
            f'grant plumb_reader to "{role}"; or plumb_operator, for who acts',
        )
    try:
        refuse_other_installer(connection)
    except PlumbError as error:
        return Answer("ok", f"role '{role}' is in {', '.join(groups)}; no upgrade with it: {error}")
    return Answer("ok", f"role '{role}' is in {', '.join(groups)}")


def _revision(connection: psycopg.Connection[Any]) -> Answer:
    expected = head_revision()
    found = fetch_value(connection, "select plumb.describe_readiness(%s)", [expected])
    applied = found["appliedRevision"]
    if applied != expected:
        later = applied is not None and applied > expected
        return Answer(
            "wrong",
            f"it is at revision {applied}, this version is made for {expected}",
            "Use the newer version of Plumbline." if later else "./plumb migrate",
        )
    if found["writeFault"]:
        return Answer("wrong", f"the server takes no writes: {found['writeFault']}")
    return Answer("ok", f"revision {applied}")


def _scheduler(connection: psycopg.Connection[Any]) -> Answer:
    found = fetch_value(connection, "select plumb.describe_scheduler()")
    if found["status"] in SCHEDULER_FINE:
        return Answer("ok", f"{found['status']}: {found['reason']}")
    return Answer(
        "wrong",
        f"{found['status']}: {found['reason']}",
        "./plumb up starts it again; ./plumb scheduler runs the jobs from outside.",
    )


def _jobs(connection: psycopg.Connection[Any]) -> Answer:
    rows = connection.execute(statement(__package__, "jobs")).fetchall()
    bad = [f"{name} ({state})" for name, state in rows]
    if bad:
        return Answer("warning", named(bad), "select * from plumb.cron_status;")
    return Answer("ok", "every job is enabled, on time, and did not fail")


def _safe_mode(connection: psycopg.Connection[Any]) -> Answer:
    mode = fetch_value(connection, "select plumb.describe_system_mode()")
    if mode["safeMode"]:
        return Answer(
            "warning", f"on since {mode['enabledAt']}: {mode['reason']}", "See docs/safe-mode.md."
        )
    return Answer("ok", "off: writes are allowed")


def _unguarded(connection: psycopg.Connection[Any]) -> Answer:
    names = _names(connection, "unguarded")
    if names:
        return Answer(
            "warning",
            f"safe mode does not stop writes to {named(names)}",
            "./plumb attach proposes how to guard them (setting guarded_schemas).",
        )
    return Answer("ok", "safe mode stops writes to every table")


def _unaudited(connection: psycopg.Connection[Any]) -> Answer:
    names = _names(connection, "unaudited")
    if names:
        return Answer(
            "warning",
            f"the audit log does not see {named(names)}",
            "select plumb.audit_table('schema.table');",
        )
    return Answer("ok", "every table is audited")


def _invariants(connection: psycopg.Connection[Any]) -> Answer:
    count, disabled, unknown = fetch_row(connection, statement(__package__, "invariants"))
    if not count:
        return Answer("warning", "none is declared: nothing is checked", "./plumb attach")
    if unknown:
        return Answer(
            "unknown", f"cannot be checked: {named(unknown)}", "./plumb explain INVARIANT"
        )
    if disabled:
        return Answer("warning", f"are disabled: {named(disabled)}", "./plumb explain INVARIANT")
    return Answer("ok", f"{count} are declared, and each could be checked")


def _lacks(connection: psycopg.Connection[Any]) -> Answer:
    rows = connection.execute(
        "select capability, instead from plumb.capabilities where not is_available"
    ).fetchall()
    if rows:
        return Answer("warning", "; ".join(f"without {what}: {instead}" for what, instead in rows))
    return Answer("ok", "nothing is missing")


def _backups(connection: psycopg.Connection[Any]) -> Answer:
    status, reason = fetch_row(connection, statement(__package__, "backups"))
    if status == "pass":
        return Answer("ok", reason)
    return Answer("warning", reason, "./plumb backup run --validate")


def _names(connection: psycopg.Connection[Any], query: str) -> list[str]:
    return [name for (name,) in connection.execute(statement(__package__, query))]


def _checks(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    try:
        rows = connection.execute(statement(__package__, "checks")).fetchall()
    except psycopg.Error as error:
        yield Finding("checks", "database checks", "unknown", first_line(error))
        return
    for name, status, why, remedy in rows:
        yield Finding("checks", name, CHECK_STATES[status], why or "", remedy or "")
