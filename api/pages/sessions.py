"""The session of a browser: a signed cookie that expires, and the token of its forms.

The cookie holds the hash of the token that was typed in, not its scope: the database judges that
hash with each request, so a token that is revoked or expires ends its sessions at once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import NamedTuple

from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.http import dump_cookie, parse_cookie

from ..layers.protocol import JUDGED_PATH_KEY, TOKEN_HASH_KEY, Application, Environ, StartResponse
from .rendering import PREFIX

COOKIE = "plumb_session"
SESSION_KEY = "plumbline.session"
# A day's work; then the token is asked for again.
SESSION_SECONDS_MAX = 12 * 3600
NAME_LENGTH_MAX = 100


class Session(NamedTuple):
    """One browser: a number nobody guesses, the hash of its token, the name its user gave."""

    number: str
    token_hash: str = ""
    name: str = ""
    is_sent: bool = False


class Sessions:
    """Reads and writes the cookie.

    Args:
        key: Signs it; whoever knows the key can be anybody whose token's hash is known.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._serializer = URLSafeTimedSerializer(key, salt=COOKIE)

    def read(self, environ: Environ) -> Session:
        """Return the session of a request; a new one when it has none that is valid."""
        text = parse_cookie(environ.get("HTTP_COOKIE", "")).get(COOKIE, "")
        try:
            number, token_hash, name = self._serializer.loads(text, max_age=SESSION_SECONDS_MAX)
        except (BadSignature, ValueError):
            return self.begin()
        return Session(number, token_hash, name, is_sent=True)

    def begin(self, token_hash: str = "", name: str = "") -> Session:
        """Return a new session."""
        return Session(secrets.token_urlsafe(18), token_hash, name[:NAME_LENGTH_MAX])

    def cookie(self, session: Session, environ: Environ) -> str:
        """Return the header that gives a session to the browser."""
        # A header that no proxy set can only make the browser more careful.
        schemes = (environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO", ""))
        text = self._serializer.dumps([session.number, session.token_hash, session.name])
        return dump_cookie(
            COOKIE,
            text if isinstance(text, str) else text.decode(),
            max_age=SESSION_SECONDS_MAX,
            httponly=True,
            samesite="Strict",
            secure="https" in schemes,
        )

    def form_token(self, session: Session) -> str:
        """Return what a form of this session has to carry."""
        return hmac.new(self._key, f"form {session.number}".encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, session: Session, given: str) -> bool:
        """Return whether a form carries what this session was given."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode())


class SessionLayer:
    """Finds the session of a request for a page, and under which path it is to be judged.

    A form of the pages is judged as the route of the service that does the same: by the same
    limits, scopes and rules of safe mode.

    Args:
        app: The application behind it.
        sessions: Reads the cookie.
    """

    def __init__(self, app: Application, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Name the session and the judged path, and pass the request on."""
        path = environ["PATH_INFO"]
        if path == "/" or path.startswith(PREFIX):
            environ[SESSION_KEY] = session = self._sessions.read(environ)
            environ[JUDGED_PATH_KEY] = "/" + path.removeprefix(PREFIX).removeprefix("/")
            if session.token_hash:
                environ[TOKEN_HASH_KEY] = session.token_hash
        return self._app(environ, start_response)
