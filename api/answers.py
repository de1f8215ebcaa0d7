"""How a route asks the database and hands its answer on: JSON text, not taken apart."""

from flask import Response, current_app
from werkzeug.exceptions import NotFound

from .database import Database


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
    return Response(text + "\n", content_type="application/json")
