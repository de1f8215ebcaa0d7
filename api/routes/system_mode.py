"""Routes that engage and disengage safe mode."""

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import psycopg
from flask import Blueprint, Response

from ..answers import answer, database
from ..database import DatabaseUnavailable
from ..parameters import json_fields, query_values
from ..problems import Problem

blueprint = Blueprint("system_mode", __name__)


@blueprint.get("/system-mode")
def show_mode() -> Response:
    """The mode: normal or safe, since when, by whom and why."""
    query_values()
    return answer("describe_system_mode")


@blueprint.post("/system-mode/safe")
def enable_safe_mode() -> Response:
    """Engage safe mode (reason, enabledBy)."""
    fields = json_fields("reason", "enabledBy")
    return answer("engage_safe_mode", p_reason=fields["reason"], p_enabled_by=fields["enabledBy"])


@blueprint.delete("/system-mode/safe")
def disable_safe_mode() -> Response:
    """Disengage safe mode (overrideToken, disabledBy)."""
    fields = json_fields("overrideToken", "disabledBy")
    mode = disengage(fields["overrideToken"], fields["disabledBy"])
    return Response(json.dumps(mode) + "\n", content_type="application/json")


def disengage(override_token: str, disabled_by: str) -> dict[str, Any]:
    """End safe mode and return what plumb.disengage_safe_mode() says.

    Args:
        override_token: As it was typed in.
        disabled_by: Who ends it.

    Raises:
        Problem: The token is wrong, comes too soon after a wrong one, or none is set.
    """
    mode: dict[str, Any] = database().read(
        "disengage_safe_mode", p_override_token=override_token, p_disabled_by=disabled_by
    )
    result = mode["result"]
    if result == "wrong_token":
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "wrong-token",
            "the override token is wrong; the next try must wait",
        )
    if result == "locked":
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "locked",
            "too soon after a wrong override token",
            retry_after_seconds=mode["retryAfterSeconds"],
        )
    if result == "no_token_set":
        raise Problem(
            HTTPStatus.CONFLICT,
            "no-token-set",
            "safe mode cannot be ended, for no override token is set",
            hint="psql $DATABASE_URL -c"
            " \"UPDATE plumb.system_mode SET override_token = 'your-secret' WHERE id = 1\"",
        )
    if result == "disengaged":
        # Only after the switch has committed may writers stop looking at the mode. Should this
        # fail, the next writer does it.
        with suppress(DatabaseUnavailable, psycopg.Error):
            database().call("lower_safe_mode_flag")
    return mode
