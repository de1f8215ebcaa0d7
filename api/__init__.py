"""The HTTP service: what the database knows, as JSON, and the switch of safe mode.

`create_app` puts it together. Importing connects to nothing; the database is reached when the
first request needs it, and again by itself after it was away.
"""

import re
import secrets
from pathlib import Path

from flask import Flask, Response, request

from ..core.fleet import Fleet
from . import idempotency, problems
from .authority import require_authority, require_json
from .config import Config
from .database import Database
from .layers.path import PathLayer
from .layers.protocol import ROUTE_KEY
from .layers.redis_limits import RedisLimiter
from .layers.request import RequestLayer
from .layers.security import Gate
from .pages.forms import require_form
from .pages.layer import LastKnown, ProblemPages
from .pages.sessions import SessionLayer, Sessions
from .routes import BLUEPRINTS
from .routes.pages import ASSET_PATHS
from .routes.truth import BADGE_PATH, Badge

# The two names under which a test or a server finds what belongs to an app.
EXTENSION = "plumbline"
SOURCE = "plumbline-api"
BODY_BYTES_MAX = 16 * 1024
# The switch itself must work in safe mode, and what applications saw changes nothing of theirs;
# everything else that writes must not.
OPEN_PATHS = frozenset({"/requests", "/system-mode/safe"}) | {
    f"/view/{path}" for path in ("sign-in", "sign-out", "system-mode/safe", "system-mode/normal")
}
# Those that watch are no traffic: they would count themselves, and cost a call more.
PROBE_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/metrics/json"})


def create_app(config: Config | None = None) -> Flask:
    """Make the service.

    Args:
        config: Its configuration; read from the environment when absent.

    Returns:
        The application, with its request layer mounted. `app.extensions["plumbline"]` is that
        layer: a server calls its `start` after forking and its `stop` before exiting.

    Raises:
        PlumbError: The environment makes no sense.
    """
    config = config or Config.from_environment()
    revision = config.schema_revision or _head_revision()
    # The package is a namespace's, where Flask cannot guess a folder for an instance; it has none.
    app = Flask("plumbline.api", static_folder=None, instance_path=str(Path(__file__).parent))
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["PLUMBLINE"] = config
    app.config["SCHEMA_REVISION"] = revision
    app.config["LAST_KNOWN"] = last_known = LastKnown()
    app.config["BADGE"] = Badge()
    app.config["FLEET"] = Fleet(Path(config.fleet)) if config.fleet else None
    app.config["SESSIONS"] = sessions = Sessions(config.session_key or secrets.token_bytes(32))
    app.config["DATABASE"] = database = Database(
        config.database_url,
        connections_max=config.connections_max,
        connect_seconds=config.connect_seconds,
        statement_seconds=config.statement_seconds,
    )
    # A path has one spelling: what werkzeug would merge or redirect is not found instead.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    problems.register(app)
    app.before_request(_name_route)
    app.before_request(require_authority)
    app.before_request(require_json)
    app.before_request(require_form)
    app.before_request(idempotency.claim)
    app.after_request(idempotency.complete)
    app.after_request(_forbid_storing)
    gate = Gate(
        database,
        SOURCE,
        token_rule="required" if config.api_token else "auto",
        api_token=config.api_token,
        open_paths=OPEN_PATHS,
        trusted_proxies=config.trusted_proxies,
        limiter=RedisLimiter(config.redis_url) if config.redis_url else None,
    )
    layer = app.extensions[EXTENSION] = RequestLayer(
        app.wsgi_app,
        database,
        SOURCE,
        gate=gate,
        open_paths=OPEN_PATHS,
        # A public badge is drawn once for all who look within half a minute.
        unmeasured_paths=PROBE_PATHS
        | ASSET_PATHS
        | ({BADGE_PATH} if config.has_public_badge else frozenset()),
        window_seconds=config.window_seconds,
        announce=lambda: database.call("expect_revision", p_schema_revision=revision),
        look=lambda: last_known.renew(lambda: database.read("describe_overview_page")),
    )
    paths = PathLayer(SessionLayer(layer, sessions), app.url_map)
    app.wsgi_app = ProblemPages(paths, last_known, sessions)  # type: ignore[method-assign]
    return app


def _head_revision() -> str:
    # Alembic is needed at start only, and not at all by an application that mounts the layer.
    from ..core.revisions import head_revision

    return head_revision()


def _name_route() -> None:
    rule = request.url_rule.rule if request.url_rule else "(unmatched)"
    request.environ[ROUTE_KEY] = re.sub(r"<[^:<>]*:(\w+)>", r"<\1>", rule)


def _forbid_storing(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
