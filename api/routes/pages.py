"""The pages for people, beside the addresses for programs, and the files that they are made of."""

from http import HTTPStatus

from flask import Blueprint, Response, send_from_directory

from ..answers import database
from ..pages.incident import incident_context
from ..pages.rendering import ASSETS
from ..pages.visitor import show
from ..parameters import NUMBER, query_values
from ..problems import Problem

blueprint = Blueprint("pages", __name__, url_prefix="/view")

# Their addresses change with their content.
ASSET_SECONDS = 365 * 86400
ASSET_PATHS = frozenset(f"/view/assets/{path.name}" for path in ASSETS.iterdir())


@blueprint.get("/assets/<name>")
def show_asset(name: str) -> Response:
    """A file that the pages need."""
    if f"/view/assets/{name}" not in ASSET_PATHS:
        raise Problem(HTTPStatus.NOT_FOUND, "unknown-name", f"there is no file {name}")
    response = send_from_directory(ASSETS, name, max_age=ASSET_SECONDS)
    response.headers["Cache-Control"] = f"public, max-age={ASSET_SECONDS}, immutable"
    return response


@blueprint.get("/incidents")
def list_incidents() -> Response:
    """Incidents: those that are open, and those that are over."""
    query_values()
    return show("incidents.html", **database().read("describe_incidents_page"))


@blueprint.get(f"/incidents/<{NUMBER}:incident_id>")
def show_incident(incident_id: int) -> Response:
    """An incident: what is wrong, what happened, the evidence, what to do."""
    query_values()
    found = database().read("describe_incident_page", p_incident_id=incident_id)
    if not found:
        raise Problem(HTTPStatus.NOT_FOUND, "unknown-name", f"there is no incident {incident_id}")
    return show("incident.html", **incident_context(found))
