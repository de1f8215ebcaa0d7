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
    return {
        "report": report,
        "tables": _tables(report["lists"]),
        "charts": _charts(report),
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
