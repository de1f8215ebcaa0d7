"""The page of an incident: its evidence as tables, and where its runbook is read."""

from typing import Any
from urllib.parse import urlsplit

# Parts of the forensic snapshot in the order of what is asked first.
PARTS = {
    "violations": "Violating rows",
    "locks": "Locks waited for",
    "activity": "Sessions",
    "jobs": "Jobs",
}


def incident_context(incident: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows.

    Args:
        incident: What plumb.describe_incident_page() returned.
    """
    snapshot = incident["snapshot"] or {"takenAt": None}
    return {
        "writesNeedToken": incident["writesNeedToken"],
        "incident": incident | {"snapshot": snapshot},
        "blame": _newest_blame(incident["violations"]),
        "evidence": [_part(name, snapshot[name]) for name in _names(snapshot)],
        "runbook_href": runbook_href(incident["runbookUrl"]),
    }


def runbook_href(url: str | None) -> str:
    """Return where a runbook is read: a page of ours, unless a setting names another place.

    Args:
        url: The incident's runbook, an address or a file of docs/runbooks.
    """
    if url and urlsplit(url).scheme in ("http", "https"):
        return url
    name = (url or "").rpartition("/")[2].removesuffix(".md")
    return f"/runbooks/{name}"


def _newest_blame(violations: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the last change of what is wrong, if the log knows one."""
    changes = [one for violation in violations for one in violation["blame"]]
    return max(changes, key=lambda one: str(one["occurred_at"]), default=None)


def _names(snapshot: dict[str, Any]) -> list[str]:
    lists = [name for name, value in snapshot.items() if isinstance(value, list)]
    order = list(PARTS)
    return sorted(lists, key=lambda name: order.index(name) if name in order else len(order))


def _part(name: str, rows: list[Any]) -> dict[str, Any]:
    objects = [row if isinstance(row, dict) else {"value": row} for row in rows]
    return {
        "name": name,
        "title": PARTS.get(name, name.replace("_", " ").capitalize()),
        "columns": list(dict.fromkeys(column for row in objects for column in row)),
        "rows": objects,
        "is_open": name == "violations" and bool(rows),
    }
