"""The runbooks, so that the link in an alert opens."""

from http import HTTPStatus
from importlib.resources import files

from flask import Blueprint, Response

from ..problems import Problem

blueprint = Blueprint("runbooks", __name__)


@blueprint.get("/runbooks/<name>")
def show_runbook(name: str) -> Response:
    """A runbook, as Markdown."""
    for path in files("plumbline.runbooks").iterdir():
        if path.name == f"{name}.md":
            text = path.read_text(encoding="utf-8")
            return Response(text, content_type="text/plain; charset=utf-8")
    raise Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-name",
        f"there is no runbook {name}",
        hint="An incident's runbookUrl ends in its name.",
    )
