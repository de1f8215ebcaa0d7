"""Proposes how to guard an application's database, with the evidence for each rule.

It reads the catalog and samples of the data, as a role without rights and read-only, and prints a
plan. Nothing is changed unless `--yes` says so: then tables are guarded and audited one a
transaction, and the certain rules are declared. Called again, it proposes only what is new.
"""

import argparse
import textwrap
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from ...core.exit_codes import TRUE
from ...core.explain import explained
from ...core.output import counted, printable, say
from ...core.rows import fetch_value
from ...core.session import open_session
from ...core.short_locks import with_short_lock
from ...core.target import database_url
from ...core.told import tell
from .arithmetic import find_ledger_rules, find_parts
from .catalog import Table, read_tables
from .data import Data, readable
from .proposal import VIOLATED_SHARE_MAX, Proposal
from .rows import ROWS_MIN, find_row_rules
from .sums import find_child_limits, find_links, find_orphan_rules, find_sum_rules

HEAD = """\
-- Proposed by ./plumb attach: read it, change it, and declare it with ./plumb rules apply {file}
-- A guess is commented out: only who knows the application can say whether it is a rule.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--schema", action="append", metavar="S", help="look at this schema only (repeatable)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the rules to a file")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--dry-run", action="store_true", help="print the plan only (the default)")
    choice.add_argument(
        "--yes", action="store_true", help="guard and audit the tables, declare the certain rules"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the plan; with --yes, carry it out.

    Returns:
        0 when the plan was made, and carried out where that was asked for.
    """
    with (
        explained("the plan was not made, or not all of it carried out"),
        open_session(database_url(), "plumb attach", autocommit=True) as connection,
    ):
        tables = read_tables(connection, arguments.schema)
        proposals, unanswered = propose(connection, tables)
        for line in describe(tables, proposals, unanswered):
            print(printable(line))
        tell(
            tables=[table.name for table in _to_guard(tables)],
            rules=[proposal.described() for proposal in proposals],
        )
        if arguments.out:
            arguments.out.write_text(as_file(proposals, arguments.out), encoding="utf-8")
            say(f"wrote {arguments.out}")
        if arguments.yes:
            _carry_out(connection, tables, proposals)
    return TRUE


def propose(connection: psycopg.Connection[Any], tables: list[Table]) -> tuple[list[Proposal], int]:
    """Return the rules that the data supports and that are not declared yet, the best first.

    Args:
        connection: A superuser's autocommit session.
        tables: The tables of the application.

    Returns:
        The proposals, and how many questions took too long.
    """
    business = [table for table in tables if table.is_business]
    known = _known(connection)
    kept: dict[tuple[Any, ...], Proposal] = {}
    with readable(connection, business) as data:
        for proposal in _candidates(data, business):
            is_new = proposal.signature not in known and proposal.signature not in kept
            if is_new and _is_supported(data, proposal):
                kept[proposal.signature] = proposal
        unanswered = data.unanswered
    _name_apart(list(kept.values()))
    ranked = sorted(
        kept.values(), key=lambda p: (not p.is_certain, p.priority, p.violations, -p.checked)
    )
    return ranked, unanswered


def _candidates(data: Data, tables: list[Table]) -> Any:
    for link in find_links(tables):
        yield from find_sum_rules(data, link)
        yield from find_ledger_rules(data, link)
        yield from find_child_limits(data, link)
    for table in tables:
        yield from find_row_rules(data, table)
        yield from find_parts(data, table)
    yield from find_orphan_rules(tables)


def _is_supported(data: Data, proposal: Proposal) -> bool:
    """Ask what the rule itself would find: what is proposed can be declared as it is."""
    if proposal.template == "no_orphans":
        proposal.checked = data.count(proposal.arguments["table"], proposal.arguments["columns"][0])
    if proposal.checked < ROWS_MIN:
        return False
    found = data.try_rule(proposal.template, proposal.arguments)
    if not found:
        return False
    proposal.violations = found["violations"]
    proposal.violating = found["subjects"] or []
    proposal.description = found["description"]
    return proposal.violations <= proposal.checked * VIOLATED_SHARE_MAX


def _known(connection: psycopg.Connection[Any]) -> set[tuple[Any, ...]]:
    rows = connection.execute("select r.template, r.arguments from plumb.rules as r").fetchall()
    return {Proposal(row[0], row[1], "", "", True, 0).signature for row in rows}


