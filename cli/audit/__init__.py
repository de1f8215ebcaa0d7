"""Anchors seals outside the database, verifies the audit log, proves single rows of it."""

import argparse
import contextlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg

from ...core.errors import PlumbError
from ...core.exit_codes import FALSE, TRUE
from ...core.explain import first_line
from ...core.output import STANDARD_OUTPUT, say, write_output
from ...core.progress import heard, progress
from ...core.rows import fetch_row, fetch_value
from ...core.session import open_session
from ...core.told import tell
from . import verifier
from .acceptance import accepted_findings, divide
from .anchors import append_anchor, post_anchor, read_anchors
from .proof import check, load, prove

# Findings printed one by one; a recomputed log would give millions.
FINDINGS_SHOWN_MAX = 50

# What a program reads of a proven row.
PROVEN = ("txid", "n", "op", "relation", "record_key", "actor", "app_user", "old_row", "new_row")

# What plumb.verify_audit() says while it runs.
VERIFYING = re.compile(r"verifying (?P<now>rows) from (?P<at>\d+) of (?P<total>\d+)")

RECORD = "select plumb.record_anchor(%s, %s, %s)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    anchor = actions.add_parser("anchor", help="let the newest seal's hash leave the database")
    anchor.add_argument("--dir", help="directory to append to (AUDIT_ANCHOR_DIR)")
    anchor.add_argument("--url", help="where to post to (AUDIT_ANCHOR_URL)")

    verify = actions.add_parser("verify", help="verify the whole log, and hold it to its anchors")
    verify.add_argument(
        "--independent", action="store_true", help="with the verifier that trusts no SQL of ours"
    )
    verify.add_argument("--from-seal", type=int, default=0, help="only what came after this seal")
    verify.add_argument("--anchors", help="anchor file or directory (AUDIT_ANCHOR_DIR)")
    verify.add_argument("--json", action="store_true", help="print the findings as JSON")

    proof = actions.add_parser("proof", help="prove one row, or check such a proof")
    proof.add_argument("relation", nargs="?", help="schema.table of the row")
    proof.add_argument("key", nargs="?", help="its key, as in record_key")
    proof.add_argument("--txid", type=int, help="the version that this transaction wrote")
    proof.add_argument("--out", default="-", help="file to write (-, the standard output)")
    proof.add_argument("--check", metavar="FILE", help="check this proof; needs no database")
    proof.add_argument("--anchors", help="anchor file or directory (AUDIT_ANCHOR_DIR)")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions.

    Returns:
        0 when all is well, 1 when something was found, 2 when it could not be judged.

    Raises:
        PlumbError: What was asked cannot be done.
    """
    actions = {"anchor": _anchor, "verify": _verify, "proof": _proof}
    try:
        return actions[arguments.action](arguments)
    except psycopg.Error as error:
        message = first_line(error)
        raise PlumbError(message, error.diag.message_hint or "") from error


def _connect() -> psycopg.Connection:
    from ...core.target import database_url

    return open_session(database_url(), "plumb audit", autocommit=True)


def _data_directory(connection: psycopg.Connection) -> Path | None:
    """Return where the server's data lies, if it lies on this machine."""
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege, OSError):
        path = Path(fetch_row(connection, "select pg_catalog.current_setting('data_directory')")[0])
        return path if path.exists() else None
    return None


def _anchor(arguments: argparse.Namespace) -> int:
    directory = arguments.dir or os.environ.get("AUDIT_ANCHOR_DIR")
    url = arguments.url or os.environ.get("AUDIT_ANCHOR_URL")
    if not directory and not url:
        raise PlumbError(
            "there is nowhere to anchor", "Give --dir or --url, or set AUDIT_ANCHOR_DIR or _URL."
        )
    with _connect() as connection:
        connection.execute("select plumb.seal_audit()")
        seal_id = fetch_value(connection, "select plumb.anchorable_seal()")
        if seal_id is None:
            raise PlumbError(
                "the newest seal may not be anchored: synchronous standbys lack it",
                "A failover would lose it. See: select * from pg_stat_replication;",
            )
        anchor = fetch_value(connection, "select plumb.describe_anchor(%s)", [seal_id])
        line = json.dumps(anchor)
        places: list[str] = []
        if directory:
            path = Path(directory) / f"plumb-{anchor['log'][:16]}.jsonl"
            is_outside = append_anchor(path, line, _data_directory(connection))
            connection.execute(RECORD, [directory, anchor["sealId"], is_outside])
            say(f"seal {anchor['sealId']} anchored in {path}")
            places.append(str(path))
        if url:
            post_anchor(url, line)
            (shown,) = fetch_row(connection, "select plumb.shown_url(%s)", [url])
            is_outside = url.lower().startswith("https:")
            connection.execute(RECORD, [shown, anchor["sealId"], is_outside])
            say(f"seal {anchor['sealId']} anchored at {shown}")
            places.append(shown)
        tell(sealId=anchor["sealId"], places=places)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    place = arguments.anchors or os.environ.get("AUDIT_ANCHOR_DIR")
    with _connect() as connection, progress("verifying the log", 1) as advance:
        if arguments.independent:
            found = verifier.verify(connection, arguments.from_seal, advance)
            findings = [vars(finding) for finding in found]
        else:
            with heard(connection, VERIFYING, advance):
                findings = _rows(
                    connection, "select * from plumb.verify_audit(%s)", [arguments.from_seal]
                )
        if place:
            anchors = json.dumps(read_anchors(place))
            findings += _rows(connection, "select * from plumb.verify_anchors(%s)", [anchors])
        new, accepted = divide(findings, accepted_findings(connection))
    if arguments.json:
        marked = [{**f, "accepted": False} for f in new]
        marked += [{**f, "accepted": True} for f in accepted]
        print(json.dumps(marked, indent=2, default=str))
    else:
        print("\n".join(_describe(new, accepted, bool(place))))
    return FALSE if new else TRUE


