"""Receivers as strict as the real ones: they refuse what PagerDuty and Slack would refuse.

Rules are those of developer.pagerduty.com/docs/send-alert-event (Events API v2) and
docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, of Alertmanager's openapi.yaml
(v2) and of Teams' workflows; the alert webhook's are docs/alerts.md's own, checked by an
independent reading of them.
"""

import hashlib
import hmac
import json
import re
import socket
import ssl
import struct
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
SLACK_PATH = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
SIGNING_KEY = "a signing key of the tests"
PAGERDUTY_BYTES_MAX = 512 * 1024


class Receiver:
    """A real HTTP server on 127.0.0.1 that keeps what it took and behaves as it is told.

    Args:
        tls: A server-side context to speak TLS with.
    """

    path = "/"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Start listening on a free port."""
        self.accepted: list[dict] = []
        self.refused: list[str] = []
        self.headers: list[dict] = []
        self.attempt_count = 0
        self.is_asked = threading.Event()
        self.seconds_per_answer = 0.0
        self._behaviours: list = []
        self._default = None
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver.handle(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.scheme = "https" if tls else "http"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens, by name, so that a certificate can be checked."""
        return f"{self.scheme}://localhost:{self.server.server_port}{self.path}"

    def behave(self, *behaviours: object) -> None:
        """Answer the next requests so, one each; then as usual again."""
        self._behaviours = list(behaviours)

    def behave_always(self, behaviour: object) -> None:
        """Answer every request so until told otherwise; None: as usual."""
        self._default = behaviour

    def stop(self) -> None:
        """Stop listening: from now on connections are refused."""
        self.server.shutdown()
        self.server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Take one request and behave."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self._lock:
            self.attempt_count += 1
            behaviour = self._behaviours.pop(0) if self._behaviours else self._default
        self.is_asked.set()
        if self.seconds_per_answer:
            time.sleep(self.seconds_per_answer)
        if behaviour == "hang":
            time.sleep(30)
        elif behaviour == "reset":
            handler.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            handler.connection.close()
        elif behaviour == "trickle":
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
                handler.wfile.write(bytes([byte]))
                time.sleep(0.2)
        elif behaviour == "garbage":
            handler.wfile.write(b"220 mail.example.org ESMTP\r\n")
        elif behaviour == "take and hang up":
            self.take(handler, body)
        elif isinstance(behaviour, int):
            self.answer(handler, behaviour, "told to")
        elif isinstance(behaviour, tuple):
            self.answer(handler, *behaviour)
        else:
            status, text = self.take(handler, body)
            self.answer(handler, status, text)

    def take(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, str]:
        """Check a request and keep it, or keep the complaint."""
        try:
            if handler.headers["Content-Type"] != "application/json":
                raise ValueError("not JSON by its Content-Type")
            message = json.loads(body)
            self.check(handler, body, message)
        except (KeyError, TypeError, ValueError) as error:
            with self._lock:
                self.refused.append(f"{type(error).__name__}: {error}")
            return self.refusal(error)
        with self._lock:
            self.accepted.append(message)
            self.headers.append(dict(handler.headers))
        return self.success(message)

    @staticmethod
    def answer(
        handler: BaseHTTPRequestHandler, status: int, text: str, retry_after: str | None = None
    ) -> None:
        """Answer, and keep the connection open as HTTP/1.1 servers may."""
        handler.send_response(status)
        if retry_after:
            handler.send_header("Retry-After", retry_after)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    def check(self, handler: BaseHTTPRequestHandler, body: bytes, message: dict) -> None:
        """Raise ValueError for what the real receiver would refuse."""

    def refusal(self, error: Exception) -> tuple[int, str]:
        """Status and body of a refusal."""
        return 400, str(error)

    def success(self, _message: dict) -> tuple[int, str]:
        """Status and body of a success."""
        return 200, "{}"


