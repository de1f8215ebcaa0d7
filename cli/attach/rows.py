"""Finds rules that judge a row by itself: amounts, products, limits, values, order of times."""

import re
from collections.abc import Iterator
from itertools import permutations

from psycopg import sql

from .catalog import Column, Table
from .data import Data, rows_of
from .proposal import Proposal

ROWS_MIN = 20
VALUES_MIN = 8
STATUS_VALUES_MAX = 12
DISTINCT_MIN = 3
COUNTED = re.compile(
    r"quantity|qty|stock|on_?hand|allocat|reserved|total|amount|price|balance|num_|count|fee|cost"
    r"|weight|paid|debited|refunded|incl_tax|excl_tax|usage|units",
    re.I,
)
# Words that stand for no column unless they are quoted.
RESERVED = re.compile(
    "all|analyse|analyze|and|any|array|as|asc|asymmetric|authorization|binary|both|case"
    "|cast|check|collate|collation|column|concurrently|constraint|create|cross"
    "|current_catalog|current_date|current_role|current_schema|current_time"
    "|current_timestamp|current_user|default|deferrable|desc|distinct|do|else|end|except"
    "|false|fetch|for|foreign|freeze|from|full|grant|group|having|ilike|in|initially"
    "|inner|intersect|into|is|isnull|join|lateral|leading|left|like|limit|localtime"
    "|localtimestamp|natural|not|notnull|null|offset|on|only|or|order|outer|overlaps"
    "|placing|primary|references|returning|right|select|session_user|similar|some"
    "|symmetric|system_user|table|tablesample|then|to|trailing|true|union|unique|user"
    "|using|variadic|verbose|when|where|window|with"
)
QUANTITY = re.compile(r"quantity|qty|units|count", re.I)
PRICE = re.compile(r"price|cost|rate", re.I)
STATUS = re.compile(r"^(status|state)$|_(status|state)$", re.I)
# What may not exceed what, by names that belong together.
LIMITS = (
    (r"refunded", r"debited|paid|captured"),
    (r"debited|captured", r"allocated|authori[sz]ed"),
    (r"allocat|reserved", r"in_?stock|on_?hand|quantity"),
    (r"used|usage|spent", r"limit|max|budget|capacity|allowed"),
)
TIMES = (
    (r"creat|placed|opened|start", r"updat|modif|ship|paid|clos|end|expire|deliver|finish|complet"),
)

PRODUCT = sql.SQL(
    " ".join(
        (
            "select count(*) filter (where abs({0} - {1} * {2}) < 0.005) as agree,",
            "count(distinct {0}) as amounts, count(*) filter (where {1} > 1) as many from {3}",
        )
    )
)


def quoted(name: str) -> str:
    """Return a column as an expression of a rule names it.

    Args:
        name: The column.
    """
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) and not RESERVED.fullmatch(name)
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def find_row_rules(data: Data, table: Table) -> Iterator[Proposal]:
    """Yield the rules that one table supports by itself.

    Args:
        data: Where its rows are read.
        table: The table.
    """
    profile = _profile(data, table)
    count = profile.get("rows", 0)
    if count < ROWS_MIN:
        return
    for column in table.amounts:
        yield from _non_negative(table, column, profile, count)
    yield from _products(data, table, count)
    yield from _pairs(table, count)
    for column in table.columns:
        distinct = profile.get(f"{column.name}:distinct", 0)
        filled = profile.get(f"{column.name}:filled", 0)
        if STATUS.search(column.name) and 1 < distinct <= STATUS_VALUES_MAX:
            yield from _values(data, table, column, count)
        if filled >= ROWS_MIN and distinct >= filled * 0.97:
            yield from _unique(table, column, filled)


def _profile(data: Data, table: Table) -> dict[str, int]:
    parts: list[sql.Composable] = [sql.SQL('count(*) as "rows"')]
    for column in table.columns:
        name = sql.Identifier(column.name)
        if column.category in "NSEU" and column.type != "json":
            measures = {"distinct": "count(distinct {0}::text)", "filled": "count({0})"}
        else:
            continue
        if column.category == "N":
            measures["negative"] = "count(*) filter (where {0} < 0)"
        parts += [
            sql.SQL("{} as {}").format(
                sql.SQL(measure).format(name), sql.Identifier(f"{column.name}:{label}")
            )
            for label, measure in measures.items()
        ]
    return data.ask(sql.SQL("select {} from {}").format(sql.SQL(", ").join(parts), rows_of(table)))


