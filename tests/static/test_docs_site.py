"""The documentation builds as a site without a warning, and reads as it does in the repository."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the folder of the site; broken links and pages that no menu names end the build."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [Path(sys.executable).with_name("mkdocs"), "build", "--strict", "--quiet", "-d", folder],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_it_builds_without_a_warning(site):
    assert "five minutes" in (site / "index.html").read_text(encoding="utf-8")


def test_it_loads_nothing_from_elsewhere(site):
    loads = re.compile(r'<(?:link|script|img)\b[^>]*(?:href|src)="(?:https?:)?//[^"]*"')
    foreign = {
        found
        for page in site.rglob("*.html")
        for found in loads.findall(page.read_text(encoding="utf-8"))
        if 'rel="canonical"' not in found
    }

    assert foreign == set()


def test_lists_and_blocks_are_shown_as_such(site):
    # Python-Markdown wants a blank line before a list, which the repository's own view does not.
    lost = [
        f"{page.name}: {found}"
        for page in site.rglob("*.html")
        for found in re.findall(
            r"<p>(?:(?!</p>|<pre).)*?\n((?:[-*] |\d\. |\| )[^\n]*|.*```.*)",
            page.read_text(encoding="utf-8"),
            re.S,
        )
    ]

    assert lost == []


def test_what_lies_outside_of_the_docs_is_on_the_site(site):
    assert (site / "repository" / "readme.html").exists()
    assert (site / "repository" / "deploy" / "prometheus" / "alert_rules.yml").exists()
