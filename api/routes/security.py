"""Blocks, and security events."""

from flask import Blueprint, Response, request

from ..answers import answer
from ..layers.protocol import ADMISSION_KEY
from ..parameters import integer, json_fields, moment, query_values

blueprint = Blueprint("security", __name__)


@blueprint.get("/security/blocks")
def list_blocks() -> Response:
    """Clients that are refused now, the newest block first (limit, cursor)."""
    values = query_values("limit", "cursor")
    return answer(
        "describe_blocks", p_limit=integer(values, "limit"), p_cursor=values.get("cursor")
    )


@blueprint.post("/security/blocks")
def block() -> Response:
    """Refuse a client, an address or a network (client, reason, by; until)."""
    fields = json_fields("client", "reason", "by", optional=("until",))
    return answer(
        "request_block",
        p_client=fields["client"],
        p_reason=fields["reason"],
        p_by=fields["by"],
        # A client must not block itself.
        p_caller=request.environ[ADMISSION_KEY]["client"],
        p_until=moment(fields, "until", "field"),
    )


@blueprint.delete("/security/blocks")
def unblock() -> Response:
    """Let a client in again (client, by)."""
    fields = json_fields("client", "by")
    return answer("request_unblock", p_client=fields["client"], p_by=fields["by"])


@blueprint.get("/security/events")
def list_events() -> Response:
    """What looked like an attack, newest first (kind, client, since, limit, cursor)."""
    values = query_values("kind", "client", "since", "limit", "cursor")
    kinds = values["kind"].lower().split(",") if "kind" in values else None
    return answer(
        "describe_security_events",
        p_kinds=kinds,
        p_client=values.get("client"),
        p_since=moment(values, "since"),
        p_limit=integer(values, "limit"),
        p_cursor=values.get("cursor"),
    )
