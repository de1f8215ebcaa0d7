"""The tiers of a drill: what is checked in a restored copy, by a role that can only read it.

Each tier returns its status and a sentence of evidence.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from ...core.output import counted
from ...core.rows import fetch_row, fetch_value
from ...core.statements import statement
from ..audit import verifier as audit_verifier
from ..audit.acceptance import divide

EVIDENCE_NAMES_MAX = 5
Verdict = tuple[str, str]


def check_heap_and_indexes(copy: psycopg.Connection) -> Verdict:
    """Let amcheck read every B-tree index and every row."""
    found = copy.execute(statement(__package__, "amcheck_schema")).fetchone()
    if not found:
        return "unknown", "amcheck cannot be created: the server has none, or asks for a superuser"
    (schema,) = found
    broken = []
    indexes = copy.execute(statement(__package__, "valid_btrees")).fetchall()
    for oid, index in indexes:
        try:
            copy.execute(f"select {schema}.bt_index_check(%s::oid, true)", [oid])
        except psycopg.Error as error:
            broken.append(f"{index}: {error.diag.message_primary}")
    tables = copy.execute(statement(__package__, "stored_tables")).fetchall()
    for oid, table in tables:
        damage = copy.execute(
            f"select msg from {schema}.verify_heapam(%s::oid) limit 1", [oid]
        ).fetchone()
        if damage:
            broken.append(f"{table}: {damage[0]}")
    if broken:
        return "failed", some(broken)
    read = counted(len(tables), "table")
    return "passed", f"{counted(len(indexes), 'index', 'indexes')}, each row of {read}"


def compare_row_counts(copy: psycopg.Connection, manifest: Mapping[str, Any]) -> Verdict:
    """Compare each table's rows with those that its dump has."""
    expected = manifest["rowCounts"]
    # Format 1 counted those of inheriting tables too.
    only = "" if manifest["format"] == 1 else "only "
    found: dict[str, int | None] = {}
    for table in expected:
        query = "select 'select count(*) from ' || %s::text || to_regclass(%s)::text"
        (count,) = fetch_row(copy, query, [only, table])
        found[table] = fetch_value(copy, count) if count else None
    wrong = [
        f"{table} has {'no table' if found[table] is None else found[table]},"
        f" the {'dump holds no rows of it' if count is None else f'snapshot had {count}'}"
        for table, count in sorted(expected.items())
        if (count is None or found[table] != count) and not table.startswith("cron.")
    ]
    if wrong:
        return "failed", some(wrong)
    rows = counted(sum(count or 0 for count in found.values()), "row")
    return "passed", f"{counted(len(expected), 'table')}, {rows}, as in the dump's snapshot"


def check_invariants(
    copy: psycopg.Connection, manifest: Mapping[str, Any], violations: dict[str, int]
) -> Verdict:
    """Check each invariant, and note how many violations it has."""
    broken = []
    names = copy.execute("select name from plumb.invariants where is_enabled order by name")
    for (name,) in names.fetchall():
        rows = copy.execute(
            "select subject, explanation, count(*) over () from plumb.read_violations(%s) limit 1",
            [name],
        ).fetchall()
        violations[name] = rows[0][2] if rows else 0
        if rows:
            then = manifest["violations"].get(name)
            broken.append(f"{name}: {rows[0][2]} (such as {rows[0][1]}); when it was taken: {then}")
    if broken:
        return "failed", some(broken)
    if not violations:
        return "unknown", "no invariant is declared"
    return "passed", f"all {len(violations)} hold on the restored copy"


def verify_audit(
    copy: psycopg.Connection,
    manifest: Mapping[str, Any],
    live: psycopg.Connection | None,
    anchors: Sequence[Mapping[str, Any]],
) -> Verdict:
    """Verify the audit log row by row, and hold its seals to the live and the anchored ones."""
    expected = manifest["newestSeal"]
    if expected is None:
        return "skipped", "nothing was sealed when it was taken"
    newest = copy.execute(
        "select seal_id, encode(seal_hash, 'hex') from plumb.seals order by seal_id desc limit 1"
    ).fetchone()
    if newest is None or newest != (expected["sealId"], expected["sealHash"]):
        return "failed", (
            f"its newest seal is {newest[0] if newest else 'missing'},"
            f" the snapshot's was {expected['sealId']}"
        )
    follow_older_log(copy)
    findings, accepted = divide(
        map(vars, audit_verifier.verify(copy)), manifest.get("acceptedFindings", [])
    )
    if findings:
        return "failed", f"{counted(len(findings), 'finding')}, the first: {findings[0]}"
    restored: dict[int, str] = dict(
        copy.execute("select seal_id, encode(seal_hash, 'hex') from plumb.seals").fetchall()
    )
    compared = []
    anchored = {anchor["sealId"]: anchor["sealHash"] for anchor in anchors}
    for whose, seals in (("live", _live_seals(live, newest[0])), ("anchored", anchored)):
        differing = [seal for seal, found in seals.items() if restored.get(seal, found) != found]
        if differing:
            return "failed", f"seal {differing[0]} is not the {whose} one"
        if seals:
            compared.append(f"{len(seals)} {whose}")
    held = f", equal to {' and '.join(compared)} seals" if compared else ""
    known = f", {counted(len(accepted), 'accepted finding')}" if accepted else ""
    return "passed", f"{counted(len(restored), 'seal')} verified row by row{held}{known}"


def follow_older_log(copy: psycopg.Connection) -> None:
    """Let the verifier find the log of a copy that an earlier version wrote.

    Args:
        copy: A session on a restored copy, which is changed.
    """
    if not fetch_value(copy, "select to_regclass('plumb.audit_blocks') is not null"):
        with copy.transaction():
            # All other statements of a drill only read.
            copy.execute("set transaction read write")
            copy.execute(statement(__package__, "older_log"))


def _live_seals(live: psycopg.Connection | None, newest: int) -> dict[int, str]:
    if live is None:
        return {}
    query = "select seal_id, encode(seal_hash, 'hex') from plumb.seals where seal_id <= %s"
    return dict(live.execute(query, [newest]).fetchall())


def compare_violations(manifest: Mapping[str, Any], violations: Mapping[str, int]) -> Verdict:
    """Compare what each invariant finds with what it found when the dump was taken."""
    wrong = [
        f"{name}: {violations.get(name, 'not declared')} instead of {count}"
        for name, count in sorted(manifest["violations"].items())
        if violations.get(name) != count
    ]
    if wrong:
        return "failed", f"it is not what was dumped: {some(wrong)}"
    score = manifest["driftScore"]
    return "passed", (
        "violations are those of the snapshot, whose drift score was"
        f" {'unknown' if score is None else score}"
    )


def some(things: Sequence[str]) -> str:
    """Return the first few of many things, and how many more there are."""
    shown = ", ".join(things[:EVIDENCE_NAMES_MAX])
    more = len(things) - EVIDENCE_NAMES_MAX
    return f"{shown} and {more} more" if more > 0 else shown
