"""Honest work at random: DDL and writes of every kind, made from a seed, the same everywhere.

The steps are chosen by what the catalog of a bare twin holds, so that nothing needs to be kept in
mind, and each is one transaction.
"""

import random
from collections.abc import Callable

import psycopg

from .random_values import BASIC, random_value

ROLE = "wanderer"
SCHEMAS = ("own", "side", '"Third Room"')
# What a column's type may become, besides itself again.
WIDER = {
    "integer": ["bigint", "numeric", "text", "double precision"],
    "bigint": ["numeric", "text"],
    "numeric": ["text", "numeric(40, 3)"],
    "text": ["character varying", 'text collate "C"', "bytea"],
    "character varying": ["text", "character varying(400)"],
    "date": ["timestamp with time zone", "text"],
    "json": ["jsonb", "text"],
    "jsonb": ["json", "text"],
    "boolean": ["text"],
    "uuid": ["text"],
    "interval": ["text"],
    "inet": ["text"],
}


class Wanderer:
    """Chooses steps by a seed, seen as whoever owns the application's tables.

    Args:
        bare: A session on a database without Plumbline, which is asked what there is.
        seed: Makes every choice.
    """

    def __init__(self, bare: psycopg.Connection, seed: int) -> None:
        self.bare = bare
        self.choose = random.Random(seed)
        self.count = 0

    def step(self) -> list[str]:
        """Return the statements of one transaction."""
        while True:
            self.count += 1
            way = self.choose.choices(list(WAYS), list(WAYS.values()))[0]
            try:
                return way(self)
            except IndexError:  # there is nothing of the kind
                continue

    def rows(self, query: str, *arguments: object) -> list[tuple]:
        """Ask the bare twin."""
        return self.bare.execute(query, arguments).fetchall()

    def one(self, query: str, *arguments: object) -> tuple:
        """Choose one row of those that the bare twin answers with."""
        return self.choose.choice(self.rows(query + " order by 1", *arguments))

    def name(self, prefix: str = "n") -> str:
        """Make a new name, also one that needs quoting or is a word of SQL."""
        form = self.choose.choice(["{}_{}", '"{} {}"', '"{}.{}"', '"{}É{}"', "{}{}", '"user{}{}"'])
        return form.format(prefix, self.count)

    def schema(self) -> str:
        """Choose a schema."""
        return self.one(
            "select quote_ident(nspname) from pg_namespace where nspowner = %s::regrole", ROLE
        )[0]

    def table(self, kinds: str = "rp", is_part: bool = False) -> str:
        """Choose a table that is no partition, or one that is."""
        return self.one(
            "select c.oid::regclass::text from pg_class as c where c.relowner = %s::regrole"
            " and strpos(%s, c.relkind::text) > 0 and c.relispartition = %s",
            ROLE,
            kinds,
            is_part,
        )[0]

    def column(self, table: str) -> tuple[str, str, int]:
        """Choose a column other than the key: its name, type and the type's number."""
        return self.one(
            "select quote_ident(a.attname), format_type(a.atttypid, null), a.atttypid::bigint"
            " from pg_attribute as a where a.attrelid = %s::regclass and a.attnum > 0"
            " and not a.attisdropped and a.attname not in ('id', 'region', 'amount')",
            table,
        )

    def type(self) -> str:
        """Choose a type: a basic one, one of the application's own, or an array of one."""
        own = [
            name
            for (name,) in self.rows(
                "select format_type(t.oid, null) from pg_type as t"
                " left join pg_class as c on c.oid = t.typrelid"
                " where t.typowner = %s::regrole and t.typtype in ('e', 'd', 'r', 'm', 'c')"
                " and coalesce(c.relkind, 'c') in ('c', 'r') order by 1",
                ROLE,
            )
        ]
        name = self.choose.choice([*BASIC, *own, *own])
        return name + ("[]" if self.choose.random() < 0.15 else "")

    def value(self, number: int) -> str:
        """Make a value of a type, which is known by its number, as an expression."""
        return random_value(self.choose, self.rows, number)

    def insert(self, table: str) -> str:
        """Insert a few rows."""
        columns = self.rows(
            "select quote_ident(attname), atttypid::bigint, attname from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attgenerated = '' order by attnum",
            table,
        )
        rows = []
        for _ in range(self.choose.choice([1, 1, 3, 20])):
            self.count += 1
            values = [
                str(self.count)
                if name == "id"
                else f"'{self.choose.choice(['eu', 'us', 'ab'])}'"
                if name == "region"
                else str(self.count % 50)
                if name == "amount"
                else self.value(number)
                for _quoted, number, name in columns
            ]
            rows.append(f"({', '.join(values)})")
        names = ", ".join(quoted for quoted, _number, _name in columns)
        return f"insert into {table} ({names}) values {', '.join(rows)}"

    def write(self) -> str:
        """Write to some table."""
        table = self.table()
        kind = self.choose.random()
        if kind < 0.45:
            return self.insert(table)
        some = f"id % {self.choose.randint(2, 5)} = 0"
        if kind < 0.85:
            column, _name, number = self.column(table)
            return f"update {table} set {column} = {self.value(number)} where {some}"
        if kind < 0.93:
            return f"delete from {table} where {some}"
        return (
            f"update {table} set id = id + 100000 where {some}"
            if kind < 0.97
            else (f"truncate {table}")
        )


