"""How a route asks the database and hands its answer on: JSON text, not taken apart."""

import re
import zlib
from urllib.parse import urlencode

from flask import Response, current_app, request
from werkzeug.exceptions import NotFound

from .database import Database

# A cursor is hexadecimal, and inside a text its quotes would be escaped.
NEXT_CURSOR = re.compile(r'"nextCursor"\s*:\s*"([0-9a-f]+)"')


def database() -> Database:
    """Return the current application's database."""
    found: Database = current_app.config["DATABASE"]
    return found


def answer(function: str, **arguments: object) -> Response:
    """Call a function of schema plumb and answer with the JSON it returns.

    Args:
        function: Its name without schema.
        **arguments: Its named arguments; those that are None are left to their defaults.

    Raises:
        NotFound: The function returned null.
        DatabaseUnavailable: The database cannot be reached.
        psycopg.Error: What the function raised.
    """
    text = database().call(function, **arguments)
    if text is None:
        raise NotFound()
    return json_response(text)


def json_response(text: str) -> Response:
    """Return JSON text as the answer to the current request.

    A read carries an ETag, and is answered with 304 when the client has it already; a page of a
    list names the next one in the header Link (RFC 8288).

    Args:
        text: What a function of schema plumb returned.
    """
    response = Response(text + "\n", content_type="application/json")
    if request.method in ("GET", "HEAD"):
        cursor = NEXT_CURSOR.search(text)
        if cursor:
            query = urlencode(request.args.to_dict() | {"cursor": cursor[1]})
            response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
        # It distinguishes two answers to one client and protects nothing.
        response.set_etag(f"{zlib.crc32(text.encode()):08x}{len(text):x}")
        response.make_conditional(request)
    return response
