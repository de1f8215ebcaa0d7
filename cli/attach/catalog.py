"""What the catalog says about the tables of an application, and what names say about them."""

import re
from dataclasses import dataclass
from typing import Any

import psycopg

from ...core.statements import statement

# Tables that only programs care about: the log would fill with them. What is written by who only
# reads (sessions, caches, login attempts) is not here: the database knows it, because safe mode
# leaves it out as well.
TECHNICAL = re.compile(
    r"(^|_)jobs?($|_(record|run|queue))|celery|migration|schema_version|alembic|_log$|^log|_logs$"
    r"|attempt|tracking|recordview|(user|product)record$|userproductview|usersearch|searchquery"
    r"|visit|content_?type|thumbnail|django_site|nonce|heartbeat|_prisma",
    re.I,
)
SECRET = re.compile(
    r"passw|secret|token|api_?key|(^|_)hash$|salt$|private_?key|otp|pin_?code", re.I
)
PERSONAL = re.compile(
    r"e_?mail|phone|birth|iban|card_?number|ssn|tax_?id|first_?name|last_?name|street|postcode"
    r"|zip|line[1-4]$|ip_?address",
    re.I,
)


@dataclass(frozen=True)
class Column:
    """A column: its category is that of PostgreSQL, `N` for numbers."""

    name: str
    category: str
    type: str
    is_identity: bool


@dataclass(frozen=True)
class Reference:
    """A foreign key."""

    table: str
    columns: list[str]
    parent_columns: list[str]
    is_valid: bool


@dataclass(frozen=True)
class Table:
    """A table of the application."""

    name: str
    schema: str
    label: str
    row_estimate: int
    is_guarded: bool
    is_audited: bool
    key: list[str]
    columns: list[Column]
    uniques: list[list[str]]
    references: list[Reference]
    checks: str
    is_left_out: bool
    is_ours: bool

    @property
    def is_technical(self) -> bool:
        """Whether its name says that it holds no business."""
        return self.is_left_out or bool(TECHNICAL.search(self.label))

    @property
    def is_business(self) -> bool:
        """Whether it is to be guarded, and can be."""
        return self.is_ours and not self.is_technical and bool(self.columns)

    @property
    def secrets(self) -> list[str]:
        """Columns that the log must not hold."""
        return [c.name for c in self.columns if SECRET.search(c.name) and c.name not in self.key]

    @property
    def personal(self) -> list[str]:
        """Columns that name a person."""
        return [
            c.name
            for c in self.columns
            if PERSONAL.search(c.name) and c.name not in self.key and c.name not in self.secrets
        ]

    @property
    def amounts(self) -> list[Column]:
        """Numeric columns that are no key and no reference."""
        linked = {name for reference in self.references for name in reference.columns}
        return [
            c
            for c in self.columns
            if c.category == "N"
            and c.name not in linked
            and c.name not in self.key
            and not c.is_identity
            and not re.search(r"(^|_)u?id$|Id$", c.name)
        ]


def read_tables(connection: psycopg.Connection[Any], schemas: list[str] | None) -> list[Table]:
    """Return the tables of the application.

    Args:
        connection: A session that may read the catalog.
        schemas: The schemas to look at, or None for all.
    """
    rows = connection.execute(statement(__package__, "catalog"), [schemas]).fetchall()
    return [
        Table(
            name=row[0],
            schema=row[1],
            label=row[2],
            row_estimate=row[3],
            is_guarded=row[4],
            is_audited=row[5],
            key=row[6],
            columns=[
                Column(c["name"], c["category"], c["type"], c["isIdentity"]) for c in row[7] or []
            ],
            uniques=row[8],
            references=[
                Reference(r["table"], r["columns"], r["parentColumns"], r["isValid"])
                for r in row[9]
            ],
            checks=row[10],
            is_left_out=row[11],
            is_ours=row[12],
        )
        for row in rows
    ]
