"""Routes of the pages for people, and of the files that the pages load."""

from http import HTTPStatus

from flask import Blueprint, Response, send_from_directory

from ..answers import database
from ..pages import lists
from ..pages.incident import incident_context, runbook_href
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


@blueprint.get("/invariants/<path:name>")
def show_invariant(name: str) -> Response:
    """An invariant: its definition, violations, checks and incidents."""
    query_values()
    found = database().read("describe_invariant_page", p_name=name)
    if not found:
        raise Problem(HTTPStatus.NOT_FOUND, "unknown-name", f"there is no invariant {name}")
    return show(
        "invariant.html",
        one=found,
        letters="".join(check["status"][0] for check in reversed(found["checks"])),
        runbook_href=runbook_href(found["runbookUrl"]),
        writesNeedToken=found["writesNeedToken"],
    )


@blueprint.get("/records")
def show_record() -> Response:
    """The history of a row, for those who may act (table, key)."""
    values = query_values("table", "key")
    table, key = values.get("table", ""), values.get("key", "")
    record = None
    if table and key:
        record = database().read("describe_record_page", p_relation=table, p_key=key)
    return show(
        "record.html",
        path="/view/records",
        table=table,
        key=key,
        record=record,
        # Who came here may act.
        writesNeedToken=False,
    )


# Each page that is tables: its name, the function that finds them, and what says it in words.
LISTINGS = {
    "jobs": ("describe_jobs_page", lists.jobs),
    "checks": ("describe_checks_page", lists.checks),
    "security": ("describe_security_page", lists.security),
    "backups": ("describe_backups_page", lists.backups),
    "deployments": ("describe_deployments_page", lists.deployments),
    "reports": ("describe_reports_page", lists.reports),
    "settings": ("describe_settings_page", lists.settings),
    "audit": ("describe_audit_page", lists.audit),
}


@blueprint.get(f"/<any({', '.join(LISTINGS)}):name>")
def show_listing(name: str) -> Response:
    """A page that is tables."""
    query_values()
    function, describe = LISTINGS[name]
    found = database().read(function)
    return show(
        "listing.html",
        path=f"/view/{name}",
        listing=describe(found),
        now=found["now"],
        writesNeedToken=found["writesNeedToken"],
    )


@blueprint.get("/settings/<name>")
def show_setting(name: str) -> Response:
    """A setting: what it does, what it may be, who changed it why; the form that changes it."""
    query_values()
    found = database().read("describe_settings_page", p_name=name)
    if not found["settings"]:
        raise Problem(HTTPStatus.NOT_FOUND, "unknown-name", f"there is no setting {name}")
    return show(
        "setting.html",
        path="/view/settings",
        setting=found["settings"][0],
        now=found["now"],
        writesNeedToken=found["writesNeedToken"],
    )


@blueprint.get(f"/deployments/<{NUMBER}:deployment_id>")
def show_deployment(deployment_id: int) -> Response:
    """A deployment: its gates, steps and samples."""
    query_values()
    found = database().read("describe_deployment_page", p_deployment_id=deployment_id)
    if not found:
        raise Problem(
            HTTPStatus.NOT_FOUND, "unknown-name", f"there is no deployment {deployment_id}"
        )
    return show(
        "listing.html",
        path="/view/deployments",
        listing=lists.deployment(found),
        now=found["now"],
        writesNeedToken=found["writesNeedToken"],
    )
