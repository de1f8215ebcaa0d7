"""Routes for what PagerDuty and Slack send when a person acknowledges there."""

from flask import Blueprint, Response, request

from ..answers import answer

blueprint = Blueprint("webhooks", __name__)

# Slack sends the whole message along.
BODY_BYTES_MAX = 512 * 1024


@blueprint.post("/webhooks/pagerduty")
def receive_pagerduty() -> Response:
    """Take an event of PagerDuty, signed with the secret of its webhook subscription."""
    return _receive("pagerduty", request.headers.get("X-PagerDuty-Signature", ""))


@blueprint.post("/webhooks/slack")
def receive_slack() -> Response:
    """Take a click on a button in Slack, signed with the app's signing secret."""
    return _receive(
        "slack",
        request.headers.get("X-Slack-Signature", ""),
        request.headers.get("X-Slack-Request-Timestamp", ""),
    )


def _receive(kind: str, signature: str, timestamp: str = "") -> Response:
    request.max_content_length = BODY_BYTES_MAX
    return answer(
        "receive_webhook",
        p_kind=kind,
        p_body=request.get_data(cache=False),
        p_signature=signature,
        p_timestamp=timestamp,
    )
