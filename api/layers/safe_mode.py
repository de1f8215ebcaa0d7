"""The safe mode layer: no write passes while safe mode is on."""

from collections.abc import Iterable
from http import HTTPStatus

from ..problems import SAFE_MODE_RETRY_SECONDS, Problem, problem_of
from .protocol import SAFE_METHODS, Admit, Application, Environ, StartResponse, admit_once


class SafeModeLayer:
    """Answers 503 to every write while safe mode is on.

    Whether it is on is asked for every write. When it is unknown, the write is refused too:
    unknown is not permission.

    Args:
        app: The application behind it.
        admit: Returns at least `decision` and `reason`.
        open_paths: Paths whose writes always pass, such as the one that ends safe mode.
    """

    def __init__(
        self, app: Application, admit: Admit, open_paths: frozenset[str] = frozenset()
    ) -> None:
        self._app = app
        self._admit = admit
        self._open_paths = open_paths

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Refuse the request or pass it on."""
        method = environ["REQUEST_METHOD"]
        if method in SAFE_METHODS or environ.get("PATH_INFO") in self._open_paths:
            return self._app(environ, start_response)
        try:
            admission = admit_once(environ, self._admit)
        except Exception as error:  # whatever failed, it is unknown whether writes are allowed
            return problem_of(error).response()(environ, start_response)
        # The database leaves open what a setting names.
        if admission["decision"] != "safe_mode":
            return self._app(environ, start_response)
        problem = Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "safe-mode",
            f"safe mode is on, {method} refused: {admission['reason']}",
            retry_after_seconds=SAFE_MODE_RETRY_SECONDS,
        )
        return problem.response()(environ, start_response)