class PagerDuty(Receiver):
    """Events API v2: opens, acknowledges and resolves alerts; counts whom it woke."""

    path = "/v2/enqueue"
    severities = ("critical", "error", "warning", "info")

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Start with no alert open."""
        super().__init__(tls)
        self.open_alerts: dict[str, str] = {}
        self.pages: list[str] = []
        self.dropped: list[str] = []

    def check(self, _handler: BaseHTTPRequestHandler, body: bytes, message: dict) -> None:
        """Hold an event against the documented fields and limits."""
        known = {
            "routing_key",
            "event_action",
            "dedup_key",
            "payload",
            "images",
            "links",
            "client",
            "client_url",
        }
        if set(message) - known:
            raise ValueError(f"unknown fields {set(message) - known}")
        if len(body) > PAGERDUTY_BYTES_MAX:
            raise ValueError("event is larger than 512 KB")
        if message["routing_key"] != ROUTING_KEY:
            raise ValueError("invalid routing key")
        if message["event_action"] not in ("trigger", "acknowledge", "resolve"):
            raise ValueError("invalid event_action")
        if not 0 < len(message["dedup_key"]) <= 255:
            raise ValueError("dedup_key must have 1 to 255 characters")
        if message["event_action"] == "trigger":
            self.check_payload(message["payload"])
        for link in message.get("links", []):
            if not re.match(r"https?://", link["href"]):
                raise ValueError("a link needs an absolute href")

    def check_payload(self, payload: dict) -> None:
        """Hold a trigger's payload against the documented fields and limits."""
        known = {"summary", "source", "severity", "timestamp", "component", "group", "class"}
        if set(payload) - known - {"custom_details"}:
            raise ValueError("unknown payload fields")
        if not 0 < len(payload["summary"]) <= 1024:
            raise ValueError("summary must have 1 to 1024 characters")
        if not payload["source"]:
            raise ValueError("source is required")
        if payload["severity"] not in self.severities:
            raise ValueError("invalid severity")
        datetime.fromisoformat(payload["timestamp"])

    def refusal(self, error: Exception) -> tuple[int, str]:
        """Refuse as PagerDuty does."""
        return 400, json.dumps(
            {
                "status": "invalid event",
                "message": "Event object is invalid",
                "errors": [str(error)],
            }
        )

    def success(self, message: dict) -> tuple[int, str]:
        """Open, acknowledge or resolve; what fits no open alert is dropped, as it really is."""
        key, action = message["dedup_key"], message["event_action"]
        if action == "trigger":
            if key not in self.open_alerts:
                self.pages.append(key)
                self.open_alerts[key] = "triggered"
        elif key not in self.open_alerts:
            self.dropped.append(key)
        elif action == "resolve":
            del self.open_alerts[key]
        else:
            self.open_alerts[key] = "acknowledged"
        return 202, json.dumps(
            {"status": "success", "message": "Event processed", "dedup_key": key}
        )


class Slack(Receiver):
    """An incoming webhook: says `ok`, or one of Slack's error words."""

    path = SLACK_PATH

    def check(self, handler: BaseHTTPRequestHandler, body: bytes, message: dict) -> None:
        """Hold a message against what Slack takes."""
        if handler.path != SLACK_PATH:
            raise ValueError("no_service")
        if not isinstance(message, dict) or set(message) - {"text", "blocks", "attachments"}:
            raise ValueError("invalid_payload")
        if not message.get("text"):
            raise ValueError("no_text")
        if len(message["text"]) > 40_000:
            raise ValueError("msg_too_long")
        if re.search(r"&(?!amp;|lt;|gt;)", message["text"]):
            raise ValueError("unescaped")

    def refusal(self, error: Exception) -> tuple[int, str]:
        """Refuse as Slack does: a word as plain text."""
        return (404 if str(error) == "no_service" else 400), str(error)

    def success(self, _message: dict) -> tuple[int, str]:
        """Say the one word that Slack says."""
        return 200, "ok"


