"""Routes of the runbooks, so that the link in an alert opens."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response

from ..problems import Problem

blueprint = Blueprint("runbooks", __name__)

# Documentation, which a wheel leaves out: there the setting runbook_base_url names another place.
_FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"


@blueprint.get("/runbooks/<name>")
def show_runbook(name: str) -> Response:
    """A runbook, as Markdown."""
    for path in _FOLDER.glob("*.md"):
        if path.stem == name:
            text = path.read_text(encoding="utf-8")
            return Response(text, content_type="text/plain; charset=utf-8")
    raise Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-name",
        f"there is no runbook {name}",
        hint="A wheel holds none: let runbook_base_url name an https:// address.",
    )
