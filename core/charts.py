"""Charts as SVG by pygal, for the pages and the report: one way for both.

The page's own stylesheet colours them, by class, in light and dark: pygal's styles and scripts are
left out, for a strict Content-Security-Policy refuses both.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import pygal
from pygal.style import Style

SCORE_MAX = 100
# Labels of the time axis; more of them would touch on a small screen.
TIME_LABELS = 5
WIDTH, HEIGHT = 720, 200
LABEL_SIZE = 12
# Up to here a moment is labelled by its time of day.
CLOCK_PERIOD_MAX = timedelta(days=2)

Values = Sequence[float | None]


class Mark(NamedTuple):
    """Something that happened at a moment: what kind, when, in words, and where it leads."""

    kind: str
    at: datetime
    title: str
    href: str


def score_chart(
    title: str,
    started_at: datetime,
    ended_at: datetime,
    series: Mapping[str, Values],
    marks: Sequence[Mark] = (),
) -> str:
    """Return lines from 0 to 100 over a period; where nothing was measured, a line has a gap.

    A gap is also drawn as a bar on the axis, so that it cannot be taken for nothing.

    Args:
        title: What the chart shows, for those who hear it.
        started_at: The beginning of the first step.
        ended_at: The end of the last step.
        series: For each line its values, one for each step.
        marks: What happened meanwhile; they stand on the upper edge.
    """
    chart = _chart(pygal.DateTimeLine)
    names: list[str] = []
    chart.config(
        range=(0, SCORE_MAX),
        y_labels=[0, SCORE_MAX // 2, SCORE_MAX],
        xrange=(started_at.timestamp(), ended_at.timestamp()),
        x_labels=[
            started_at + number * (ended_at - started_at) / (TIME_LABELS - 1)
            for number in range(TIME_LABELS)
        ],
        x_value_formatter=_time_format(ended_at - started_at),
        allow_interruptions=True,
        show_dots=False,
    )
    for name, values in series.items():
        step = (ended_at - started_at) / max(len(values), 1)
        points = [
            (started_at + (number + 0.5) * step, value) for number, value in enumerate(values)
        ]
        chart.add(name, points)
        # No line leads to a step between two gaps.
        alone = [point for number, point in enumerate(points) if _is_alone(values, number)]
        chart.add(name, alone, stroke=False, show_dots=True, dots_size=2)
        names += [name, name]
    gaps = [gap for values in series.values() for gap in gaps_of(values)]
    if gaps:
        step = (ended_at - started_at) / max(map(len, series.values()))
        edges: list[tuple[datetime, float | None]] = []
        for first, last in gaps:
            edges += [(started_at + first * step, 0), (started_at + (last + 1) * step, 0)]
            edges.append((edges[-1][0], None))
        chart.add("gap", edges)
        names.append("gap")
    for kind in sorted({mark.kind for mark in marks}):
        chart.add(kind, [_dot(mark) for mark in marks if mark.kind == kind], **MARKS)
        names.append(kind)
    return _drawn(chart, title, names)


def gaps_of(values: Values) -> list[tuple[int, int]]:
    """Return the first and the last step of each run in which nobody measured.

    Args:
        values: One for each step, or None where nobody measured.
    """
    found, number = [], 0
    for is_gap, run in groupby(value is None for value in values):
        length = len(list(run))
        if is_gap:
            found.append((number, number + length - 1))
        number += length
    return found


def count_chart(title: str, started_at: datetime, ended_at: datetime, counts: Sequence[int]) -> str:
    """Return a bar for each step of a period.

    Args:
        title: What the chart shows, for those who hear it.
        started_at: The beginning of the first step.
        ended_at: The end of the last step.
        counts: One for each step.
    """
    chart = _chart(pygal.Bar)
    format_time = _time_format(ended_at - started_at)
    step = (ended_at - started_at) / max(len(counts), 1)
    labels = [format_time(started_at + number * step) for number in range(len(counts))]
    chart.config(
        range=(0, max([*counts, 1])),
        y_labels=[0, max([*counts, 1])],
        x_labels=labels,
        x_labels_major=labels[:: max(len(labels) // (TIME_LABELS - 1), 1)],
        show_minor_x_labels=False,
        # A label is wider than its bar, and stands beside it.
        truncate_label=-1,
    )
    chart.add("count", list(counts))
    return _drawn(chart, title, ["count"])


def seconds_chart(title: str, name: str, points: Sequence[tuple[datetime, float]]) -> str:
    """Return a line of how long something took, with a dot for each time.

    Args:
        title: What the chart shows, for those who hear it.
        name: The class of the line.
        points: When it was, and how many seconds it took; two at least, the oldest first.
    """
    chart = _chart(pygal.DateTimeLine)
    started_at, ended_at = points[0][0], points[-1][0]
    longest = max(seconds for _at, seconds in points) or 1
    chart.config(
        range=(0, longest),
        y_labels=[0, longest],
        value_formatter=lambda seconds: f"{seconds:.3g} s",
        xrange=(started_at.timestamp(), ended_at.timestamp()),
        x_labels=[
            started_at + number * (ended_at - started_at) / (TIME_LABELS - 1)
            for number in range(TIME_LABELS)
        ],
        x_value_formatter=_time_format(ended_at - started_at),
        dots_size=3,
    )
    chart.add(name, [{"value": point, "label": f"{point[0]:%Y-%m-%d %H:%M}"} for point in points])
    return _drawn(chart, title, [name])


# Elements that a strict policy refuses, or that only pygal's own script reads.
UNWANTED = frozenset({"comment", "defs", "desc", "script", "style"})
MARKS: dict[str, Any] = {"stroke": False, "show_dots": True, "dots_size": 4}


def _dot(mark: Mark) -> dict[str, Any]:
    link = {"href": mark.href, "target": "_self"}
    return {"value": (mark.at, SCORE_MAX), "label": mark.title, "xlink": link}


def _chart(kind: Any) -> Any:
    style = Style(label_font_size=LABEL_SIZE, major_label_font_size=LABEL_SIZE)
    return kind(
        js=[],
        width=WIDTH,
        height=HEIGHT,
        margin=8,
        show_legend=False,
        disable_xml_declaration=True,
        style=style,
    )


def _drawn(chart: Any, title: str, names: Sequence[str]) -> str:
    chart.add_xml_filter(lambda root: _reduce(root, title, names))
    drawn: str = chart.render(is_unicode=True)
    return drawn


def _reduce(root: Element, title: str, names: Sequence[str]) -> Element:
    """Leave out what the page's policy refuses, and say what the chart shows."""
    del root.attrib["id"]
    has_links = root.find(".//{*}a") is not None
    # What an image contains, nobody can reach by keyboard.
    root.set("role", "group" if has_links else "img")
    root.set("aria-label", title)
    for own_title in root.findall("{*}title"):
        root.remove(own_title)
    for parent in list(root.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            # Comments have no name, but a function.
            name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "comment"
            role = child.get("class", "")
            if name == "desc" and role == "label":
                child.tag = child.tag.replace("desc", "title")
            elif name in UNWANTED or role.startswith(("tooltip", "plot tooltip")):
                parent.remove(child)
        numbered = re.match(r"series serie-(\d+)", parent.get("class", ""))
        if numbered:
            parent.set("class", f"series {names[int(numbered[1])]}")
    return root


def _is_alone(values: Values, number: int) -> bool:
    def is_gap(index: int) -> bool:
        return not 0 <= index < len(values) or values[index] is None

    return values[number] is not None and is_gap(number - 1) and is_gap(number + 1)


def _time_format(period: timedelta) -> Any:
    form = "%H:%M" if period <= CLOCK_PERIOD_MAX else "%m-%d"
    return lambda at: at.strftime(form)
