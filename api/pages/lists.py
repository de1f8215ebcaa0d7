"""The pages that are tables: for each its query, its tables and their columns."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .overview import known_gates, release_verdict
from .rendering import restore_trend, span
from .tables import Column, Listing, Rows, Table

# The states of the server's checks, worst first.
ORDER = ("critical", "warning", "unknown", "ok")


def jobs(found: dict[str, Any]) -> Listing:
    """Return the page of background jobs."""
    scheduler, rows = found["scheduler"], found["jobs"]
    bad = [job["job_name"] for job in rows if job["is_stale"] or job["status"] == "failed"]
    if scheduler["status"] not in ("running", "waiting"):
        status, sentence = "unknown", f"No job runs: {scheduler['reason']}"
    elif bad:
        status, sentence = "violated", f"{len(bad)} of {len(rows)} jobs failed or are overdue"
    else:
        status, sentence = "holds", f"{len(rows)} jobs run on time"
    columns = (
        Column("Job", "job_name", "code"),
        Column("State", "status", "sign"),
        Column("Last run", "last_run_at", "ago"),
        Column("Took", "duration_ms", "ms"),
        Column("Next run", "next_run_at", "ago"),
        Column("What it reported", "message"),
    )
    failures = (
        Column("Job", "job_name", "code"),
        Column("Began", "started_at", "ago"),
        Column("Message", "message"),
    )
    tables = [
        Table("Jobs", columns, rows),
        Table("Runs that failed last", failures, found["failures"]),
    ]
    return Listing("Jobs", status, sentence, [], tables)


def checks(found: dict[str, Any]) -> Listing:
    """Return the page of the server's checks."""
    rows = found["checks"] or []
    counts = {name: sum(row["status"] == name for row in rows) for name in ORDER}
    worst = next((name for name in ORDER if counts[name]), "unknown")
    said = ", ".join(f"{counts[name]} {name}" for name in ORDER if counts[name])
    columns = (
        Column("Check", "check_name", "code"),
        Column("State", "status", "sign"),
        Column("Why", "why"),
        Column("What to do", "remedy"),
        Column("Value", "value", "number"),
        Column("Limit", "threshold", "number"),
        Column("Unit", "unit"),
    )
    status = {"ok": "holds", "critical": "violated"}.get(worst, "unknown")
    return Listing(
        "Checks",
        status,
        f"Of {len(rows)} checks: {said}",
        [],
        [
            Table("To look at", columns, [r for r in rows if r["status"] != "ok"]),
            Table("In order", columns, [r for r in rows if r["status"] == "ok"]),
        ],
    )


def security(found: dict[str, Any]) -> Listing:
    """Return the page of security."""
    blocks, changed = found["blocks"], found["privileges"]
    if changed:
        status, sentence = "violated", f"{_counted(changed, 'privilege')} changed unaccepted"
    elif blocks:
        status, sentence = "violated", f"{_counted(blocks, 'client')} blocked"
    else:
        status, sentence = "holds", "Nobody is blocked, and no privilege changed"
    return Listing(
        "Security",
        status,
        sentence,
        [],
        [
            Table("Blocked clients", BLOCKS, blocks),
            _table("Privileges that changed", changed, "None since they were last accepted."),
            Table("Events", EVENTS, found["events"]),
            Table("Calls that write", CALLS, found["calls"]),
            _table(
                "Tokens",
                found["tokens"],
                "None: `./plumb token create NAME --scope operate` makes one.",
            ),
        ],
    )


BLOCKS = (
    Column("Client", "client", "code"),
    Column("Why", "reason"),
    Column("Blocked", "blocked_at", "ago"),
    Column("By", "blocked_by"),
    Column("Ends", "blocked_until", "ago"),
)
EVENTS = (
    Column("When", "occurred_at", "ago"),
    Column("Kind", "kind", "code"),
    Column("Priority", "severity", "priority"),
    Column("Client", "client", "code"),
    Column("Account", "actor"),
)
CALLS = (
    Column("When", "called_at", "ago"),
    Column("Call", "path", "code"),
    Column("Who", "actor"),
    Column("Client", "client", "code"),
    Column("Decision", "decision"),
    Column("Status", "status", "number"),
)