def _rows(
    connection: psycopg.Connection, query: str, parameters: list[object]
) -> list[dict[str, Any]]:
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    return list(cursor.execute(query, parameters))


def _describe(
    new: list[Mapping[str, Any]], accepted: list[Mapping[str, Any]], has_anchors: bool
) -> Iterable[str]:
    findings = [(finding, "") for finding in new]
    findings += [(finding, " (accepted)") for finding in accepted]
    for finding, mark in findings[:FINDINGS_SHOWN_MAX]:
        place = ", ".join(
            f"{name} {finding[name]}"
            for name in ("seal", "txid", "n", "relation")
            if finding.get(name) is not None
        )
        yield f"{finding['kind']}: {place}{mark}"
        yield f"    expected {finding['expected']}, found {finding['actual']}"
    if len(findings) > FINDINGS_SHOWN_MAX:
        yield f"… and {len(findings) - FINDINGS_SHOWN_MAX} more (--json shows all)"
    if not findings:
        yield "The log is what was written."
    elif not new:
        yield f"Nothing is found that is not accepted; accepted: {len(accepted)}."
    if not has_anchors:
        yield (
            "Compared with no anchor: whoever can rewrite the whole database could have"
            " rewritten the log (--anchors)."
        )


def _proof(arguments: argparse.Namespace) -> int:
    if arguments.check:
        return _check_proof(arguments.check, arguments.anchors)
    if not arguments.relation or arguments.key is None:
        raise PlumbError("which row?", "Name its table and key, or --check a proof's file.")
    with _connect() as connection:
        row = connection.execute(
            "select l.txid::text, l.n from plumb.log_of(%s, %s) as l"
            " where l.op <> 'REKEY' and (%s::text is null or l.txid = %s::text::xid8)"
            " order by l.position desc nulls last, l.occurred_at desc, l.n desc limit 1",
            [arguments.relation, arguments.key, *[arguments.txid and str(arguments.txid)] * 2],
        ).fetchone()
        if row is None:
            raise PlumbError(
                f"the log has no row of {arguments.relation} with key {arguments.key}",
                "Give the table with its schema, and the key as plumb.audit_log shows it.",
            )
        anchored = fetch_value(connection, "select max(seal_id) from plumb.audit_anchors")
        if anchored is None:
            raise PlumbError("no seal is anchored yet", "./plumb audit anchor")
        with connection.transaction():
            proof = prove(connection, int(row[0]), row[1], anchored)
    text = json.dumps(proof, indent=1)
    if not tell(proof=proof) or Path(arguments.out) != STANDARD_OUTPUT:
        write_output(Path(arguments.out), text + "\n")
    if Path(arguments.out) != STANDARD_OUTPUT:
        print(f"proof of {arguments.relation} {arguments.key} in {arguments.out}")
    return 0


def _check_proof(path: str, anchors: str | None) -> int:
    place = anchors or os.environ.get("AUDIT_ANCHOR_DIR")
    if not place:
        raise PlumbError("a proof is checked against anchors", "Give --anchors.")
    known = {anchor["sealId"]: anchor["sealHash"] for anchor in read_anchors(place)}
    row = check(load(path), known)
    tell(proven={name: getattr(row, name) for name in PROVEN})
    print(f"Proven: transaction {row.txid}, row {row.n}: {row.op} {row.relation} {row.record_key}")
    print(f"    by {row.actor} ({re.sub(r'[^ -~]', '?', row.app_user or '')})")
    # The first format of the log has no value there, the second JSON's null.
    for name, text, otherwise in (
        ("old", row.old_row, "none: there was no such row"),
        ("new", row.new_row, "none: the row is gone"),
    ):
        print(f"    {name} {otherwise if text in (None, 'null') else text}")
    return 0