def _non_negative(
    table: Table, column: Column, profile: dict[str, int], count: int
) -> Iterator[Proposal]:
    if f"{column.name}" in table.checks and ">=" in table.checks:
        return
    if not COUNTED.search(column.name) or profile.get(f"{column.name}:filled", 0) < ROWS_MIN:
        return
    if profile.get(f"{column.name}:negative", 0) > count * 0.03:
        return
    yield Proposal(
        "non_negative",
        {"table": table.name, "amount": column.name},
        f"{table.label}_{column.name}_NOT_NEGATIVE",
        "P1" if re.search(r"stock|on_?hand|balance", column.name, re.I) else "P2",
        # What never varies says nothing about what it may become.
        is_certain=profile.get(f"{column.name}:distinct", 0) >= DISTINCT_MIN,
        checked=count,
    )


def _products(data: Data, table: Table, count: int) -> Iterator[Proposal]:
    quantities = [c.name for c in table.amounts if QUANTITY.search(c.name)]
    prices = [c.name for c in table.amounts if PRICE.search(c.name)]
    for quantity in quantities:
        for price in prices:
            for target in table.amounts:
                if target.name in (quantity, price) or quantity == price:
                    continue
                a, b, c = (sql.Identifier(n) for n in (target.name, quantity, price))
                found = data.ask(PRODUCT.format(a, b, c, rows_of(table)))
                if (
                    found.get("agree", 0) >= count * 0.97
                    and found["amounts"] >= VALUES_MIN
                    and found["many"] >= VALUES_MIN
                ):
                    yield Proposal(
                        "sum_matches",
                        {
                            "table": table.name,
                            "total": target.name,
                            "amount": f"{quoted(quantity)} * {quoted(price)}",
                        },
                        f"{table.label}_{target.name}_PRODUCT",
                        "P1",
                        is_certain=tax_of(target.name) == tax_of(price),
                        checked=count,
                    )


def tax_of(name: str) -> str:
    """Return whether the name of an amount says that tax is in it: '' when it does not say.

    Args:
        name: A column.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    return next((word[:4] for word in words if word[:4] in ("incl", "excl", "gros", "net")), "")


def _pairs(table: Table, count: int) -> Iterator[Proposal]:
    for low, high in permutations(table.amounts, 2):
        for is_low, is_high in LIMITS:
            if re.search(is_low, low.name, re.I) and re.search(is_high, high.name, re.I):
                if re.search(is_low, high.name, re.I):
                    continue
                yield Proposal(
                    "limit",
                    {"table": table.name, "limit": high.name, "amount": low.name},
                    f"{table.label}_{low.name}_WITHIN_{high.name}",
                    "P1",
                    is_certain=True,
                    checked=count,
                )
    times = [c for c in table.columns if c.category == "D" and c.type != "time"]
    for early, late in permutations(times, 2):
        for is_early, is_late in TIMES:
            if re.search(is_early, early.name, re.I) and re.search(is_late, late.name, re.I):
                yield Proposal(
                    "limit",
                    {
                        "table": table.name,
                        "limit": f"extract(epoch from {quoted(late.name)})",
                        "amount": f"extract(epoch from {quoted(early.name)})",
                    },
                    f"{table.label}_{early.name}_BEFORE_{late.name}",
                    "P3",
                    is_certain=False,
                    checked=count,
                )


def _values(data: Data, table: Table, column: Column, count: int) -> Iterator[Proposal]:
    if column.name in table.checks or column.category == "E":
        return
    found = data.ask(
        sql.SQL(
            "select array_agg(distinct {0}::text) as values from {1} where {0} is not null"
        ).format(sql.Identifier(column.name), rows_of(table))
    )
    if found.get("values"):
        yield Proposal(
            "accepted_values",
            {"table": table.name, "column": column.name, "values": found["values"]},
            f"{table.label}_{column.name}_KNOWN",
            "P3",
            is_certain=False,
            checked=count,
        )


def _unique(table: Table, column: Column, filled: int) -> Iterator[Proposal]:
    pattern = r"number|(^|_)no$|No$|sku|upc|(^|_)code$|invoice|slug|(^|_)ref(erence)?$|email"
    if not re.search(pattern, column.name, re.I):
        return
    # Unique already, by itself or with another column, which then distinguishes them.
    if any(column.name in unique for unique in table.uniques):
        return
    if any(column.name in reference.columns for reference in table.references):
        return
    yield Proposal(
        "unique",
        {
            "table": table.name,
            "columns": [column.name],
            "is_normalized": column.category == "S",
        },
        f"{table.label}_{column.name}_UNIQUE",
        "P1" if re.search("number|invoice|sku", column.name, re.I) else "P2",
        is_certain=bool(re.search(r"number|No$|(^|_)no$|invoice|sku|upc", column.name, re.I)),
        checked=filled,
    )
