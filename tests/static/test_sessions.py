"""Commands open every session in one way, so that no default of a database changes what they do."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPENS = re.compile(r"psycopg\.connect\(|Connection\.connect\(")


def test_commands_open_sessions_in_one_place():
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("cli", "core", "migrations")
        for path in (ROOT / folder).rglob("*.py")
        if OPENS.search(path.read_text())
    }

    assert found == {"core/session.py"}
