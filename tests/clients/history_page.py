"""What docs/history.md gives to name the user, and the change that it is tried with."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
CHANGE = "update app.item set price = price + 1"


def line_of(software):
    """Return the code that the page's table gives."""
    row = re.search(rf"^\| {software} \| (.*) \|$", PAGE, re.M)[1]
    # One that holds backquotes itself stands between two of them.
    return max(re.findall(r"``(.+)``", row) or re.findall(r"`([^`]+)`", row), key=len)
