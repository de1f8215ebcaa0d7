"""Reads what a client sent and refuses, by name, what cannot be meant.

What a value means is the database's to judge; here only shape and size are checked.
"""

import json
import math
import re
import unicodedata
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import request

from .layers.protocol import NAMED_KEY
from .problems import Problem

# The fields in which a request names the person behind it.
NAME_FIELDS = frozenset({"by", "enabledBy", "disabledBy"})
LINE_LENGTH_MAX = 500
# A number in a path: the largest is the largest bigint, and a larger one cannot exist.
NUMBER = "int(max=9223372036854775807)"


def json_fields(
    *names: str,
    optional: tuple[str, ...] = (),
    several: tuple[str, ...] = (),
    documents: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the members of the request's JSON body, none missing.

    Args:
        *names: The members the body must have, as text unless they are among `documents`; it may
            have no others than
        optional: Those it may have as text, and
        several: Those it may have as a list of texts.
        documents: Those of `names` that may be any JSON, which the database judges.

    Raises:
        Problem: 400, naming what is wrong.
    """
    body = _parse(request.get_data(cache=False))
    if not isinstance(body, dict):
        raise _bad("the body is not a JSON object")
    hint = f"The fields are {', '.join([*names, *optional, *several])}."
    for unknown in sorted(set(body) - {*names, *optional, *several}):
        raise _bad(f"unknown field {unknown!r}", hint)
    for name in names:
        if name not in body:
            raise _bad(f"field {name} is missing", hint)
    for name, value in body.items():
        if name in documents:
            _check_document(name, value)
        elif name not in several:
            check_field(name, value)
        elif isinstance(value, list):
            for part in value:
                check_field(name, part)
        else:
            raise _bad(f"field {name} is {json.dumps(value)[:80]}, not a list of texts")
    note_name(body)
    return body


def note_name(fields: dict[str, Any]) -> None:
    """Leave the name of the person, if the fields give one, for the record of the call.

    Args:
        fields: Those of a JSON body or a form, each checked.
    """
    for name in NAME_FIELDS & set(fields):
        request.environ[NAMED_KEY] = fields[name]


def query_values(*names: str) -> dict[str, str]:
    """Return the request's query parameters.

    Args:
        *names: Those it may have, each once.

    Raises:
        Problem: 400, naming the unknown, repeated or unusable one.
    """
    for name, values in request.args.lists():
        if name not in names:
            raise _bad(
                f"unknown query parameter {name!r}",
                f"Known are {', '.join(names)}." if names else "There are none here.",
            )
        if len(values) > 1:
            raise _bad(f"query parameter {name} is given {len(values)} times")
        if not values[0].strip():
            raise _bad(f"query parameter {name} is empty")
        _check_text(f"query parameter {name}", values[0])
    return request.args.to_dict()


def integer(values: dict[str, str], name: str) -> int | None:
    """Return a parameter as a whole number of at most nine digits, or None when absent."""
    text = values.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len("999999999")):
        raise _bad(f"query parameter {name} is {text!r}, not a whole number")
    return int(text)


def number(values: dict[str, str], name: str) -> str | None:
    """Return a parameter as the digits of a decimal number, or None when absent."""
    text = values.get(name)
    if text is None or re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", text, re.ASCII):
        return text
    raise _bad(f"query parameter {name} is {text!r}, not a number such as 91.2")


def several(values: dict[str, str], name: str) -> list[str] | None:
    """Return a comma-separated parameter's parts in capitals, or None when absent."""
    text = values.get(name)
    return None if text is None else [part.strip().upper() for part in text.split(",")]


def moment(values: dict[str, str], name: str, kind: str = "query parameter") -> datetime | None:
    """Return a parameter, or a field, as a time, in UTC when it names no zone; None when absent."""
    text = values.get(name)
    if text is None:
        return None
    try:
        # In a query string a bare + means a space, which no ISO 8601 time has.
        parsed = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise _bad(
            f"{kind} {name} is {text!r}, not a time", "For example 2026-01-31T08:00:00Z."
        ) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _bad(detail: str, hint: str = "") -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "bad-argument", detail, hint=hint)


def _parse(body: bytes) -> object:
    if not body:
        raise _bad("the body is empty")
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_refuse_repeated,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise _bad(f"the body is not UTF-8: byte {error.start}") from None
    except RecursionError:
        raise _bad("the body is nested too deeply") from None
    except ValueError as error:
        raise _bad(f"the body is not JSON: {error}") from None


def _refuse_repeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise _bad(f"field {repeated!r} is given twice")
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:80]} is too large")
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def check_field(name: str, value: object) -> None:
    """Refuse a field that is no text, is empty, too long, or holds a control character.

    Args:
        name: The field.
        value: What it holds.

    Raises:
        Problem: 400, naming what is wrong.
    """
    if not isinstance(value, str):
        raise _bad(f"field {name} is {json.dumps(value)[:80]}, not a text")
    if not value.strip():
        raise _bad(f"field {name} is empty")
    _check_text(f"field {name}", value)


def _check_document(name: str, value: object) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            _check_text(f"a member of {name}", key)
            _check_document(name, part)
    elif isinstance(value, list):
        for part in value:
            _check_document(name, part)
    elif isinstance(value, str):
        _check_text(f"a text in {name}", value)


def _check_text(what: str, text: str) -> None:
    if len(text) > LINE_LENGTH_MAX:
        raise _bad(f"{what} has {len(text)} characters, at most {LINE_LENGTH_MAX} are taken")
    # PostgreSQL stores neither NUL nor half a surrogate pair; a log line holds no line breaks.
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise _bad(f"{what} contains a control character")
