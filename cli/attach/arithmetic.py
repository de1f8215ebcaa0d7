"""Finds amounts that others add up to: a total and its parts, a balance and kinds of movements."""

from collections.abc import Iterator
from itertools import combinations, product

from psycopg import sql

from .catalog import Table
from .data import Data, rows_of
from .proposal import VIOLATED_SHARE_MAX, Proposal, literal
from .rows import ROWS_MIN, VALUES_MIN, quoted
from .sums import KIND, KINDS_MAX, LEDGER, MOVED, STATED, Link

# Rows that are searched; the rule itself then reads all.
SAMPLE = 400
PARTS_MAX = 3
COLUMNS_MAX = 16
# A part may be rare, as a correction is; a chance agreement needs parts that hardly vary.
PART_VALUES_MIN = 3
# Fewer than elsewhere: what movements of several kinds add up to is hardly a chance.
BALANCE_VALUES_MIN = 5
CENT = 0.005
BOTH_SIDES = (
    ("debit", "credit"),
    ("debit_amount", "credit_amount"),
    ("debitAmount", "creditAmount"),
)

KINDS = sql.SQL(
    " ".join(
        (
            "select jsonb_agg(to_jsonb(t) || k.kinds) as rows from",
            "(select {key}, {stated} from {table} limit {limit}) as t",
            "inner join (select {child_key}, jsonb_object_agg('=' || kind, moved) as kinds from",
            "(select {child_key}, {kind}::text as kind, sum({moved}) as moved from {child}",
            "where ({child_key}) in (select {key} from {table} limit {limit})",
            "and {kind} is not null group by {child_key}, {kind}) as m group by {child_key}) as k",
            "on ({joined_key}) = ({joined_child_key})",
        )
    )
)
PARENTS = sql.SQL(
    " ".join(
        (
            "select count(*) as parents from (select {0} from {1} where ({0}) is not null",
            "group by {0} having count(*) > 1) as t",
        )
    )
)

Row = dict[str, float | None]


def signed_parts(
    rows: list[Row], total: str, names: list[str], parts_max: int, signs: tuple[int, ...] = (1, -1)
) -> dict[str, int]:
    """Return the fewest parts, with their signs, that make up a total in almost every row.

    Args:
        rows: Amounts by name.
        total: The amount that is made up.
        names: The amounts that may be parts.
        parts_max: How many at most.
        signs: What a part may count.

    Returns:
        1 or -1 by the part's name; nothing when there is no such sum.
    """
    usable = [name for name in names if len(_values(rows, name)) >= PART_VALUES_MIN]
    if len(rows) < ROWS_MIN:
        return {}
    for count in range(1, min(parts_max, len(usable)) + 1):
        for parts in combinations(usable, count):
            for taken in product(signs, repeat=count):
                chosen = dict(zip(parts, taken, strict=True))
                if max(taken) > 0 and _adds_up(rows, total, chosen):
                    return chosen
    return {}


def _values(rows: list[Row], name: str) -> set[float]:
    return {value for row in rows if (value := row.get(name))}


def _adds_up(rows: list[Row], total: str, parts: dict[str, int]) -> bool:
    misses_max = len(rows) * VIOLATED_SHARE_MAX
    misses = compared = 0
    for row in rows:
        amounts = [row.get(name) for name in (total, *parts)]
        if None in amounts:
            continue
        compared += 1
        counted = sum(sign * (row[name] or 0) for name, sign in parts.items())
        misses += abs((row[total] or 0) - counted) > CENT
        if misses > misses_max:
            return False
    return compared >= ROWS_MIN


def find_parts(data: Data, table: Table) -> Iterator[Proposal]:
    """Yield the totals of a row that other amounts of the row make up.

    Args:
        data: Where the rows are read.
        table: The table.
    """
    names = [column.name for column in table.amounts][:COLUMNS_MAX]
    if len(names) < PARTS_MAX or not any(STATED.search(name) for name in names):
        return
    rows = _sample(data, table, names)
    told = set()
    stated = [name for name in names if STATED.search(name)]
    # A total and its parts, before what is left when a part is taken from the total.
    for signs, total in product(((1,), (1, -1)), stated):
        if len(_values(rows, total)) < VALUES_MIN:
            continue
        # An amount that equals another one explains nothing.
        others = [n for n in names if n != total and not _adds_up(rows, total, {n: 1})]
        parts = signed_parts(rows, total, others, PARTS_MAX, signs)
        if len(parts) <= 1 or frozenset({total, *parts}) in told:
            continue
        told.add(frozenset({total, *parts}))
        yield Proposal(
            "sum_matches",
            {"table": table.name, "total": total, "amount": _sum_of(parts)},
            f"{table.label}_{total}_PARTS",
            "P1",
            is_certain=min(parts.values()) > 0 and "total" in total.lower(),
            checked=len(rows),
        )


