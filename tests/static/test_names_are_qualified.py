"""What people are told to type names our schema: none of it stands on a search_path.

The guide's own names are found without a schema on the private cluster only.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = ("README.md", "docs", "api", "cli", "core", "deploy", "db")
NAMES = (
    "select c.relname from pg_class as c where c.relnamespace = 'plumb'::regnamespace"
    " and c.relkind in ('r', 'p', 'v')"
    " union select p.proname from pg_proc as p where p.pronamespace = 'plumb'::regnamespace"
)
# It shows the guide's own commands, as they are printed there.
GUIDE = Path("docs/guide.md")
MESSAGE = re.compile(r"'[^'\n]*(?:select|call|update) [^'\n]*'")
# Words of SQL and of prose as well.
COMMON = {"changes", "is_safe_mode"}


def texts():
    for place in PLACES:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in {".md", ".py", ".sql", ".yml", ".json", ".html"}:
                yield file.relative_to(ROOT), file.read_text(encoding="utf-8")


def test_sql_in_documents_and_hints_names_the_schema(db):
    names = {name for (name,) in db.execute(NAMES)}
    pattern = re.compile(r"\b(?:from|join|update|call|select|perform)\s+\\?([a-z_]+)\b", re.I)
    found, common = [], set()
    for file, text in texts():
        # The bodies of functions pin their search_path, and a linter looks at them.
        if file == GUIDE:
            continue
        shown = "\n".join(MESSAGE.findall(text)) if file.suffix == ".sql" else text
        for match in pattern.finditer(shown):
            following = shown[match.end() : match.end() + 1]
            if match[1] in COMMON:
                common.add(match[1])
            elif match[1] in names and following != ".":
                found.append(f"{file}: {match[0]}")
    assert found == []
    # What stands in no text any more must leave the list.
    assert sorted(COMMON - common) == []
