"""An executive report as a page and as Markdown: one file, nothing loaded from elsewhere."""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from .charts import count_chart, gaps_of, score_chart
from .output import visible

# What a Content-Security-Policy calls the page's own style: nothing fills in anything there.
_TEMPLATE = Path(__file__).with_name("templates") / "report.html"
_STYLE = _TEMPLATE.read_text("utf-8").partition("<style>")[2].partition("</style>")[0]
STYLE_HASH = f"sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}"


# An entry of a list, and what a cell shows of it.
Entry = dict[str, Any]
Show = Callable[[Entry], object]


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
        finalize=visible,
    )
    environment.filters.update(moment=moment, cell=cell)
    return environment


def _context(report: dict[str, Any]) -> dict[str, Any]:
    return {
        "report": report,
        "tables": _tables(report["lists"]),
        "charts": _charts(report),
    }


def _tables(lists: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what stands behind the figures: each list with its columns, empty ones left out."""
    return [
        {
            "title": title,
            "columns": tuple(columns),
            "rows": [tuple(show(entry) for show in columns.values()) for entry in lists[name]],
        }
        for title, name, columns in TABLES
        if lists[name]
    ]


def _words(value: str | None) -> str:
    return "-" if value is None else value.replace("_", " ")


def _dash(value: object) -> object:
    return "-" if value is None else value


def _of(name: str, written: Callable[[Any], object] = lambda value: value) -> Show:
    return lambda entry: written(entry.get(name))


# Each list of a report: its title, its name, and its columns.
TABLES: tuple[tuple[str, str, dict[str, Show]], ...] = (
    ("Not measured", "gaps", {"From": _of("from", moment), "To": _of("to", moment)}),
    (
        "Invariants",
        "invariants",
        {
            "Invariant": _of("invariant"),
            "Priority": _of("priority"),
            "Found": _of("found"),
            "Cleared": _of("cleared"),
            "Open": _of("open"),
            "Corrected": _of("corrected"),
        },
    ),
    (
        "Incidents of the period",
        "incidents",
        {
            "Priority": _of("priority"),
            "Title": _of("title"),
            "Status": _of("status"),
            "Opened": _of("openedAt", moment),
            "Escalated": _of("escalatedAt", moment),
            "Over": _of("endedAt", moment),
        },
    ),
    (
        "Security events",
        "securityEvents",
        {"Kind": _of("kind"), "Severity": _of("severity"), "Count": _of("count")},
    ),
    (
        "Slow statements",
        "slowStatements",
        {
            "Statement": _of("query"),
            "Verdict": _of("verdict"),
            "Mean ms": _of("meanMs"),
            "Usual ms": _of("baselineMs", _dash),
        },
    ),
    (
        "Checks of the server that are not ok",
        "databaseChecks",
        {
            "Check": _of("check"),
            "Status": _of("status"),
            "Value": _of("value", _dash),
            "Unit": _of("unit"),
        },
    ),
    (
        "Backups",
        "backups",
        {
            "Backup": _of("backup"),
            "Tool": _of("tool"),
            "Proven": _of("validation"),
            "Taken": _of("takenAt", moment),
            "Restore s": _of("restoreSeconds", _dash),
            "Why": _of("reason"),
        },
    ),
    (
        "Deployments",
        "deployments",
        {
            "Deployment": _of("deployment"),
            "Judged": _of("judgedAt", moment),
            "Gates not passed": _of("notPassed", lambda gates: ", ".join(gates or []) or "none"),
            "Result": _of("result", _words),
        },
    ),
)


def _charts(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the charts with what they say in words."""
    started_at = datetime.fromisoformat(report["periodStartedAt"])
    ended_at = datetime.fromisoformat(report["periodEndedAt"])

    def column(name: str) -> list[Any]:
        return [step[name] for step in report["series"]]

    charts = []
    for title, name in (("Health score", "score"), ("Drift score", "drift")):
        values = column(name)
        known = [value for value in values if value is not None]
        said = (
            f"from {known[0]:g} to {known[-1]:g}, lowest {min(known):g}"
            if known
            else "not measured"
        )
        text = f"{title}: {said}"
        drawn = score_chart(text, started_at, ended_at, {"health": values})
        charts.append({"text": text, "svg": drawn, "has_gaps": bool(gaps_of(values))})
    opened = column("opened")
    text = f"Incidents opened: {sum(opened)} in all"
    drawn = count_chart(text, started_at, ended_at, opened)
    return [*charts, {"text": text, "svg": drawn, "has_gaps": False}]


RENDERERS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "html": ("text/html", page),
    "markdown": ("text/markdown", markdown),
}
