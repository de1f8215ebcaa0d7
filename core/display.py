"""Shows results to people: words in colour on a terminal, plain text anywhere else.

NO_COLOR switches the colours off. A table keeps to the terminal's width; what is piped is neither
coloured nor cut, so that grep and awk find whole values.
"""

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from .output import printable, spelled

# Lines of text are wrapped here, also on a wider terminal: longer ones are hard to read.
LINE_COLUMNS = 100
# No value is as wide, so that no table of a pipe is cut.
PIPE_COLUMNS = 10_000
COLUMN_MIN = 6
GAP = 2
INDENT = 4
STYLES = {
    style: words.split()
    for style, words in {
        "green": "holds ok pass passed true running ready RESOLVED CLOSED done succeeded valid"
        " success INSERT",
        "yellow": "unknown UNKNOWN warning waiting disabled P3 P4 AUTO_HEALING stale UPDATE P2",
        "bold red": "violated VIOLATED critical fail failed wrong dead absent OPEN ESCALATED P1"
        " safe invalid overdue DELETE TRUNCATE",
    }.items()
}
GRID: dict[str, Any] = {"box": None, "show_header": False, "pad_edge": False}
WORDS = {word: style for style, words in STYLES.items() for word in words}


class Row(NamedTuple):
    """The cells of a row of a table, and what is said below it."""

    cells: Sequence[object]
    notes: Sequence[str] = ()


def console() -> Console:
    """Return where results are shown, as wide as what reads them."""
    found = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not sys.stdout.isatty():
        found.width = int(os.environ.get("COLUMNS") or PIPE_COLUMNS)
    return found


def show(*parts: RenderableType) -> None:
    """Print parts below each other.

    Args:
        parts: Lines of text, and what `table` and `facts` return.
    """
    target = console()
    with target.capture() as captured:
        for part in parts:
            target.print(word(part) if isinstance(part, str) else part)
    print(spelled(re.sub(r"[ ]+$", "", captured.get(), flags=re.M)), end="")


def word(value: object) -> Text:
    """Return a value as text, in its colour if it is the word of a state.

    Args:
        value: Anything; null is shown as a dash.
    """
    if isinstance(value, Text):
        return value
    text = "-" if value is None else printable(str(value))
    return Text(text, style=WORDS.get(text, ""))


def table(heads: Mapping[str, int], rows: Iterable[Row]) -> Group:
    """Return a table with a line for each row.

    Args:
        heads: The columns with the least width of each; numbers stand to the right.
        rows: The rows.
    """
    found = list(rows)
    shown = [[word(cell) for cell in row.cells] for row in found]
    widths = [
        max([least, len(head), *(line[position].cell_len for line in shown)])
        for position, (head, least) in enumerate(heads.items())
    ]
    _fit(widths, console().width)
    are_numbers = [
        any(isinstance(row.cells[position], int | float) for row in found)
        for position in range(len(widths))
    ]
    parts: list[RenderableType] = [
        _line([Text(head, style="bold") for head in heads], widths, are_numbers)
    ]
    for row, line in zip(found, shown, strict=True):
        parts.append(_line(line, widths, are_numbers))
        parts += [Text(said) for note in row.notes for said in indented(note)]
    return Group(*parts)


def _fit(widths: list[int], width: int) -> None:
    """Take from the widest column until the table is as wide as the terminal."""
    while sum(widths) + GAP * (len(widths) - 1) > width and max(widths) > COLUMN_MIN:
        widths[widths.index(max(widths))] -= 1


def _line(cells: Sequence[Text], widths: Sequence[int], are_numbers: Sequence[bool]) -> Table:
    columns = [
        Column(width=width, justify="right" if is_number else "left", overflow="fold")
        for width, is_number in zip(widths, are_numbers, strict=True)
    ]
    line = Table(*columns, **GRID, padding=(0, GAP, 0, 0))
    line.add_row(*cells)
    return line


def facts(pairs: Iterable[tuple[str, object]], width: int = 12) -> Table:
    """Return one line for each fact: its name and what is so.

    Args:
        pairs: Names with sentences; a name may be empty.
        width: How wide the names are.
    """
    grid = Table(
        Column(width=width, style="bold"), Column(overflow="fold"), **GRID, padding=(0, 1, 0, 0)
    )
    for name, value in pairs:
        grid.add_row(word(name), word(value))
    return grid


def indented(text: str, lines_max: int = 4) -> Iterator[str]:
    """Yield a text in lines that stand below what they explain.

    Args:
        text: The text.
        lines_max: How many lines at most.
    """
    yield from textwrap.wrap(
        printable(text),
        min(LINE_COLUMNS, console().width),
        initial_indent=" " * INDENT,
        subsequent_indent=" " * INDENT,
        max_lines=lines_max,
    )


def moment(text: str | None) -> str:
    """Return a time of the database's JSON in this machine's zone, or a dash.

    Args:
        text: An ISO 8601 timestamp.
    """
    return datetime.fromisoformat(text).astimezone().strftime("%m-%d %H:%M") if text else "-"


def violations(found: Sequence[Mapping[str, Any]], count: int) -> Iterator[RenderableType]:
    """Yield the rows that violate an invariant, as the pages of the database list them.

    Args:
        found: Rows with `subject`, `explanation` and `first_seen_at`.
        count: How many there are in all.
    """
    if not found:
        return
    yield ""
    yield table(
        {"VIOLATION": 20, "SINCE": 11},
        (
            Row([row["subject"], moment(row["first_seen_at"])], [row["explanation"]])
            for row in found
        ),
    )
    if count > len(found):
        yield f"and {count - len(found)} more"
