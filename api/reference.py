"""Prints the page of the HTTP routes, from the description that the service itself serves.

`./plumb reference` runs it as a program, for no command imports the service.
"""

import json
from collections.abc import Iterator
from typing import Any

from . import create_app
from .config import Config
from .openapi import JSON, document
from .pages.rendering import schema as spoken_schema


def routes() -> Iterator[str]:
    """Yield the lines of the page: for each route what it does, what it takes, what it answers."""
    app = create_app(Config("postgresql://"))
    groups: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path, operations in document(app, "")["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            groups.setdefault(operation["tags"][0], []).append((name, operation))
    app.config["DATABASE"].close()
    yield "What every route takes and answers; [HTTP](../http.md) says what a list cannot: who may"
    yield "call it, what errors mean, how limits and retries work. `GET /openapi.json` is the same"
    yield "for programs, `GET /docs` a page of it. A refusal is"
    yield "`application/problem+json`."
    for tag in sorted(groups):
        yield from ("", f"## {tag.capitalize()}")
        for name, operation in groups[tag]:
            yield from ("", f"### `{name}`", "", operation["summary"])
            yield from _taken(operation)
            yield from _answered(operation)


def _taken(operation: dict[str, Any]) -> Iterator[str]:
    taken = [
        (one["name"], f"{one['in']}, {'needed' if one.get('required') else 'optional'}", one)
        for one in operation["parameters"]
    ]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        taken += [
            (name, f"body, {'needed' if name in schema['required'] else 'optional'}", {"schema": m})
            for name, m in schema.get("properties", {}).items()
        ]
    if not taken:
        return
    yield from ("", "| Takes | | |", "|---|---|---|")
    for name, place, one in taken:
        said = "; ".join(filter(None, (spoken_schema(one["schema"]), one.get("description"))))
        yield f"| `{name}` | {place} | {said} |"


def _answered(operation: dict[str, Any]) -> Iterator[str]:
    status, answer = next(iter(operation["responses"].items()))
    kinds = ", ".join(f"`{kind}`" for kind in answer["content"])
    yield from ("", f"Answers {status}, {kinds}.")
    example = answer["content"].get(JSON, {}).get("example")
    if example is not None:
        text = json.dumps(example, indent=2, ensure_ascii=False)
        yield from ("", "```json", text, "```")


if __name__ == "__main__":
    print("\n".join(routes()))
