"""The first page: whether the database is true, what needs a person, whether a release may go."""

from typing import Any

from flask import Response, current_app

from ...core.output import counted
from ..answers import database
from .incident import runbook_href
from .layer import LastKnown
from .visitor import show

GATE_TITLES = {
    "NO_OPEN_P1_INCIDENTS": "P1 incidents",
    "DRIFT_SCORE": "Drift score",
    "BACKUP_FRESHNESS": "Backup, proven by a restore",
    "ERROR_RATE": "Error rate",
    "MIGRATIONS_CLEAN": "Migrations",
}
# What a person looks at first, by the source of an incident: a page with its words, or its own.
NEXT_PAGES = {
    "audit": ("/view/audit", "See the findings in the audit log"),
    "backup": ("/view/backups", "See the backups and what the last drill said"),
    "database-check": ("/view/checks", "See the check and what to do about it"),
    "deployment": ("/view/deployments", "See the deployment and its gates"),
    "security": ("/view/security", "See who did what"),
}
OWN_PAGES = {
    "invariant": "See the wrong rows",
    "invariant-check": "See why it cannot be checked",
}
# What a person does about a part of the health that is not known, where there is one thing to do.
NEXT_OF_UNKNOWN = {"backup": "run `./plumb backup run --validate`"}
# How bad a gate is: what is unknown never passes.
VERDICTS = {"fail": "no", "unknown": "unknown", "pass": "yes"}


def show_overview() -> Response:
    """Return the first page."""
    found = database().read("describe_overview_page")
    last_known: LastKnown = current_app.config["LAST_KNOWN"]
    last_known.keep(found)
    return show("overview.html", **context(found))


def context(found: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows.

    Args:
        found: What plumb.describe_overview_page() returned.
    """
    components = found["health"]["components"]
    gates = known_gates(found["gates"])
    return found | {
        "path": "/",
        "gate_titles": GATE_TITLES,
        "fine": list(_fine(found)),
        "doubt": _doubt(found),
        "incidents": found["incidents"]
        | {"list": [_with_next_page(one) for one in found["incidents"]["list"]]},
        "is_unguarded": _is_unguarded(found),
        "next_of_unknown": NEXT_OF_UNKNOWN,
        "unknown": [c for c in components if c["status"] == "unknown"],
        "gates": sorted(gates, key=lambda gate: list(VERDICTS).index(gate["status"])),
        "verdict": release_verdict(gates),
    }


def _doubt(found: dict[str, Any]) -> dict[str, str] | None:
    """Return why the truth cannot be said, unless the card of an incident says so."""
    # A database of an earlier release does not say it.
    doubt: dict[str, str] | None = found["truth"].get("doubt")
    sources = {one["source"] for one in found["incidents"]["list"]}
    is_said = found["truth"]["invariants"]["unknown"] and "invariant-check" in sources
    return None if is_said else doubt


def _is_unguarded(found: dict[str, Any]) -> bool:
    """Return whether safe mode would stop nothing although there is something to protect."""
    tables = found.get("tables", {"guarded": 1})
    return bool(found["truth"]["invariants"]["declared"]) and not tables["guarded"]


def _with_next_page(incident: dict[str, Any]) -> dict[str, Any]:
    own = f"/view/incidents/{incident['incidentId']}"
    said = OWN_PAGES.get(incident["source"], "See what happened")
    href, words = NEXT_PAGES.get(incident["source"], (own, said))
    # A database of an earlier release does not say who it was.
    return (
        {"blame": None}
        | incident
        | {
            "next": {"href": href, "words": words},
            "runbook_href": runbook_href(incident["runbookUrl"]),
        }
    )


def known_gates(gates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the gates that a page can know: the tests' coverage is stated with each release.

    Args:
        gates: What plumb.measure_deployment_gates() found.
    """
    return [gate for gate in gates if gate["gate"] != "TEST_COVERAGE"]


def release_verdict(gates: list[dict[str, Any]]) -> str:
    """Return whether a release may go out now: yes, no or unknown.

    Args:
        gates: Those of known_gates().
    """
    statuses = {gate["status"] for gate in gates}
    return next(VERDICTS[status] for status in VERDICTS if status in statuses)


def _fine(found: dict[str, Any]) -> list[str]:
    """Return what nobody has to look at, in a few words each."""
    counts, jobs, checks = found["truth"]["invariants"], found["jobs"], found["checks"]
    holding = sum(one["status"] == "holds" for one in found["invariants"])
    backup = next(c for c in found["health"]["components"] if c["component"] == "backup")
    scheduler = found["health"]["scheduler"]["status"]
    said = [
        (
            # What was not checked lately is not fine, whatever its last check said.
            holding
            and not (counts["violated"] or counts["unknown"] or found["truth"].get("doubt")),
            counted(holding, "invariant holds", "invariants hold"),
        ),
        (
            scheduler == "running" and not (jobs["overdue"] or jobs["failed"]),
            counted(jobs["count"], "job") + " on time",
        ),
        (
            checks["count"] and not checks["notOk"],
            counted(checks["count"], "check") + " of the server ok",
        ),
        (not found["findings"], "no finding in the audit log"),
        (backup["status"] == "good", backup["reason"]),
    ]
    return [text for is_fine, text in said if is_fine]
