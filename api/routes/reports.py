"""The executive report: written on request, read as JSON, Markdown or a page that prints well."""

import json
from http import HTTPStatus

from flask import Blueprint, Response, request

from ...core.report_pages import RENDERERS, STYLE_HASH
from ..answers import answer, database
from ..parameters import NUMBER, integer, moment, query_values
from ..problems import Problem

blueprint = Blueprint("reports", __name__)

# The page needs its own style, known by its hash, and nothing else; no script runs in it.
POLICY = (
    f"default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; sandbox"
)
FORMATS = ("json", *RENDERERS)


@blueprint.post("/reports/executive")
def create_report() -> Response:
    """Trigger executive summary (from, to: the last EXEC_REPORT_INTERVAL_MS when absent)."""
    values = query_values("from", "to")
    if request.get_data(cache=False).strip() not in (b"", b"{}"):
        raise Problem(
            400, "bad-argument", "the body is not empty", hint="Pass from and to in the query."
        )
    requested = database().read(
        "request_executive_report", p_from=moment(values, "from"), p_to=moment(values, "to")
    )
    if requested["result"] == "limited":
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate-limited",
            f"more than {requested['requestsMax']} reports were requested in a minute",
            retry_after_seconds=requested["retryAfterSeconds"],
            hint="The setting report_requests_max allows more.",
        )
    report_id = requested["executiveReportId"]
    response = answer("describe_executive_report", p_executive_report_id=report_id)
    response.status_code = 201
    response.headers["Location"] = f"/reports/executive/{report_id}"
    return response


@blueprint.get("/reports/executive")
def list_reports() -> Response:
    """Executive reports, newest first (limit, before)."""
    values = query_values("limit", "before")
    return answer(
        "describe_executive_reports",
        p_limit=integer(values, "limit"),
        p_before=integer(values, "before"),
    )


@blueprint.get("/reports/executive/latest")
def show_latest_report() -> Response:
    """The newest executive report (format)."""
    return _show(None)


@blueprint.get(f"/reports/executive/<{NUMBER}:executive_report_id>")
def show_report(executive_report_id: int) -> Response:
    """One executive report (format: json, html, markdown; or by Accept)."""
    return _show(executive_report_id)


def _show(report_id: int | None) -> Response:
    wanted = query_values("format").get("format") or _accepted()
    if wanted not in FORMATS:
        raise Problem(
            400,
            "bad-argument",
            f"query parameter format is {wanted!r}",
            hint=f"The formats are {', '.join(FORMATS)}.",
        )
    text = database().call("describe_executive_report", p_executive_report_id=report_id)
    if text is None:
        what = "no report yet" if report_id is None else f"no report {report_id}"
        raise Problem(
            HTTPStatus.NOT_FOUND, "unknown-name", f"there is {what}", hint="POST /reports/executive"
        )
    if wanted == "json":
        response = Response(text + "\n", content_type="application/json")
    else:
        media_type, render = RENDERERS[wanted]
        response = Response(render(json.loads(text)), content_type=f"{media_type}; charset=utf-8")
        response.headers["Content-Security-Policy"] = POLICY
    response.headers["Vary"] = "Accept"
    return response


def _accepted() -> str:
    """Return the format that the client likes best; JSON when it does not care."""
    types = {"application/json": "json"} | {kind: name for name, (kind, _) in RENDERERS.items()}
    return types[request.accept_mimetypes.best_match(types, "application/json")]
