"""Finds rules between tables: totals and children, balances and ledgers, rows without parents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product
from typing import Any

from psycopg import sql

from .catalog import Table
from .data import ROWS_MAX, Data, rows_of
from .proposal import VIOLATED_SHARE_MAX, Proposal, literal
from .rows import PRICE, QUANTITY, ROWS_MIN, STATUS, VALUES_MIN, quoted, tax_of

PARENTS_MAX = 20_000
PARENTS_OF_LARGE_MAX = 2_000
# Combinations of one pair of tables that are compared.
COMBINATIONS_MAX = 300
BESIDE = re.compile(r"ship|tax|discount|deliver|fee|surcharge", re.I)
OWN_TAX = re.compile(r"(in|ex)cl\w*tax|untax|with(out)?_?tax", re.I)
MOVED = re.compile(r"delta|change|quantity|qty|amount|moved|diff", re.I)
LEDGER = re.compile(r"ledger|movement|transaction|entr|history", re.I)
STATED = re.compile(
    r"total|sum|amount|balance|count|num_|on_?hand|debited|allocated|refunded", re.I
)
KIND = re.compile(r"type|kind|status|state|reason|direction", re.I)
KINDS_MAX = 6
# What is given back or set aside is not more than what there was.
CHILD_LIMITS = (
    (r"refund|chargeback", r"pay|captur|charge|debit"),
    (r"alloca|reserv", r"stock|on_?hand|capacity"),
)
TOTALS_MAX = 40

AGREE = sql.SQL("count(*) filter (where abs(({a})::numeric - s.{s}) <= 0.005) as {name}")
AMOUNTS = sql.SQL("count(distinct ({a})) filter (where ({a}) <> 0) as {name}")
# The children of some rows of the table are added up, by an index where there is one.
SUMS = sql.SQL(
    " ".join(
        (
            "with t as materialized (select o.* from {table} as o limit {limit})",
            "select count(*) as parents, count(*) filter (where s.children > 1) as several,",
            "{compared} from t",
            "inner join (select {child_key}, count(*) as children, {summed} from {child}",
            "where ({child_key}) in (select {key} from t) group by {child_key}) as s on {joined}",
        )
    )
)


@dataclass(frozen=True)
class Link:
    """How the rows of a child refer to rows of a table."""

    table: Table
    child: Table
    key: list[str]
    child_key: list[str]
    is_named_alike: bool = False

    def arguments(self, **own: str) -> dict[str, Any]:
        """Return the arguments of a rule that compares rows with their children.

        Args:
            **own: What the rule compares.
        """
        children = {"child": self.child.name, "child_key": self.child_key}
        named = {"table": self.table.name, **own, **children}
        return named if self.key == self.table.key else named | {"key": self.key}


def find_links(tables: list[Table]) -> Iterator[Link]:
    """Yield each foreign key, and each table whose key stands in another under the same names.

    Args:
        tables: The tables.
    """
    by_name = {table.name: table for table in tables}
    linked = set()
    for child in tables:
        for reference in child.references:
            if reference.table in by_name and reference.table != child.name:
                linked.add((reference.table, child.name))
                yield Link(
                    by_name[reference.table], child, reference.parent_columns, reference.columns
                )
    for table, child in product(tables, tables):
        names = {column.name for column in child.columns}
        for unique in table.uniques:
            if (
                table is not child
                and (table.name, child.name) not in linked
                and set(unique) <= names
                and (unique != table.key[:1] or unique[0].lower() != "id")
                and unique != child.key
                and LEDGER.search(child.label)
            ):
                yield Link(table, child, unique, unique, is_named_alike=True)


@dataclass(frozen=True)
class Amount:
    """An amount of a table or of its children: as SQL, by its main column, and how odd it is."""

    text: str
    name: str
    oddness: int = 0
    where: str = ""


def find_sum_rules(data: Data, link: Link) -> Iterator[Proposal]:
    """Yield the totals of a table that its children add up to.

    Args:
        data: Where the rows are read.
        link: How they refer to each other.
    """
    counted = _counted(data, link.child)
    pairs = list(product(_stated(link.table), counted))[:COMBINATIONS_MAX] if counted else []
    if not pairs:
        return
    found = data.ask(_query(link, pairs))
    parents = found.get("parents", 0)
    if parents < ROWS_MIN or found["several"] < VALUES_MIN:
        return
    for name in {total.name for total, _ in pairs}:
        fitting = [
            (found[f"agree{i}"], -a.oddness - b.oddness, _likeness(a.name, b.name), i)
            for i, (a, b) in enumerate(pairs)
            if a.name == name
            and found[f"agree{i}"] >= parents * (1 - VIOLATED_SHARE_MAX)
            and found[f"amounts{i}"] >= VALUES_MIN
        ]
        if fitting:
            yield _proposal(link, *pairs[max(fitting)[3]], parents)


def find_child_limits(data: Data, link: Link) -> Iterator[Proposal]:
    """Yield the amounts of a table that its children may not exceed, by names that belong together.

    Args:
        data: Where the rows are read.
        link: How they refer to each other.
    """
    for bound, counted in product(link.table.amounts, link.child.amounts):
        names = (f"{link.child.label}_{counted.name}", f"{link.table.label}_{bound.name}")
        are_amounts = STATED.search(bound.name) and STATED.search(counted.name)
        if not are_amounts or not any(
            re.search(low, names[0], re.I) and re.search(high, names[1], re.I)
            for low, high in CHILD_LIMITS
        ):
            continue
        yield Proposal(
            "limit",
            link.arguments(limit=bound.name, amount=counted.name),
            f"{link.child.label}_WITHIN_{link.table.label}_{bound.name}",
            "P1",
            # What failed may not count.
            is_certain=not any(STATUS.search(column.name) for column in link.child.columns),
            checked=data.count(link.child.name, link.child_key[0]),
            unit=link.child.label,
        )


def _stated(table: Table) -> list[Amount]:
    totals = [c.name for c in table.amounts][:TOTALS_MAX]
    # What a total says about tax in its own name stands beside nothing.
    beside = [n for n in totals if BESIDE.search(OWN_TAX.sub("", n))]
    plain = [name for name in totals if name not in beside]
    return [Amount(quoted(name), name) for name in plain] + [
        Amount(f"{quoted(name)} {sign} {quoted(other)}", name, 1 + (tax_of(name) != tax_of(other)))
        for name in plain
        for other in beside
        for sign in ("-", "+")
    ]


def _counted(data: Data, child: Table) -> list[Amount]:
    names = [c.name for c in child.amounts]
    amounts = [Amount(quoted(name), name) for name in names] + [
        Amount(f"{quoted(a)} * {quoted(b)}", b, 1)
        for a, b in product(names, names)
        if QUANTITY.search(a) and PRICE.search(b)
    ]
    kinds = [c.name for c in child.columns if c.category in "SE" and KIND.search(c.name)]
    for kind in kinds if amounts else []:
        query = sql.SQL("select array_agg(distinct {}::text) as values from {}")
        values = data.ask(query.format(sql.Identifier(kind), rows_of(child))).get("values") or []
        if len(values) <= KINDS_MAX:
            amounts += [
                Amount(quoted(name), name, 2, f"{quoted(kind)} = {literal(value)}")
                for name in names
                for value in values
                if value is not None
            ]
    return amounts


def _proposal(link: Link, stated: Amount, counted: Amount, parents: int) -> Proposal:
    is_ledger = bool(LEDGER.search(link.child.label) and MOVED.search(counted.name))
    arguments = link.arguments(
        total=stated.text if stated.oddness else stated.name,
        amount=counted.text if counted.text != quoted(counted.name) else counted.name,
    )
    if counted.where:
        arguments["child_where"] = counted.where
    # Pieces that happen to add up today, as those that were ordered and not yet shipped.
    is_count = bool(QUANTITY.search(counted.name) and counted.text == quoted(counted.name))
    is_balance = is_ledger and not counted.where
    return Proposal(
        "balance" if is_balance else "sum_matches",
        arguments,
        f"{link.table.label}_{stated.name}_OF_{link.child.label}",
        "P2" if is_balance else "P1",
        is_certain=bool(STATED.search(stated.name)) and (is_balance or not is_count),
        checked=parents,
        unit=link.table.label,
    )


def _likeness(one: str, other: str) -> float:
    same = tax_of(one) == tax_of(other)
    # What it was at first is the same until it changes.
    first = bool(re.search(r"initial|original|previous|old", other, re.I))
    return SequenceMatcher(None, one.lower(), other.lower()).ratio() + same - 2 * first


def _query(link: Link, pairs: list[tuple[Amount, Amount]]) -> sql.Composable:
    sums = list(dict.fromkeys((counted.text, counted.where) for _, counted in pairs))
    child_key = [sql.Identifier(name) for name in link.child_key]
    key = [sql.Identifier(name) for name in link.key]
    both = list(zip(child_key, key, strict=True))
    is_large = link.child.row_estimate > ROWS_MAX
    summed = [
        sql.SQL("coalesce(sum({}){}, 0)::numeric as {}").format(
            sql.SQL(text),
            sql.SQL(f" filter (where {where})" if where else ""),
            sql.Identifier(f"sum{i}"),
        )
        for i, (text, where) in enumerate(sums)
    ]
    compared = [
        part.format(
            a=sql.SQL(stated.text),
            s=sql.Identifier(f"sum{sums.index((counted.text, counted.where))}"),
            name=sql.Identifier(f"{label}{i}"),
        )
        for i, (stated, counted) in enumerate(pairs)
        for label, part in (("agree", AGREE), ("amounts", AMOUNTS))
    ]
    return SUMS.format(
        compared=sql.SQL(", ").join(compared),
        table=sql.SQL(link.table.name),
        limit=sql.Literal(PARENTS_OF_LARGE_MAX if is_large else PARENTS_MAX),
        child_key=sql.SQL(", ").join(child_key),
        key=sql.SQL(", ").join(key),
        summed=sql.SQL(", ").join(summed),
        child=sql.SQL(link.child.name),
        joined=sql.SQL(" and ").join(sql.SQL("s.{} = t.{}").format(c, k) for c, k in both),
    )


def find_orphan_rules(tables: list[Table]) -> Iterator[Proposal]:
    """Yield the references that no valid foreign key holds: by a name, or NOT VALID.

    Args:
        tables: The tables.
    """
    for child in tables:
        for reference in child.references:
            if not reference.is_valid:
                yield _orphans(child, reference.columns, reference.table, is_certain=True)
        held = {name for reference in child.references for name in reference.columns}
        for column in child.columns:
            stem = re.sub(r"_id$|Id$", "", column.name)
            if stem == column.name or column.name in held or column.name in child.key:
                continue
            for parent in tables:
                types = {c.name: c.type for c in parent.columns}
                if (
                    parent is not child
                    and len(parent.key) == 1
                    and types[parent.key[0]] == column.type
                    and stem.lower().replace("_", "") in _names(parent.label)
                ):
                    yield _orphans(child, [column.name], parent.name, is_certain=True)


def _names(label: str) -> set[str]:
    plain = label.lower().replace("_", "")
    last = label.lower().rpartition("_")[2]
    return {plain, plain.removesuffix("s"), plain.removesuffix("es"), last, last.removesuffix("s")}


def _orphans(child: Table, columns: list[str], parent: str, is_certain: bool) -> Proposal:
    return Proposal(
        "no_orphans",
        {"table": child.name, "columns": columns, "parent": parent},
        f"{child.label}_{columns[0]}_EXISTS",
        "P3",
        is_certain=is_certain,
        checked=child.row_estimate,
    )
