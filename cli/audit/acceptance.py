"""Which findings about the audit log a person accepted, read from the tables alone.

An acceptance counts when the finding is accepted in plumb.audit_findings and the log itself has
its ACCEPT row, which the verifier proves along with every other row.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from ...core.rows import fetch_value
from .reading import read_own_records

Identity = tuple[str | None, ...]

ACCEPTED = """
    select f.audit_finding_id::text from plumb.audit_findings as f
    where f.accepted_at is not null and f.cleared_at is null
"""


def identity(finding: Mapping[str, Any]) -> Identity:
    """Return what makes a finding the same finding: all it says, but for the seal it got later.

    Args:
        finding: A finding of either verifier, or its description in an ACCEPT row or a manifest.
    """
    names = ("kind", "txid", "n", "relation", "expected", "actual")
    values = [finding.get(name) for name in names]
    if finding.get("txid") is None:
        values.append(finding.get("seal"))
    return tuple(None if value is None else str(value) for value in values)


def accepted_findings(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Return the accepted findings that are still there, as the log describes them."""
    accepted = {key for (key,) in connection.execute(ACCEPTED)}
    if not accepted:
        return []
    with connection.transaction():
        newest = fetch_value(connection, "select max(seal_id) from plumb.seals")
        records = read_own_records(connection, "plumb.audit_findings", newest)
    # Of each finding the last word counts.
    said = {record.record_key: record for record in records}
    return [said[key].content for key in accepted & said.keys() if said[key].op == "ACCEPT"]


def divide(
    findings: Iterable[Mapping[str, Any]], accepted: Iterable[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the findings that are not accepted, and those that are."""
    known = {identity(finding) for finding in accepted}
    parts: tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]] = ([], [])
    for finding in findings:
        parts[identity(finding) in known].append(finding)
    return parts
