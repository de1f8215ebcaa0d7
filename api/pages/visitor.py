"""Renders a page for its visitor: with the visitor's name and the forms that they may send."""

from typing import Any

from flask import Response, current_app, request

from ..layers.protocol import ADMISSION_KEY
from .forms import NAMELESS, keep, session, sessions
from .rendering import page

MAY_ACT = ("operate", "admin")


def show(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page for the session of the current request.

    Args:
        template: The file's name in templates/.
        status: The HTTP status.
        **context: What it shows; `writesNeedToken` among it allows forms without a token.
    """
    response = page(template, status, visitor=_visitor(context), **context)
    if not session().is_sent:
        keep(response, session())
    return response


def _visitor(context: dict[str, Any]) -> dict[str, Any]:
    known = request.environ[ADMISSION_KEY]
    needs_token = current_app.config["PLUMBLINE"].api_token or context.get("writesNeedToken", True)
    return {
        "scope": known["scope"],
        "name": known["actor"] if known["actor"] not in NAMELESS else session().name,
        "has_name": known["actor"] not in NAMELESS,
        "may_act": known["scope"] in MAY_ACT or not (known["scope"] or needs_token),
        "may_change": known["scope"] == "admin" or not (known["scope"] or needs_token),
        "form_token": sessions().form_token(session()),
        "place": request.path,
    }
