"""Says what the service's answers look like: an example of each, and the schema that it implies.

The examples are held to the real answers by tests, so the schemas are, too.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

# What these hold is the guarded database's own, or depends on the kind of the incident.
FREE_MEMBERS = frozenset({"details", "snapshot", "timeline", "endpoints"})

# bool is an int to Python, so it comes first.
KINDS = ((bool, "boolean"), ((int, float), "number"), (str, "string"))


@cache
def examples() -> dict[str, Any]:
    """Return an answer in JSON for each route that has one, by `METHOD /path`."""
    found: dict[str, Any] = json.loads(
        files(__package__).joinpath("examples.json").read_text(encoding="utf-8")
    )
    return found


def schema_of(example: object, member: str = "") -> dict[str, Any]:
    """Return the JSON schema that an example implies: its members, and of what kind they are.

    Nothing may be missing that the example has. A text, a number or an object may be null, for an
    example shows one state only; what is null in the example may be anything.

    Args:
        example: What a route answers, or a part of it.
        member: The name of that part.
    """
    for kinds, name in KINDS:
        if isinstance(example, kinds):
            return {"type": [name, "null"]}
    if isinstance(example, list):
        items = schema_of(example[0]) if example and member not in FREE_MEMBERS else {}
        return {"type": ["array", "null"] if member else "array", "items": items}
    if isinstance(example, dict):
        kind = ["object", "null"] if member else "object"
        if member in FREE_MEMBERS:
            return {"type": kind}
        return {
            "type": kind,
            "required": sorted(example),
            "properties": {name: schema_of(value, name) for name, value in example.items()},
        }
    return {}