def backups(found: dict[str, Any]) -> Listing:
    """Return the page of backups."""
    rows = found["backups"]
    aged = [row for row in rows if row["age_hours"] is not None and not row["pruned_at"]]
    proven = [row for row in aged if row["validation"] == "valid"]
    if proven:
        age = _age(min(proven, key=lambda row: row["age_hours"])["taken_at"], found["now"])
        status, sentence = "holds", f"The backup of {age} ago is proven"
    else:
        status, sentence = "unknown", "No backup was proven by a restore"
    columns = (
        Column("Backup", "backup_name", "code"),
        Column("Worth", "validation", "sign"),
        Column("Taken", "taken_at", "ago"),
        Column("Size", "size_bytes", "bytes"),
        Column("Restore took", "restore_seconds", "seconds"),
        Column("Tool", "tool"),
        Column("Not proven", "not_proven"),
        Column("Why", "reason"),
    )
    tiers = (
        Column("Tier", "tier"),
        Column("Result", "status", "sign"),
        Column("Took", "seconds", "seconds"),
        Column("Evidence", "evidence"),
    )
    drilled = f"Last drill: {found['drilled']}" if found["drilled"] else "Last drill"
    return Listing(
        "Backups",
        status,
        sentence,
        [],
        [
            Table("Backups", columns, rows, "None: `./plumb backup run` makes one."),
            Table(
                drilled, tiers, found["tiers"], "None yet: `./plumb backup validate` restores one."
            ),
            Table("Restore times", RESTORES, found["restores"][::-1]),
        ],
        restore_trend(found["restores"]),
    )


RESTORES = (
    Column("Backup", "backup_name", "code"),
    Column("Drilled", "finished_at", "ago"),
    Column("Restore took", "restore_seconds", "seconds"),
)


def deployments(found: dict[str, Any]) -> Listing:
    """Return the page of deployments."""
    rows = [
        row
        | {
            "href": f"/view/deployments/{row['deploymentId']}",
            "notPassed": ", ".join(
                gate["gate"] for gate in row["gates"] if gate["status"] != "pass"
            ),
        }
        for row in found["deployments"]
    ]
    status, sentence = RELEASES[release_verdict(known_gates(found["gates"]))]
    columns = (
        Column("Release", "name", "link"),
        Column("Result", "status", "sign"),
        Column("Began", "startedAt", "ago"),
        Column("By", "startedBy"),
        Column("Gates not passed", "notPassed"),
        Column("Why", "reason"),
    )
    return Listing(
        "Deployments",
        status,
        sentence,
        [],
        [
            Table("Gates now", GATES, found["gates"]),
            Table("Deployments", columns, rows, "None: `./plumb deploy` carries one out."),
        ],
    )


RELEASES = {
    "no": ("violated", "No release may go out now"),
    "unknown": ("unknown", "No release may go out before all gates are known"),
    "yes": ("holds", "A release may go out when its tests cover enough"),
}
GATES = (
    Column("Gate", "gate", "code"),
    Column("State", "status", "sign"),
    Column("Value", "value"),
    Column("Limit", "threshold"),
    Column("Why", "reason"),
)


def deployment(found: dict[str, Any]) -> Listing:
    """Return the page of one deployment."""
    status = {"succeeded": "holds", "watching": "unknown", "applying": "unknown"}
    words = found["status"].replace("_", " ")
    return Listing(
        "Deployments",
        status.get(found["status"], "violated"),
        f"{found['name']}: {words}",
        [found["reason"]] if found["reason"] else [],
        [
            Table("Gates", GATES, found["gates"]),
            Table(
                "Steps",
                (
                    Column("When", "occurredAt", "ago"),
                    Column("Status", "status"),
                    Column("By", "actor"),
                    Column("Why", "reason"),
                ),
                found["events"],
            ),
            _table("Samples", found["samples"][:30]),
        ],
    )


def reports(found: dict[str, Any]) -> Listing:
    """Return the page of executive reports."""
    rows = [
        row | {"href": f"/reports/executive/{row['executiveReportId']}?format=html"}
        for row in found["reports"]
    ]
    columns = (
        Column("Report", "headline", "link"),
        Column("State", "status", "sign"),
        Column("From", "periodStartedAt", "moment"),
        Column("To", "periodEndedAt", "moment"),
        Column("Written", "createdAt", "ago"),
    )
    # The first sentence says how it is, the next one what happened.
    headline = rows[0]["headline"] if rows else "No report was written yet"
    sentence, _end, rest = headline.partition(". ")
    status = {"good": "holds", "bad": "violated"}.get(rows[0]["status"] if rows else "", "unknown")
    return Listing(
        "Reports",
        status,
        sentence,
        [rest] if rest else [],
        [Table("Reports", columns, rows, "None: `./plumb report` writes one.")],
    )


