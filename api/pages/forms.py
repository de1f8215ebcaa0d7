"""Forms of the pages: only our own, only of this session, and never without a name."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, current_app, request

from ..layers.protocol import ADMISSION_KEY, SAFE_METHODS
from ..parameters import check_field, note_name
from ..problems import Problem
from .rendering import PREFIX
from .sessions import SESSION_KEY, Session, Sessions

MEDIA_TYPE = "application/x-www-form-urlencoded"
# The token of the environment has no name of its own.
NAMELESS = ("nobody", "API_TOKEN")


def require_form() -> None:
    """Refuse a write to a page that is not a form of this session.

    Raises:
        Problem: 415 for another content type; 400 when the form is not of this session.
    """
    if request.method in SAFE_METHODS or not request.path.startswith(PREFIX):
        return
    if request.url_rule is None:
        return
    if request.mimetype != MEDIA_TYPE:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "",
            f"the body is {request.mimetype or 'of no stated type'}, not {MEDIA_TYPE}",
            hint="Programs use the same path without /view, with JSON.",
        )
    if not sessions().is_form_token(session(), request.form.get("form_token", "")):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "form-expired",
            "the form is not of this session, or the session has ended",
            hint="Open the page again and send the form from there.",
        )


def form_fields(*names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the fields of a form, none missing.

    Args:
        *names: Those it must have.
        optional: Those it may have; an empty one is left out.

    Raises:
        Problem: 400, naming what is wrong.
    """
    fields = {}
    for name in (*names, *optional):
        value = request.form.get(name, "")
        if name in optional and not value.strip():
            continue
        check_field(name, value)
        fields[name] = value
    note_name(fields)
    return fields


def actor() -> str:
    """Return who acts: the name of the token, or else the one that the form gives.

    Raises:
        Problem: 400 when there is neither.
    """
    known = request.environ[ADMISSION_KEY]
    if known["actor"] not in NAMELESS:
        name: str = known["actor"]
        return name
    return form_fields("by")["by"]


def done(place: str) -> Response:
    """Lead back to a page after a form was carried out, and remember the name it gave.

    Args:
        place: The path of the page.
    """
    response = Response(status=HTTPStatus.SEE_OTHER, headers={"Location": place})
    name, current = request.form.get("by", ""), session()
    if name and name != current.name:
        keep(response, sessions().begin(current.token_hash, name))
    return response


def keep(response: Response, new: Session) -> None:
    """Give a session to the browser."""
    response.headers.add("Set-Cookie", sessions().cookie(new, request.environ))


def own_place(text: str) -> str:
    """Return where a form wants to go back to, if it is a page of ours; else the first page."""
    parts = urlsplit(text)
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith(PREFIX)
    return parts.path if is_own else "/"


def session() -> Session:
    """Return the session of the current request."""
    found: Session = request.environ[SESSION_KEY]
    return found


def sessions() -> Sessions:
    """Return what reads and writes the cookie."""
    found: Sessions = current_app.config["SESSIONS"]
    return found