def _name_apart(proposals: list[Proposal]) -> None:
    """Give proposals of one name numbers."""
    seen: dict[str, int] = {}
    for proposal in proposals:
        name = proposal.name
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            proposal.subject = f"{name[:44]}_{seen[name]}"


def describe(tables: list[Table], proposals: list[Proposal], unanswered: int) -> list[str]:
    """Return the plan in lines that a person reads.

    Args:
        tables: The tables of the application.
        proposals: The proposed rules.
        unanswered: How many questions took too long.
    """
    business = [t for t in tables if t.is_business]
    new = _to_guard(tables)
    lines = [
        f"{counted(len(tables), 'table')}: {len(new)} to guard and audit, the others are left out"
    ]
    lines += _list("guard and audit", [t.name for t in new])
    lines += _list("leave out (technical)", [t.name for t in tables if t.is_technical])
    lines += _list("owned by others, left out", [t.name for t in tables if not t.is_ours])
    lines += _list("without a key", [t.name for t in business if not t.key])
    lines += _list("mask (secrets)", [f"{t.name}.{c}" for t in business for c in t.secrets])
    lines += _list("personal data?", [f"{t.name}.{c}" for t in business for c in t.personal])
    for title, is_certain in (("Rules", True), ("Guesses, not declared", False)):
        chosen = [p for p in proposals if p.is_certain is is_certain]
        if chosen:
            lines += ["", f"{title} ({len(chosen)})"]
        for proposal in chosen:
            lines.append(f"  {proposal.priority} {proposal.name}: {proposal.description}")
            lines.append(f"     {proposal.evidence}")
    if unanswered:
        lines += ["", f"{unanswered} questions to the data took too long or failed"]
    return lines


def _to_guard(tables: list[Table]) -> list[Table]:
    return [t for t in tables if t.is_business and not (t.is_guarded and t.is_audited)]


def _list(title: str, names: list[str]) -> list[str]:
    if not names:
        return []
    return textwrap.wrap(
        f"{title}: {', '.join(names)}", 100, initial_indent="  ", subsequent_indent="    "
    )


def as_file(proposals: list[Proposal], file: Path) -> str:
    """Return a rules file with the certain rules, and the guesses commented out.

    Args:
        proposals: The proposed rules.
        file: Where it will be.
    """
    text = HEAD.format(file=file)
    for proposal in proposals:
        call = proposal.call()
        if not proposal.is_certain:
            call = "".join(f"-- {line}\n" for line in call.splitlines())
        doubt = "" if proposal.is_certain else "guess: "
        # It shows keys of rows: one of several lines would end the comment and be a statement.
        text += f"\n-- {printable(doubt + proposal.evidence)}\n{call}"
    return text


def _guard(connection: psycopg.Connection[Any], table: Table) -> None:
    if not table.is_guarded:
        connection.execute("select plumb.guard_table(%s::regclass)", [table.name])


def _audit(connection: psycopg.Connection[Any], table: Table) -> None:
    if not table.is_audited:
        connection.execute(
            "select plumb.audit_table(%s::regclass, '{}', %s)", [table.name, table.secrets]
        )


def _take(connection: psycopg.Connection[Any], table: Table, steps: tuple[Any, ...]) -> None:
    for step in steps:
        step(connection, table)


def _carry_out(
    connection: psycopg.Connection[Any], tables: list[Table], proposals: list[Proposal]
) -> None:
    for table in _to_guard(tables):
        # What the log cannot hold is guarded all the same.
        for steps in ((_guard, _audit), (_guard,)):
            try:
                milliseconds = with_short_lock(
                    connection, table.name, partial(_take, connection, table, steps)
                )
            except psycopg.DatabaseError as error:
                if len(steps) == 1 or not (error.sqlstate or "").startswith("PL"):
                    raise
                say(f"{table.name} is not audited: {error.diag.message_primary}")
                continue
            done = " and ".join(step.__name__[1:] + "ed" for step in steps)
            say(f"{table.name} {done}; writers waited at most {milliseconds:.0f} ms")
            break
    for proposal in proposals:
        if proposal.is_certain:
            connection.execute(proposal.call())
            say(f"{proposal.name} declared")
    if fetch_value(connection, "select rolsuper from pg_roles where rolname = current_user"):
        say("a pg_dump by a role that is no superuser now needs one option: pg_dump -N 'plumb*'")
    if not fetch_value(connection, "select plumb.setting('safe_mode_auto_enabled')::boolean"):
        say(
            "grade F does not engage safe mode; when the rules hold:\n"
            "  select plumb.change_setting('safe_mode_auto_enabled', 'true');"
        )
