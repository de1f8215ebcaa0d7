"""Fills in the templates: times as people say them, charts, and the policy that a page needs."""

import hashlib
import json
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...core.charts import Mark, score_chart, seconds_chart
from ...core.output import visible

# Where the pages are; the first one is at / itself.
PREFIX = "/view/"
HTML = "text/html; charset=utf-8"
ASSETS = Path(__file__).with_name("assets")
# No style or script but our own files, no frame, no form that goes elsewhere.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # With "no-referrer", browsers hide the origin of our own forms too.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept, Cookie",
}
# What stands where there is no value.
NOTHING = "-"
NAVIGATION = (
    ("Overview", "/"),
    ("Incidents", "/view/incidents"),
    ("Audit", "/view/audit"),
    ("Rows", "/view/records"),
    ("Jobs", "/view/jobs"),
    ("Checks", "/view/checks"),
    ("Security", "/view/security"),
    ("Backups", "/view/backups"),
    ("Deployments", "/view/deployments"),
    ("Reports", "/view/reports"),
    ("Settings", "/view/settings"),
)
# Length of a unit in seconds, from where on it is used.
UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def render(template: str, **context: object) -> str:
    """Return a page as HTML.

    Args:
        template: The file's name in templates/.
        **context: What it shows.
    """
    return _environment().get_template(template).render({"path": ""} | context)


def page(template: str, status: int = 200, **context: object) -> Response:
    """Return a page as a response.

    Args:
        template: The file's name in templates/.
        status: The HTTP status.
        **context: What it shows.
    """
    text = render(template, **context)
    return Response(text, status, HEADERS, content_type=HTML)


def moment(text: str | None) -> str:
    """Return a time to the minute in UTC; a dash when there is none."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC" if text else NOTHING


def span(seconds: float) -> str:
    """Return a length of time in its largest unit, such as 3 min."""
    for length, unit in UNITS:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def ago(text: str | None, now: str) -> Markup:
    """Return a time as its distance from now; the time itself is its title.

    Args:
        text: ISO 8601, or None.
        now: The database's time, in the same form.
    """
    if not text:
        return Markup('<span class="never">never</span>')
    seconds = (datetime.fromisoformat(now) - datetime.fromisoformat(text)).total_seconds()
    said = f"{span(seconds)} ago" if seconds >= 0 else f"in {span(-seconds)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, moment(text), said)


def strip(letters: str | None) -> Markup:
    """Return the last checks of an invariant as a strip, one cell for each, the newest right.

    Args:
        letters: h (holds), v (violated) or u (unknown) for each check, the oldest first.
    """
    cells, left = [], STRIP_CHECKS - len(letters or "")
    for letter, run in groupby(letters or ""):
        width = len(list(run))
        kind = letter if letter in "hv" else "u"
        cells.append(f'<rect class="{kind}" x="{left}" width="{width}" height="12"/>')
        left += width
    counts = [
        f"{(letters or '').count(letter)} {word}"
        for letter, word in (("v", "violated"), ("u", "unknown"))
        if letter in (letters or "")
    ]
    said = f"last {len(letters or '')} checks: {', '.join(counts) or 'all hold'}"
    # Put together by hand, for there may be hundreds; nothing in it comes from outside.
    return Markup(
        f'<svg class="strip" viewBox="0 0 {STRIP_CHECKS} 12" preserveAspectRatio="none" role="img"'
        f' aria-label="{said}"><title>{said}</title>{"".join(cells)}</svg>'
    )


STRIP_CHECKS = 90


def sentence(text: str) -> str:
    """Return a text with a capital letter at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def breakable(name: str) -> Markup:
    """Return a long name that may be broken after its underscores, and nowhere else."""
    return Markup("_<wbr>").join(name.split("_"))


def number(value: float) -> str:
    """Return a number without zeros that say nothing."""
    return f"{value:.10g}"


def commands(text: str) -> Markup:
    """Return a text of ours whose commands stand in backticks, with them set as code."""
    parts = [Markup.escape(part) for part in text.split("`")]
    return Markup().join(
        Markup("<code>{}</code>").format(part) if position % 2 else part
        for position, part in enumerate(parts)
    )


def plain(value: object) -> str:
    """Return a value of a row as one line: a dash for null, JSON for what has parts."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def score_history(series: dict[str, Any], marks: list[dict[str, Any]]) -> Markup:
    """Return the chart of both scores, with what happened meanwhile.

    Args:
        series: startedAt, endedAt and the values of health and drift.
        marks: kind, at, title and number of each.
    """
    found = [
        Mark(
            mark["kind"],
            datetime.fromisoformat(mark["at"]),
            mark["title"],
            f"/view/{mark['kind']}s/{mark['number']}",
        )
        for mark in marks
    ]
    started_at, ended_at = (datetime.fromisoformat(series[n]) for n in ("startedAt", "endedAt"))
    hours = (ended_at - started_at) / timedelta(hours=1)
    title = f"Health and drift score of the last {hours:.0f} hours"
    lines = {"health": series["health"], "drift": series["drift"]}
    # pygal wrote it, and escapes what it is given.
    return Markup(score_chart(title, started_at, ended_at, lines, found))


def restore_trend(restores: list[dict[str, Any]]) -> Markup | None:
    """Return the chart of how long restores took; None before there were two.

    Args:
        restores: Each with finished_at and restore_seconds, the oldest first.
    """
    points = [
        (datetime.fromisoformat(one["finished_at"]), one["restore_seconds"]) for one in restores
    ]
    if not points or points[0][0] == points[-1][0]:
        return None
    return Markup(seconds_chart("How long restores took", "restore", points))


def schema(described: dict[str, Any]) -> str:
    """Return what a JSON schema of one value allows, in words."""
    if "enum" in described:
        return " or ".join(described["enum"])
    if described.get("format") == "date-time":
        return "a time in ISO 8601"
    if described["type"] == "array":
        return f"a list, each {schema(described['items'])}"
    bounds = [described[name] for name in ("minimum", "maximum") if name in described]
    kind = {"string": "text", "integer": "whole number"}.get(described["type"], described["type"])
    return f"{kind} from {bounds[0]} to {bounds[1]}" if len(bounds) > 1 else str(kind)


def changes(version: dict[str, Any]) -> list[tuple[str, object, object]]:
    """Return the columns that a version of a row changed, with their values before and after.

    Args:
        version: One of plumb.describe_record_page(): its rows `old` and `new`, or null.
    """
    old, new = version["old"] or {}, version["new"] or {}
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [(name, old.get(name), new.get(name)) for name in names]


def asset_url(name: str) -> str:
    """Return the address of an asset, which changes with its content."""
    return f"/view/assets/{name}?v={_digest(name)}"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("plumbline.api.pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        moment=moment,
        ago=ago,
        strip=strip,
        span=span,
        breakable=breakable,
        commands=commands,
        number=number,
        plain=plain,
        sentence=sentence,
        changes=changes,
        schema=schema,
    )
    environment.globals.update(
        asset_url=asset_url, navigation=NAVIGATION, score_history=score_history
    )
    return environment
