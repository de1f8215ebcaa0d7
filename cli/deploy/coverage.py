"""Reads how much of the code the tests ran from whatever a test runner wrote.

Cobertura XML, coverage.py's JSON, Istanbul's JSON summary and lcov are distinguished by their first
character. Only lines count: coverage.py's own percentage mixes in branches, and a rate rounded
to four digits is worse than the counts beside it. The file comes from a build, so it is not
trusted: no entity is expanded, and its size has a limit.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from ...core.errors import PlumbError

SIZE_BYTES_MAX = 256 * 1024 * 1024
# No program has more lines than this many digits can count.
DIGITS_MAX = 15


class NotCoverage(ValueError):
    """What is wrong with a report, in words."""


@dataclass(frozen=True)
class LineCoverage:
    """Lines that the tests ran.

    Args:
        covered: How many ran; None where the report says only a rate.
        total: How many could have run; None where the report says only a rate.
        percent: From 0 to 100.
    """

    covered: int | None
    total: int | None
    percent: float


def read_coverage(path: Path) -> LineCoverage:
    """Return the line coverage that a report states.

    Args:
        path: The report.

    Raises:
        PlumbError: It cannot be read or understood; exit code 2, for nothing can be judged.
    """
    try:
        if path.stat().st_size > SIZE_BYTES_MAX:
            raise NotCoverage(f"it is larger than {SIZE_BYTES_MAX} bytes")
        return parse_coverage(path.read_bytes())
    except OSError as error:
        raise PlumbError(
            f"coverage report {path} cannot be read: {error.strerror}",
            "Let the tests write it first.",
        ) from error
    except NotCoverage as error:
        raise PlumbError(
            f"coverage report {path} cannot be used: {error}",
            "Cobertura XML, coverage.py's JSON, Istanbul's json-summary or lcov are understood.",
        ) from error


def parse_coverage(content: bytes) -> LineCoverage:
    """Return the line coverage that a report's bytes state.

    Args:
        content: The whole report.

    Raises:
        NotCoverage: It is damaged, of no known format, or measured no line.
    """
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise NotCoverage("it is empty")
    if start.startswith(b"<"):
        return _from_cobertura(start)
    if start.startswith(b"{"):
        return _from_json(start)
    if start.startswith((b"TN:", b"SF:")):
        return _from_lcov(start)
    raise NotCoverage("it is of no known format")


def _from_counts(covered: object, total: object) -> LineCoverage:
    lines_covered, lines = _count(covered), _count(total)
    if lines == 0:
        raise NotCoverage("it measured no line")
    if lines_covered > lines:
        raise NotCoverage(f"{lines_covered} of {lines} lines cannot be covered")
    return LineCoverage(lines_covered, lines, 100 * lines_covered / lines)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotCoverage(f"{str(value)[:40]!r} is not a number of lines")
    return value


def _from_cobertura(content: bytes) -> LineCoverage:
    root: dict[str, str] = {}
    names: list[str] = []

    def start_element(name: str, attributes: dict[str, str]) -> None:
        if not names:
            root.update(attributes)
            names.append(name)

    def refuse_entity(name: str, *_rest: object) -> None:
        raise NotCoverage(f"it declares the entity {name[:40]!r}")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start_element
    parser.EntityDeclHandler = refuse_entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise NotCoverage(f"it is not XML: {error}") from error
    if names != ["coverage"]:
        raise NotCoverage(f"its root is <{names[0][:40]}>, not <coverage>")
    if "lines-valid" in root and "lines-covered" in root:
        counts = (root["lines-covered"], root["lines-valid"])
        return _from_counts(
            *(int(c) if c.isdecimal() and len(c) <= DIGITS_MAX else c for c in counts)
        )
    try:
        rate = float(root["line-rate"])
    except (KeyError, ValueError):
        raise NotCoverage("<coverage> states neither lines-valid nor line-rate") from None
    # NaN fails this too.
    if not 0 <= rate <= 1:
        raise NotCoverage(f"line-rate {rate} is not between 0 and 1")
    return LineCoverage(None, None, 100 * rate)


def _from_json(content: bytes) -> LineCoverage:
    try:
        report = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotCoverage(f"it is not JSON: {error}") from error
    totals = report.get("totals")
    if isinstance(totals, dict) and "num_statements" in totals:
        return _from_counts(totals.get("covered_lines"), totals["num_statements"])
    total = report.get("total")
    lines = total.get("lines") if isinstance(total, dict) else None
    if isinstance(lines, dict) and "total" in lines:
        return _from_counts(lines.get("covered"), lines["total"])
    raise NotCoverage("it has neither totals.num_statements nor total.lines.total")


def _from_lcov(content: bytes) -> LineCoverage:
    # A file may have a record for each test: a line is covered if any of them ran it.
    hits: dict[tuple[str, int], bool] = {}
    summed_covered = summed_total = 0
    source = ""
    found: dict[str, int] = {}
    has_lines = False
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        kind, _, value = line.strip().partition(":")
        try:
            if kind == "SF":
                if source:
                    raise NotCoverage(f"line {number} begins a file within a file")
                source, found, has_lines = value, {}, False
            elif kind == "DA":
                line_number, count = value.split(",")[:2]
                key = (source, int(line_number))
                hits[key] = hits.get(key, False) or int(float(count)) > 0
                has_lines = True
            elif kind in ("LF", "LH"):
                found[kind] = int(value)
            elif kind == "end_of_record":
                if not has_lines:
                    summed_covered += found.get("LH", 0)
                    summed_total += found.get("LF", 0)
                source = ""
        except (ValueError, OverflowError) as error:
            if isinstance(error, NotCoverage):
                raise
            raise NotCoverage(f"line {number} is {line[:40]!r}") from error
    if source:
        raise NotCoverage("it ends in the middle of a file's record")
    return _from_counts(summed_covered + sum(hits.values()), summed_total + len(hits))


def floor_percent(coverage: LineCoverage) -> float:
    """Return the percentage cut to what is sent to the database, never rounded up.

    Args:
        coverage: What was read.
    """
    if coverage.covered is not None and coverage.total:
        return coverage.covered * 10**6 * 100 // coverage.total / 10**6
    return math.floor(coverage.percent * 10**6) / 10**6