class Webhook(Receiver):
    """What docs/alerts.md asks of whoever takes our alerts."""

    path = "/alerts?team=dba"
    key = SIGNING_KEY

    def check(self, handler: BaseHTTPRequestHandler, body: bytes, message: dict) -> None:
        """Check the signature first, then the envelope."""
        if self.key:
            given = dict(
                part.split("=", 1) for part in handler.headers["Plumb-Signature"].split(",")
            )
            signed = given["t"].encode() + b"." + body
            expected = hmac.new(self.key.encode(), signed, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(expected, given["v1"]):
                raise ValueError("wrong signature")
            if abs(time.time() - int(given["t"])) > 300:
                raise ValueError("signature too old")
        elif "Plumb-Signature" in handler.headers:
            raise ValueError("signed without a key")
        if handler.path != self.path:
            raise ValueError(f"wrong path {handler.path}")
        envelope = {"version", "messageId", "topic", "dedupKey", "database", "createdAt", "data"}
        if set(message) != envelope or message["version"] != 1:
            raise ValueError(f"envelope has {sorted(message)}")
        if handler.headers["Plumb-Topic"] != message["topic"]:
            raise ValueError("topics differ")
        if not re.fullmatch(r'"plumb-\d+"', handler.headers["Idempotency-Key"]):
            raise ValueError("no Idempotency-Key")
        datetime.fromisoformat(message["createdAt"])


class Teams(Receiver):
    """A workflow of Teams: takes one adaptive card, answers 202 and nothing."""

    path = "/workflows/0123/triggers/manual/paths/invoke?sig=secret"

    def check(self, handler: BaseHTTPRequestHandler, body: bytes, message: dict) -> None:
        """Hold a message against what a workflow takes."""
        if handler.path != self.path:
            raise ValueError("the signature of the address is missing")
        if len(body) > 28 * 1024:
            raise ValueError("message is larger than 28 KB")
        (attachment,) = message["attachments"]
        card = attachment["content"]
        if message["type"] != "message" or card["type"] != "AdaptiveCard":
            raise ValueError("no card")
        if attachment["contentType"] != "application/vnd.microsoft.card.adaptive":
            raise ValueError("no card by its contentType")
        if not all(block["type"] == "TextBlock" and block["text"] for block in card["body"]):
            raise ValueError("an empty block")
        if not all(re.match("https?://", action["url"]) for action in card["actions"]):
            raise ValueError("an action without an address")

    def success(self, _message: dict) -> tuple[int, str]:
        """Accept."""
        return 202, ""


class Alertmanager(Receiver):
    """API v2: an alert is its labels; it is active until its endsAt."""

    path = "/"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Start without alerts."""
        super().__init__(tls)
        self.active: dict[tuple, dict] = {}

    def check(self, handler: BaseHTTPRequestHandler, _body: bytes, message: dict) -> None:
        """Hold alerts against the schema of postableAlerts."""
        if handler.path != "/api/v2/alerts":
            raise ValueError(f"wrong path {handler.path}")
        if not isinstance(message, list) or not message:
            raise ValueError("not a list of alerts")
        known = {"labels", "annotations", "startsAt", "endsAt", "generatorURL"}
        for alert in message:
            if set(alert) - known:
                raise ValueError(f"unknown fields {set(alert) - known}")
            if not alert["labels"]["alertname"]:
                raise ValueError("no alertname")
            values = [*alert["labels"].values(), *alert["annotations"].values()]
            if not all(isinstance(value, str) for value in values):
                raise ValueError("a value that is no text")
            if datetime.fromisoformat(alert["endsAt"]) < datetime.fromisoformat(alert["startsAt"]):
                raise ValueError("ends before it starts")

    def success(self, message: list) -> tuple[int, str]:
        """Keep what has not ended by the newest moment named."""
        for alert in message:
            key = tuple(sorted(alert["labels"].items()))
            ends_at = datetime.fromisoformat(alert["endsAt"])
            if (ends_at - datetime.fromisoformat(alert["startsAt"])).days > 1:
                self.active[key] = alert
            else:
                self.active.pop(key, None)
        return 200, ""


class Ping(Receiver):
    """A dead man's switch in the style of Healthchecks: any POST to its address is a sign."""

    path = "/ping/eb095278-f28d-448d-87fb-7b75c171a6aa"

    def check(self, handler: BaseHTTPRequestHandler, _body: bytes, _message: dict) -> None:
        """Know the address only."""
        if handler.path != self.path:
            raise ValueError("not found")

    def success(self, _message: dict) -> tuple[int, str]:
        """Say OK."""
        return 200, "OK"
