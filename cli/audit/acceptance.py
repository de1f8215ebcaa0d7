"""Which findings about the audit log a person accepted, read from the tables alone.

An acceptance counts when the finding is accepted in plumb.audit_findings and the log itself has
its ACCEPT row, which the verifier proves along with every other row.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

Identity = tuple[str | None, ...]

ACCEPTED = """
    select l.new_row
    from plumb.audit_findings as f
    cross join lateral (
        select o.op, o.new_row
        from plumb.audit_log as o
        where
            o.relation = 'plumb.audit_findings' and o.record_key = f.audit_finding_id::text
        order by o.base_seal desc, o.txid desc, o.n desc
        limit 1
    ) as l
    where f.accepted_at is not null and f.cleared_at is null and l.op = 'ACCEPT'
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
    return [row for (row,) in connection.execute(ACCEPTED)]


def divide(
    findings: Iterable[Mapping[str, Any]], accepted: Iterable[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the findings that nobody accepted, and those that a person did."""
    known = {identity(finding) for finding in accepted}
    parts: tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]] = ([], [])
    for finding in findings:
        parts[identity(finding) in known].append(finding)
    return parts