def writes(w: Wanderer) -> list[str]:
    """Write once, or several times in one transaction."""
    return [w.write() for _ in range(w.choose.choice([1, 1, 2, 4]))]


def create_table(w: Wanderer) -> list[str]:
    """Create a table, half of them in parts."""
    table = f"{w.schema()}.{w.name('t')}"
    columns = ", ".join(f"c{w.count}_{n} {w.type()}" for n in range(w.choose.randint(1, 5)))
    if w.choose.random() < 0.7:
        return [f"create table {table} (id bigint primary key, amount integer, {columns})"]
    part = table[:-1] + '_eu"' if table.endswith('"') else table + "_eu"
    rest = part.replace("_eu", "_rest")
    return [
        f"create table {table} (id bigint, region text, amount integer, {columns},"
        " primary key (id, region)) partition by list (region)",
        f"create table {part} partition of {table} for values in ('eu')",
        f"create table {rest} partition of {table} default",
    ]


def alter_columns(w: Wanderer) -> list[str]:
    """Add, drop, rename or change a column."""
    table = w.table()
    column, kind, number = w.column(table)
    new = w.choose.choice([kind, *WIDER.get(kind, [])])
    cast = new.split(" collate")[0]
    return [
        w.choose.choice(
            [
                f"alter table {table} add {w.name('a')} {w.type()}",
                f"alter table {table} add {w.name('a')} integer default 7",
                f"alter table {table} add {w.name('a')} text not null default 'x'",
                f"alter table {table} add {w.name('g')} bigint generated always as (id * 2) stored",
                f"alter table {table} drop column {column}",
                f"alter table {table} rename column {column} to {w.name('r')}",
                f"alter table {table} alter {column} type {new} using {column}::{cast}",
                f"alter table {table} alter {column} set default {w.value(number)}",
                f"alter table {table} alter {column} drop default",
                f"alter table {table} alter {column} set not null",
                f"alter table {table} alter {column} set storage external",
                f"alter table {table} alter {column} set statistics 10",
            ]
        )
    ]


def alter_table(w: Wanderer) -> list[str]:
    """Change a table as a whole."""
    table = w.table(is_part=w.choose.random() < 0.2)
    return [
        w.choose.choice(
            [
                f"alter table {table} rename to {w.name('t')}",
                f"alter table {table} set schema {w.schema()}",
                f"alter table {table} set unlogged",
                f"alter table {table} set logged",
                f"alter table {table} add constraint {w.name('k')} check (amount < 1000)",
                f"alter table {table} replica identity full",
                f"alter table {table} set (fillfactor = 50)",
                f"alter table {table} enable row level security",
                f"create index on {table} (amount)",
                f"create index on {table} ((amount + 1)) where amount > 3",
                f"create view {w.schema()}.{w.name('v')} as select id, amount from {table}",
                f"comment on table {table} is 'changed'",
                f"cluster {table} using {w.name('no')}",
                f"grant select on {table} to public",
                f"analyze {table}",
            ]
        )
    ]


def swap(w: Wanderer) -> list[str]:
    """Put another table in the place of one, as some migration tools do."""
    table = w.table("r")
    schema, _dot, own = table.rpartition(".")
    new, old = w.name("new"), w.name("old")
    own = own if table.count('"') < 2 or not table.endswith('"') else table[len(schema) + 1 :]
    begin = [
        f"create table {schema}.{new} (like {table} including all)",
        f"insert into {schema}.{new} select * from {table}",
    ]
    if w.choose.random() < 0.5:
        return [*begin, f"drop table {table}", f"alter table {schema}.{new} rename to {own}"]
    return [
        *begin,
        f"alter table {table} rename to {old}",
        f"alter table {schema}.{new} rename to {own}",
    ]


def partitions(w: Wanderer) -> list[str]:
    """Detach, attach or make a part."""
    table = w.table("p")
    if w.choose.random() < 0.4:
        part = w.one(
            "select inhrelid::regclass::text from pg_inherits where inhparent = %s::regclass", table
        )[0]
        if w.choose.random() < 0.5:
            return [f"alter table {table} detach partition {part}"]
        bound = "default" if "rest" in part else "for values in ('eu')"
        return [
            f"alter table {table} detach partition {part}",
            f"update {part} set amount = 1",
            f"alter table {table} attach partition {part} {bound}",
        ]
    return [
        f"create table {w.schema()}.{w.name('p')} partition of {table}"
        f" for values in ('{w.choose.choice(['us', 'eu', 'x'])}{w.count % 3}')"
    ]