def _sum_of(parts: dict[str, int]) -> str:
    ordered = sorted(parts.items(), key=lambda part: -part[1])
    text = " ".join(f"{'+' if sign > 0 else '-'} {quoted(name)}" for name, sign in ordered)
    return text.removeprefix("+ ")


def _sample(data: Data, table: Table, names: list[str]) -> list[Row]:
    query = "select jsonb_agg(to_jsonb(t)) as rows from (select {} from {} limit {}) as t"
    found = data.ask(sql.SQL(query).format(_columns(names), rows_of(table), sql.Literal(SAMPLE)))
    return found.get("rows") or []


def find_ledger_rules(data: Data, link: Link) -> Iterator[Proposal]:
    """Yield balances that some kinds of movements make up, and entries that have two sides.

    Args:
        data: Where the rows are read.
        link: How movements refer to what they move.
    """
    names = {column.name for column in link.child.amounts}
    for debit, credit in BOTH_SIDES:
        if {debit, credit} <= names:
            yield from _double_entry(data, link, f"{quoted(debit)} - {quoted(credit)}")
    if LEDGER.search(link.child.label):
        for column in link.child.columns:
            if column.category in "SE" and KIND.search(column.name):
                yield from _balances(data, link, column.name)


def _double_entry(data: Data, link: Link, amount: str) -> Iterator[Proposal]:
    query = PARENTS.format(_columns(link.child_key), rows_of(link.child))
    parents = data.ask(query).get("parents", 0)
    if parents < ROWS_MIN:
        return
    yield Proposal(
        "sum_matches",
        link.arguments(total="0", amount=amount),
        f"{link.table.label}_EVEN_IN_{link.child.label}",
        "P1",
        is_certain=True,
        checked=parents,
        unit=link.table.label,
    )


def _balances(data: Data, link: Link, kind: str) -> Iterator[Proposal]:
    stated = [c.name for c in link.table.amounts]
    if not stated:
        return
    for moved in [c.name for c in link.child.amounts if MOVED.search(c.name)]:
        rows = _kinds_of_rows(data, link, kind, moved, stated)
        kinds = sorted({name[1:] for row in rows for name in row if name.startswith("=")})
        if not 1 < len(kinds) <= KINDS_MAX:
            continue
        for name in stated:
            if len(_values(rows, name)) < BALANCE_VALUES_MIN:
                continue
            parts = signed_parts(rows, name, [f"={k}" for k in kinds], KINDS_MAX)
            # One kind alone is found with the other totals.
            if len(parts) > 1:
                yield _balance(link, name, moved, kind, parts, kinds, len(rows))


def _kinds_of_rows(data: Data, link: Link, kind: str, moved: str, stated: list[str]) -> list[Row]:
    found = data.ask(
        KINDS.format(
            key=_columns(link.key),
            stated=_columns(stated),
            table=sql.SQL(link.table.name),
            limit=sql.Literal(SAMPLE),
            child_key=_columns(link.child_key),
            kind=sql.Identifier(kind),
            moved=sql.Identifier(moved),
            child=sql.SQL(link.child.name),
            joined_key=_columns(link.key, "t"),
            joined_child_key=_columns(link.child_key, "k"),
        )
    )
    rows: list[Row] = found.get("rows") or []
    kinds = {name for row in rows for name in row if name.startswith("=")}
    none: Row = dict.fromkeys(kinds, 0.0)
    return [none | row for row in rows]


def _columns(names: list[str], *of: str) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(*of, name) for name in names)


def _balance(
    link: Link,
    stated: str,
    moved: str,
    kind: str,
    parts: dict[str, int],
    kinds: list[str],
    rows: int,
) -> Proposal:
    taken = [name[1:] for name, sign in parts.items() if sign < 0]
    listed = ", ".join(literal(name) for name in taken)
    amount = moved
    if taken:
        amount = (
            f"case when {quoted(kind)} in ({listed}) then -{quoted(moved)} else {quoted(moved)} end"
        )
    arguments = link.arguments(total=stated, amount=amount)
    if len(parts) < len(kinds):
        told = ", ".join(literal(name[1:]) for name in parts)
        arguments["child_where"] = f"{quoted(kind)} in ({told})"
    return Proposal(
        "sum_matches",
        arguments,
        f"{link.table.label}_{stated}_OF_{link.child.label}",
        "P2",
        # A kind that the data does not have yet may count, or not.
        is_certain=False,
        checked=rows,
        unit=link.table.label,
    )
