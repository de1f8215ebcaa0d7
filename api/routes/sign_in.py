"""Routes to sign in to the pages: a token is typed in once and becomes a session."""

import hashlib
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request

from ..layers.protocol import ADMISSION_KEY, JUDGED_PATH_KEY, TOKEN_HASH_KEY
from ..pages.forms import done, form_fields, keep, own_place, sessions
from ..pages.visitor import show
from ..parameters import query_values
from ..problems import Problem

blueprint = Blueprint("sign_in", __name__, url_prefix="/view")


@blueprint.get("/sign-in")
def show_sign_in() -> Response:
    """The form that takes a token (to)."""
    return show("sign_in.html", place=own_place(query_values("to").get("to", "")), fault="")


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Begin a session with a token (token; by, to)."""
    fields = form_fields("token", optional=("by", "to"))
    place, token = own_place(fields.get("to", "")), fields["token"].strip()
    # Judged like any request that brings this token: a wrong one is counted, and too many are
    # blocked.
    environ = {
        **request.environ,
        "REQUEST_METHOD": "GET",
        "HTTP_AUTHORIZATION": f"Bearer {token}".encode().decode("latin-1"),
        JUDGED_PATH_KEY: "/",
    }
    environ.pop(TOKEN_HASH_KEY, None)
    environ.pop(ADMISSION_KEY, None)
    admission = current_app.extensions["plumbline"].gate.admit(environ)
    if admission["decision"] == "invalid_token":
        return show("sign_in.html", HTTPStatus.UNAUTHORIZED, place=place, fault=admission["reason"])
    if admission["decision"] != "admit":
        kind = admission["decision"].replace("_", "-")
        raise Problem(admission["status"], kind, admission["reason"])
    response = Response(status=HTTPStatus.SEE_OTHER, headers={"Location": place})
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    keep(response, sessions().begin(token_hash, fields.get("by", "")))
    return response


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    response = done("/")
    response.headers.pop("Set-Cookie", None)
    keep(response, sessions().begin())
    return response