def drop_table(w: Wanderer) -> list[str]:
    """Drop a table, or drop it and make it anew."""
    table = w.table()
    if w.choose.random() < 0.5:
        return [f"drop table {table} cascade"]
    return [
        f"drop table {table} cascade",
        f"create table {table} (id bigint primary key, amount integer, v text)",
        f"insert into {table} values (1, 1, 'anew')",
    ]


def create_type(w: Wanderer) -> list[str]:
    """Create a type of some kind."""
    name = f"{w.schema()}.{w.name('y')}"
    subtype = w.choose.choice(["numeric", "date", "text"])
    return [
        w.choose.choice(
            [
                f"create type {name} as enum ('low', 'mid', 'high')",
                f"create type {name} as (a {w.type()}, b integer)",
                f"create domain {name} as {w.type()}",
                f"create domain {name} as integer check (value < 1000)",
                f"create type {name} as range (subtype = {subtype})",
            ]
        )
    ]


def alter_type(w: Wanderer) -> list[str]:
    """Change a type of some kind."""
    name, kind, relation = w.one(
        "select format_type(t.oid, null), t.typtype::text, t.typrelid::bigint from pg_type as t"
        " left join pg_class as c on c.oid = t.typrelid where t.typowner = %s::regrole"
        " and t.typtype in ('e', 'd', 'r', 'c') and coalesce(c.relkind, 'c') = 'c'",
        ROLE,
    )
    ways = [
        f"alter type {name} rename to {w.name('y')}",
        f"alter type {name} set schema {w.schema()}",
    ]
    if kind == "e":
        label = w.one("select enumlabel from pg_enum where enumtypid = %s::regtype", name)[0]
        ways += 2 * [
            f"alter type {name} add value 'v{w.count}'",
            f"alter type {name} add value 'v{w.count}' before '{label}'",
            f"alter type {name} rename value '{label}' to 'w{w.count}'",
        ]
    elif kind == "c":
        attribute = w.one(
            "select quote_ident(attname) from pg_attribute where attrelid = %s"
            " and attnum > 0 and not attisdropped",
            relation,
        )[0]
        ways += 2 * [
            f"alter type {name} rename attribute {attribute} to {w.name('b')} cascade",
            f"alter type {name} add attribute {w.name('b')} {w.type()} cascade",
            f"alter type {name} drop attribute {attribute} cascade",
            f"alter type {name} alter attribute {attribute} type text cascade",
        ]
    elif kind == "d":
        ways += [
            f"alter domain {name} add constraint {w.name('d')} check (value is not null) not valid",
            f"alter domain {name} set default null",
            f"alter domain {name} set not null",
            f"alter domain {name} drop not null",
        ]
    else:
        ways.append(f"drop type {name} cascade")
    return [w.choose.choice(ways)]


def schemas(w: Wanderer) -> list[str]:
    """Rename a schema other than the first."""
    name = w.one(
        "select quote_ident(nspname) from pg_namespace where nspowner = %s::regrole"
        " and nspname <> 'own'",
        ROLE,
    )[0]
    return [f"alter schema {name} rename to {w.name('s')}"]


def functions(w: Wanderer) -> list[str]:
    """Add code of the application's own: a trigger, a cast."""
    table, name = w.table("r"), w.name("f")
    schema = w.schema()
    if w.choose.random() < 0.7:
        return [
            f"create function {schema}.{name}() returns trigger language plpgsql as"
            " $$ begin new.amount := coalesce(new.amount, 0); return new; end $$",
            f"create trigger {name} before insert or update on {table}"
            f" for each row execute function {schema}.{name}()",
        ]
    kind = w.one(
        "select format_type(oid, null) from pg_type where typowner = %s::regrole"
        " and typtype in ('e', 'r')",
        ROLE,
    )[0]
    return [
        f"create function {schema}.{name}({kind}) returns integer language sql immutable"
        " as 'select 1'",
        f"create cast ({kind} as integer) with function {schema}.{name}({kind})",
    ]


def data_and_ddl(w: Wanderer) -> list[str]:
    """Change data and tables in one transaction, as migrations do."""
    return [w.write(), *alter_columns(w), w.write()]


WAYS: dict[Callable[[Wanderer], list[str]], int] = {
    writes: 40,
    create_table: 6,
    alter_columns: 18,
    alter_table: 12,
    swap: 3,
    partitions: 6,
    drop_table: 2,
    create_type: 5,
    alter_type: 14,
    schemas: 1,
    functions: 2,
    data_and_ddl: 6,
}
