"""Values of every type, made at random as expressions of SQL."""

import random
from collections.abc import Callable

BASIC = {
    "integer": lambda c: str(c.randint(-99, 99)),
    "bigint": lambda c: str(c.choice([0, 7, -(2**62), 2**53 + 1])),
    "numeric": lambda c: c.choice(["1.10", "'NaN'", "0.000", "-7.5", "1e20", "'Infinity'"]),
    "double precision": lambda c: c.choice(["0.1::float8 + 0.2", "'-0'", "'NaN'", "'infinity'"]),
    "text": lambda c: c.choice(["'a'", "'é'", "''", "e'line\\nbreak'", "'\\x5'", "' '"]),
    "character varying": lambda c: c.choice(["'short'", "'B'", "'ß'"]),
    "boolean": lambda c: c.choice(["true", "false"]),
    "date": lambda c: c.choice(["date '2024-02-29'", "'infinity'", "date '0044-03-15 BC'"]),
    "timestamp with time zone": lambda c: c.choice(
        ["timestamptz '2026-03-29 01:30:00+00'", "'-infinity'"]
    ),
    "interval": lambda c: c.choice(["interval '1 mon -3 days'", "interval '00:00:00.5'"]),
    "bytea": lambda c: c.choice(["'\\x00ff'::bytea", "''::bytea"]),
    "jsonb": lambda c: c.choice(
        ["""'{"a": null, "b": [1.0, null]}'""", "'null'", "'[]'", """'{"n": 1.00}'"""]
    ),
    "json": lambda c: c.choice(['\'{"b":1, "a" : 2}\'', "'null'"]),
    "xml": lambda c: c.choice(["'<a/>'", "'<b>x</b>'"]),
    "uuid": lambda c: f"'00000000-0000-4000-8000-{c.randint(0, 99):012}'",
    "inet": lambda c: c.choice(["'10.0.0.1/8'", "'::1'"]),
    "int4range": lambda c: c.choice(["'[1,5)'", "'empty'", "'(,)'"]),
}


def random_value(
    choose: random.Random, rows: Callable[..., list[tuple]], number: int, depth: int = 0
) -> str:
    """Make a value of a type as an expression.

    Args:
        choose: Makes every choice.
        rows: Asks the catalog.
        number: The type's oid.
        depth: How many types it is inside of.
    """

    def part(number: int) -> str:
        return random_value(choose, rows, number, depth + 1)

    if choose.random() < 0.1 or depth > 4:
        return "null"
    name, kind, base, element, relation = rows(
        "select format_type(oid, null), typtype::text, typbasetype::bigint,"
        " case when typcategory = 'A' then typelem::bigint else 0 end, typrelid::bigint"
        " from pg_type where oid = %s",
        number,
    )[0]
    made = "null"
    if element:
        made = f"array[{part(element)}, null]"
    elif kind == "e":
        labels = rows(
            "select quote_literal(enumlabel) from pg_enum where enumtypid = %s"
            " order by enumsortorder",
            number,
        )
        made = choose.choice(labels)[0]
    elif kind == "d":
        made = part(base)
    elif kind == "c":
        parts = rows(
            "select atttypid::bigint from pg_attribute where attrelid = %s and attnum > 0"
            " and not attisdropped order by attnum",
            relation,
        )
        made = f"row({', '.join(part(type_number) for (type_number,) in parts)})"
    elif kind == "m":
        made = "'{}'"
    elif name in BASIC:
        made = BASIC[name](choose)
    elif kind == "r":
        ((subtype,),) = rows("select rngsubtype::bigint from pg_range where rngtypid = %s", number)
        low = part(subtype)
        made = f"{name}({low}, {choose.choice([low, 'null'])}, '[]')"
    return f"({made})::{name}"
