"""What a browser sends, and what it finds on a page."""

import re
from html.parser import HTMLParser

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """Reads a page: its heading, its text, its links and what it loads."""

    def __init__(self, answer):
        """Read the answer's body."""
        super().__init__()
        self.heading = self.text = ""
        self.links, self.loaded, self.inline, self._in = [], [], [], None
        self.feed(answer.get_data(as_text=True))

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self._in = tag
        if tag == "a":
            self.links.append(named["href"] if "href" in named else named["xlink:href"])
        if tag in ("link", "script", "img"):
            self.loaded.append(named.get("href") or named.get("src"))
        if tag == "style" or "style" in named or any(name.startswith("on") for name in named):
            self.inline.append((tag, named))

    def handle_data(self, data):
        self.text += data
        if self._in in ("h1", "circle", "path") and not self.heading:
            self.heading = data.strip()


def heading(answer):
    found = re.search(r"<h1>(.*?)</h1>", answer.get_data(as_text=True), re.S)
    return re.sub(r"<.*?>", "", found[1], flags=re.S).strip()
