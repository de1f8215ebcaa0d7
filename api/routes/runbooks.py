"""Routes of the runbooks, so that the link in an alert opens."""

from functools import cache
from http import HTTPStatus
from importlib.resources import files

from flask import Blueprint, Response, request

from ..pages.layer import wants_html
from ..pages.markdown import runbook_html
from ..pages.rendering import page
from ..parameters import query_values
from ..problems import Problem

blueprint = Blueprint("runbooks", __name__)


@blueprint.get("/runbooks/<name>")
def show_runbook(name: str) -> Response:
    """A runbook, as Markdown; for a browser as a page."""
    query_values()
    texts = _texts()
    if name not in texts:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "unknown-name",
            f"there is no runbook {name}",
            hint="A rule of your own names its page with p_runbook_url.",
        )
    if wants_html(request.environ):
        text = runbook_html(texts[name], frozenset(texts))
        return page("runbook.html", path="/view/incidents", name=name, text=text)
    response = Response(texts[name], content_type="text/plain; charset=utf-8")
    response.headers["Vary"] = "Accept"
    return response


@cache
def _texts() -> dict[str, str]:
    """Return every runbook by its name."""
    return {
        path.name.removesuffix(".md"): path.read_text(encoding="utf-8")
        for path in files(f"{__package__.rpartition('.api')[0]}.runbooks").iterdir()
        if path.name.endswith(".md")
    }
