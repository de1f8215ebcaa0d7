"""An executive report as a page and as Markdown: one file, nothing loaded from elsewhere."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

WIDTH, HEIGHT = 640, 160
SCORE_MAX = 100
# A step that stands alone between two holes is drawn as a dot, for no line leads to it.
DOT_RADIUS = 2.5
# What a Content-Security-Policy calls the page's own style: nothing fills in anything there.
_TEMPLATE = Path(__file__).with_name("templates") / "report.html"
_STYLE = _TEMPLATE.read_text("utf-8").partition("<style>")[2].partition("</style>")[0]
STYLE_HASH = f"sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}"


def page(report: dict[str, Any]) -> str:
    """Return a report as a self-contained HTML page.

    Args:
        report: What plumb.describe_executive_report() returned.
    """
    return _environment().get_template("report.html").render(**_context(report))


def markdown(report: dict[str, Any]) -> str:
    """Return a report as Markdown.

    Args:
        report: What plumb.describe_executive_report() returned.
    """
    return _environment().get_template("report.md").render(**_context(report))


def line_paths(values: Sequence[float | None]) -> tuple[list[str], list[tuple[float, float]]]:
    """Return the lines and the lone dots of a chart from 0 to 100; a null breaks the line.

    Args:
        values: One for each step, 0 to 100, or None where there is no measurement.

    Returns:
        SVG polyline points for each unbroken run, and the centre of each run of one.
    """
    step = WIDTH / max(len(values) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((round(index * step, 1), round(HEIGHT * (1 - value / SCORE_MAX), 1)))
    lines = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
    return lines, [run[0] for run in runs if len(run) == 1]


def holes(values: Sequence[float | None]) -> list[tuple[float, float]]:
    """Return where a chart has nothing: the left edge and the width of each hole.

    Args:
        values: One for each step, or None where there is no measurement.
    """
    step = WIDTH / max(len(values) - 1, 1)
    edges = [-1, *(i for i, value in enumerate(values) if value is not None), len(values)]
    found = []
    for before, after in pairwise(edges):
        if after - before > 1:
            left, right = max(before, 0) * step, min(after, len(values) - 1) * step
            found.append((round(left, 1), round(right - left, 1)))
    return found


def bars(values: Sequence[int]) -> list[tuple[float, float, float, float]]:
    """Return the bars of a chart of counts: x, y, width and height of each that is not zero.

    Args:
        values: A count for each step.
    """
    slot = WIDTH / max(len(values), 1)
    top = max([*values, 1])
    return [
        (
            round(index * slot + slot * 0.15, 1),
            round(HEIGHT * (1 - value / top), 1),
            round(slot * 0.7, 1),
            round(HEIGHT * value / top, 1),
        )
        for index, value in enumerate(values)
        if value
    ]


def moment(text: str | None) -> str:
    """Return a time as people write it, in the zone it came in; a dash when there is none.

    Args:
        text: ISO 8601, or None.
    """
    if text is None:
        return "-"
    parsed = datetime.fromisoformat(text)
    return f"{parsed:%Y-%m-%d %H:%M} {parsed.tzname() or ''}".strip()


def cell(text: object) -> str:
    """Return anything as one cell of a Markdown table, none of it markup.

    Args:
        text: What the cell says.
    """
    line = " ".join(str(text).split())
    for mark in "\\`*_[]<>|#":
        line = line.replace(mark, f"\\{mark}")
    return line


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("plumbline.core"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=moment, cell=cell)
    return environment


def _context(report: dict[str, Any]) -> dict[str, Any]:
    series = report["series"]

    def column(name: str) -> list[Any]:
        return [step[name] for step in series]

    return {
        "report": report,
        "tables": _tables(report["lists"]),
        "charts": [
            _line_chart("Health score", column("score")),
            _line_chart("Drift score", column("drift")),
            _bar_chart("Incidents opened", column("opened")),
        ],
        "width": WIDTH,
        "height": HEIGHT,
        "dot": DOT_RADIUS,
    }


def _tables(lists: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what stands behind the figures: each list with its columns, empty ones left out."""
    tables = (
        (
            "Not measured",
            ("From", "To"),
            [(moment(g["from"]), moment(g["to"])) for g in lists["gaps"]],
        ),
        (
            "Invariants",
            ("Invariant", "Priority", "Found", "Cleared", "Open", "Corrected"),
            [
                (i["invariant"], i["priority"], i["found"], i["cleared"], i["open"], i["corrected"])
                for i in lists["invariants"]
            ],
        ),
        (
            "Incidents of the period",
            ("Priority", "Title", "Status", "Opened", "Escalated", "Over"),
            [
                (
                    i["priority"],
                    i["title"],
                    i["status"],
                    moment(i["openedAt"]),
                    moment(i.get("escalatedAt")),
                    moment(i["endedAt"]),
                )
                for i in lists["incidents"]
            ],
        ),
        (
            "Security events",
            ("Kind", "Severity", "Count"),
            [(e["kind"], e["severity"], e["count"]) for e in lists["securityEvents"]],
        ),
        (
            "Slow statements",
            ("Statement", "Verdict", "Mean ms", "Usual ms"),
            [
                (s["query"], s["verdict"], s["meanMs"], _dash(s["baselineMs"]))
                for s in lists["slowStatements"]
            ],
        ),
        (
            "Checks of the server that are not ok",
            ("Check", "Status", "Value", "Unit"),
            [
                (c["check"], c["status"], _dash(c["value"]), c["unit"])
                for c in lists["databaseChecks"]
            ],
        ),
        (
            "Backups",
            ("Backup", "Tool", "Proven", "Taken", "Restore s", "Why"),
            [
                (
                    *(b["backup"], b["tool"], b["validation"], moment(b["takenAt"])),
                    *(_dash(b["restoreSeconds"]), b["reason"]),
                )
                for b in lists["backups"]
            ],
        ),
        (
            "Deployments",
            ("Deployment", "Judged", "Gates not passed", "Result"),
            [
                (
                    *(d["deployment"], moment(d["judgedAt"])),
                    *(", ".join(d["notPassed"] or []) or "none", _words(d.get("result"))),
                )
                for d in lists["deployments"]
            ],
        ),
    )
    return [
        {"title": title, "columns": columns, "rows": rows}
        for title, columns, rows in tables
        if rows
    ]


def _words(value: str | None) -> str:
    return "-" if value is None else value.replace("_", " ")


def _dash(value: object) -> object:
    return "-" if value is None else value


def _line_chart(title: str, values: list[float | None]) -> dict[str, Any]:
    lines, dots = line_paths(values)
    known = [value for value in values if value is not None]
    said = f"from {known[0]:g} to {known[-1]:g}, lowest {min(known):g}" if known else "not measured"
    return {
        "title": title,
        "description": f"{title}: {said}",
        "top": str(SCORE_MAX),
        "lines": lines,
        "dots": dots,
        "holes": holes(values),
        "bars": [],
    }


def _bar_chart(title: str, values: list[int]) -> dict[str, Any]:
    return {
        "title": title,
        "description": f"{title}: {sum(values)} in all",
        "top": str(max([*values, 1])),
        "lines": [],
        "dots": [],
        "holes": [],
        "bars": bars(values),
    }


RENDERERS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "html": ("text/html", page),
    "markdown": ("text/markdown", markdown),
}
