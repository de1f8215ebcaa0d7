"""A report as people read it: nothing in it is markup, a hole stays a hole, it prints."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from plumbline.core.charts import count_chart, gaps_of, score_chart
from plumbline.core.report_pages import markdown, page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")


class Page(HTMLParser):
    """Collects tags with what they load, and the text between them."""

    def __init__(self, html: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags, self.loads, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loads += [v for k, v in attrs if k in ("src", "href", "data", "action")]

    def handle_data(self, data):
        self.text += data


def test_a_page_loads_nothing_and_runs_nothing(busy, write):
    found = Page(page(write()))

    assert found.loads == []
    assert {"script", "link", "img", "iframe", "b"} & set(found.tags) == set()
    assert found.tags.count("svg") == 3
    assert "a <b>|shelf|</b> below zero" in found.text


def test_markdown_keeps_what_people_wrote_out_of_its_own_marks(busy, write):
    text = markdown(write())

    assert r"a \<b\>\|shelf\|\</b\> below zero" in text
    assert "## Incidents (attention)" in text
    assert "| Mean time to acknowledge (MTTA) | 2 min | unknown |" in text


@pytest.mark.parametrize("render", [page, markdown])
def test_a_report_of_an_empty_database_reads_as_well(write, render):
    text = render(write())

    assert "Nothing was measured in this period." in text
    assert "unknown" in text


PERIOD = (datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC))


def lines_of(svg, name):
    """Return the numbers of points of each line of a series."""
    parts = re.findall(rf'<g class="series {name}">(.*?)</g>', svg)
    return [len(path.split()) // 2 for part in parts for path in re.findall(r' d="M?(.*?)"', part)]


def test_a_line_breaks_where_nobody_measured():
    values = [100, 50, None, 80, None, 0, 100]
    svg = score_chart("scores", *PERIOD, {"health": values})

    assert gaps_of(values) == [(2, 2), (4, 4)]
    assert lines_of(svg, "health") == [2, 2]
    assert lines_of(svg, "gap") == [2, 2]
    # A step between two gaps is a dot.
    assert svg.count("<circle") == 1


@pytest.mark.parametrize("values", [[], [None], [None, None], [5]])
def test_a_chart_of_nearly_nothing_is_drawn(values):
    svg = score_chart("scores", *PERIOD, {"health": values})

    assert lines_of(svg, "health") in ([], [1])
    assert svg.startswith("<svg")


def test_bars_are_as_high_as_what_they_count():
    svg = count_chart("opened", *PERIOD, [1, 2, 0])
    heights = [
        float(high) for high in re.findall(r'<rect[^>]* height="([0-9.]+)"[^>]*reactive', svg)
    ]

    assert "00:00" in svg and "…" not in svg
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)


def test_a_chart_holds_no_style_no_script_and_no_number_of_its_own():
    svg = score_chart("a <b>", *PERIOD, {"health": [1, 2]})

    assert svg == score_chart("a <b>", *PERIOD, {"health": [1, 2]})
    assert "&lt;b&gt;" in svg
    for unwanted in ("<style", "<script", "style=", " id=", "http://pygal"):
        assert unwanted not in svg


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt install chromium")
def test_chromium_prints_it_on_few_pages(busy, write, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page(write()), encoding="utf-8")
    printed = tmp_path / "report.pdf"

    subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu"),
            *(f"--print-to-pdf={printed}", f"--user-data-dir={tmp_path}/profile", file.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )

    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    assert 1 <= content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") <= 6


def test_no_rule_of_the_page_breaks_words(busy, write):
    style = page(write()).partition("<style>")[2].partition("</style>")[0]
    for rule in ("anywhere", "break-all", "break-word", "hyphens"):
        assert rule not in style
    assert style.count(".figure {") == 1
    assert "width: 9rem" not in style


def test_what_is_grey_has_a_legend(busy, write):
    busy.execute("delete from plumb.health_scores where created_at > '2026-03-09 20:00+00'")
    html = page(write())
    assert html.count('class="hole-mark"') >= 1
    assert "not measured" in Page(html).text


@pytest.mark.parametrize("render", [page, markdown])
def test_it_begins_with_what_happened_what_was_done_and_what_is_open(busy, write, render):
    text = render(write())
    places = [
        text.index(part)
        for part in (
            "It happened: 1 incident",
            "1 incident ended: 0 without",
            "No incident is open.",
        )
    ]
    assert text.index("1 incident was escalated to a person") < places[0]
    assert places[0] < places[1]
