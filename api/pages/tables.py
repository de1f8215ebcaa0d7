"""What a page of tables consists of."""

from typing import Any, NamedTuple

Rows = list[dict[str, Any]]


class Column(NamedTuple):
    """A column: its heading, the member that it shows, and how (text, sign, ago, code, …)."""

    title: str
    member: str
    kind: str = "text"


class Table(NamedTuple):
    """A table of a page, or the sentence that stands where it would be empty."""

    title: str
    columns: tuple[Column, ...]
    rows: Rows
    empty: str = "None."

    @property
    def filled(self) -> list[Column]:
        """Return the columns that some row fills in."""
        return [c for c in self.columns if any(r[c.member] not in (None, "") for r in self.rows)]


class Listing(NamedTuple):
    """A page: the biggest text, its status, what is said below it, its tables and its chart."""

    title: str
    status: str
    sentence: str
    also: list[str]
    tables: list[Table]
    chart: str | None = None

    @property
    def groups(self) -> list[list[Table]]:
        """Return the tables as panels: one for each, one for those without rows that follow."""
        groups: list[list[Table]] = []
        for table in self.tables:
            if groups and not (table.rows or groups[-1][-1].rows):
                groups[-1].append(table)
            else:
                groups.append([table])
        return groups
