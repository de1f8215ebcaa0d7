"""Whether the database is true in one sentence: as JSON, as a badge, and of a whole fleet."""

import json
import time
from http import HTTPStatus
from threading import Lock
from typing import Any

from flask import Blueprint, Response, current_app, request

from ...core.errors import PlumbError
from ...core.fleet import Fleet
from ..answers import answer, database
from ..pages.layer import wants_html
from ..pages.rendering import render
from ..pages.visitor import show
from ..parameters import query_values
from ..problems import Problem

blueprint = Blueprint("truth", __name__)

BADGE_PATH = "/badge.svg"
# Pages all over a company show the badge: the database is asked no more often than this.
BADGE_SECONDS = 30
# The width of a letter at the badge's size, in pixels; text is centred in what this leaves.
LETTER_WIDTH = 6.6
BADGE_WORDS = {
    "holds": "every invariant holds",
    "violated": "invariants violated",
    "safe": "safe mode",
    "unknown": "unknown",
}


class Badge:
    """The badge as it was drawn last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._drawn_at = float("-inf")
        self._text = ""

    def text(self) -> str:
        """Return the badge, drawn anew when it is old.

        Raises:
            DatabaseUnavailable: Nobody can say.
        """
        with self._lock:
            if time.monotonic() - self._drawn_at > BADGE_SECONDS:
                self._text = draw(database().read("describe_truth"))
                self._drawn_at = time.monotonic()
            return self._text


def draw(truth: dict[str, Any]) -> str:
    """Return a badge: the database's name, the grade, and whether it is true.

    Args:
        truth: What plumb.describe_truth() returned.
    """
    words = BADGE_WORDS[truth["status"]]
    if truth["status"] == "violated" and not truth["invariants"]["violated"]:
        words = "audit log not intact"
    if truth["grade"]:
        words = f"{truth['grade']} · {words}"
    widths = [round(len(text) * LETTER_WIDTH) + 14 for text in (truth["database"], words)]
    return render("badge.svg", truth=truth, words=words, widths=widths)


@blueprint.get("/truth")
def show_truth() -> Response:
    """Whether the database is true, in one sentence, with its status."""
    query_values()
    return answer("describe_truth")


@blueprint.get(BADGE_PATH)
def show_badge() -> Response:
    """A small picture of grade and truth for wikis."""
    query_values()
    text = current_app.config["BADGE"].text()
    response = Response(text, content_type="image/svg+xml; charset=utf-8")
    response.headers["Cache-Control"] = f"max-age={BADGE_SECONDS}"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


@blueprint.get("/fleet")
def show_fleet() -> Response:
    """Every database of the fleet with its sentence, worst first."""
    query_values()
    if wants_html(request.environ):
        return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/view/fleet"})
    return Response(json.dumps(_ask()) + "\n", content_type="application/json")


@blueprint.get("/view/fleet")
def show_fleet_page() -> Response:
    """The fleet as a page."""
    query_values()
    return show("fleet.html", path="/view/fleet", fleet=_ask(), writesNeedToken=False)


def _ask() -> list[dict[str, Any]]:
    fleet: Fleet | None = current_app.config["FLEET"]
    if fleet is None:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "unknown-name",
            "no fleet is named",
            hint="Name its file with PLUMB_FLEET and start the service again.",
        )
    try:
        return fleet.ask()
    except PlumbError as error:
        raise Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "", str(error), hint=error.hint or ""
        ) from error
