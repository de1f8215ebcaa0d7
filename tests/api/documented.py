"""The endpoints that docs/http.md describes, with the example of each."""

import re
from pathlib import Path

from plumbline.api.answer_schemas import examples

ROOT = Path(__file__).parents[2]
DOC = ROOT.joinpath("docs/http.md").read_text()
BRACES = str.maketrans("<>", "{}")
# The example of each endpoint; one that answers no JSON has none.
SECTIONS = {
    (method, path): examples().get(f"{method} {path.translate(BRACES)}")
    for method, path in re.findall(r"^### `(\w+) (\S+)`$", DOC, flags=re.M)
}


def shape(value):
    """Return the names in a JSON value; of a list, those of its first element."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None