def settings(found: dict[str, Any]) -> Listing:
    """Return the page of settings."""
    rows = [row | {"href": f"/view/settings/{row['name']}"} for row in found["settings"]]
    changed = [row for row in rows if row["isChanged"]]
    columns = (
        Column("Setting", "name", "link"),
        Column("Value", "value", "value"),
        Column("Unit", "unit"),
        Column("May be", "range"),
    )
    who = (
        Column("Default", "defaultValue", "value"),
        Column("Changed", "updatedAt", "ago"),
        Column("By", "changedBy"),
        Column("Why", "reason"),
    )
    return Listing(
        "Settings",
        "holds",
        f"{len(changed)} of {len(rows)} settings differ from their default",
        [],
        [
            Table("Changed", (*columns, *who), changed),
            Table(
                "At their default",
                (*columns, Column("What it does", "description")),
                [r for r in rows if not r["isChanged"]],
            ),
        ],
    )


def audit(found: dict[str, Any]) -> Listing:
    """Return the page of the audit log."""
    findings, verification = found["findings"], found["verification"] or {}
    if findings:
        status, sentence = "violated", f"{_counted(findings, 'finding')} in the audit log"
    elif not verification.get("verifiedAt"):
        status, sentence = "unknown", "The audit log was never verified"
    else:
        status = "holds"
        sentence = f"The audit log is intact up to seal {verification['throughSeal']}"
    return Listing(
        "Audit",
        status,
        sentence,
        list(_log_state(found)),
        [
            _table("Findings", findings, "None."),
            Table(
                "Anchors outside the database",
                (
                    Column("Where", "target", "code"),
                    Column("Newest seal", "seal_id", "number"),
                    Column("Stored", "anchored_at", "ago"),
                    Column("Outside", "is_outside"),
                ),
                found["anchors"],
                "None: only an anchor protects against a superuser."
                " `./plumb audit anchor --dir DIR` stores one.",
            ),
            Table(
                "Audited tables",
                (
                    Column("Table", "relation", "code"),
                    Column("Key", "key_columns", "code"),
                    Column("Left out", "excluded_columns"),
                    Column("Masked", "masked_columns"),
                    Column("Since", "audited_at", "ago"),
                    Column("Compared with its log", "reconciled_at", "ago"),
                    Column("Rows then", "row_count", "number"),
                ),
                found["tables"],
                "None: `select plumb.audit_table('schema.table');` begins.",
            ),
            Table(
                "Newest seals",
                (
                    Column("Seal", "seal_id", "number"),
                    Column("Sealed", "sealed_at", "ago"),
                    Column("Hash", "seal_hash", "code"),
                ),
                found["seals"],
            ),
        ],
    )


def _log_state(found: dict[str, Any]) -> Iterator[str]:
    """Yield when the log was verified and sealed last, what waits, and what room it takes."""
    now, seal = found["now"], found["newestSeal"]
    if found["verification"] and found["verification"]["verifiedAt"]:
        yield f"verified {_age(found['verification']['verifiedAt'], now)} ago"
    else:
        yield "the job audit-verify does it at its next run"
    if seal:
        yield f"newest seal {seal['sealId']}, {_age(seal['sealedAt'], now)} ago"
    if found["unsealedSince"]:
        yield f"changes of the last {_age(found['unsealedSince'], now)} wait for a seal"
    else:
        yield "no change waits for a seal"
    yield f"the log takes {found['logBytes'] / 2**20:,.1f} MiB"


def _age(text: str, now: str) -> str:
    age = datetime.fromisoformat(now) - datetime.fromisoformat(text)
    return span(age.total_seconds())


def _table(title: str, rows: Rows, empty: str = "None.") -> Table:
    """Return a table of whatever members the rows have."""
    members = rows[0] if rows else {}
    return Table(title, tuple(Column(_words(m), m, _kind(m)) for m in members), rows, empty)


def _words(member: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in member).replace("_", " ").strip()


def _kind(member: str) -> str:
    if member.endswith(("_at", "At", "_until")):
        return "ago"
    return {"priority": "priority", "status": "sign"}.get(member, "text")


def _counted(rows: Rows, noun: str) -> str:
    return f"{len(rows)} {noun}{'' if len(rows) == 1 else 's'}"
