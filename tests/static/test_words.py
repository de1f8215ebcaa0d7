"""Names, first lines and texts follow docs/glossary.md.

Each rule has a list of exceptions with reasons. The list must equal what breaks the rule: an
exception that is no longer needed fails as well.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
FUNCTIONS = sorted((ROOT / "db" / "functions").rglob("*.sql"))
# Whose texts people read, at work or in the code. CHANGELOG.md and decisions are records.
TEXTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "db", "api", "cli", "core", "bench")
SUFFIXES = {".md", ".sql", ".py", ".html", ".js", ".json", ".yml"}

# Functions that change something and whose first word is no verb of the glossary.
WITHOUT_VERB = {
    # Values which no two calls need to agree on: they ask the server or the clock, or use chance.
    "anchorable_seal",
    "backoff_seconds",
    "py_newest_anchors",
    "session_state",
    # Of the audit log, whose functions are renamed together.
    "ask_for_baseline",
    "hold_to_anchors",
    "reaudit_table",
    "rebase_audit",
    "retire_audit",
}
# Verbs that no function has as its first word, but commands and texts.
WITHOUT_FUNCTION = {"detach", "notify"}
# Where a word that the glossary replaces means something else.
OTHER_MEANING = set()


def rows(name):
    """Return the first cell of each row of a section of the glossary."""
    text = GLOSSARY.read_text(encoding="utf-8").partition(f"## {name}")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([^|]+) \|", text, re.M)[1:]


def section(name):
    """Return the words that begin the rows of a section of the glossary."""
    return [word for row in rows(name) for word in row.split(", ")]


def first_verb(path):
    """Return the first word of a function's name."""
    return re.sub("^_|^tg_|^py_", "", path.stem).partition("_")[0]


def test_a_function_that_changes_something_begins_with_a_verb_of_the_glossary():
    verbs = section("Verbs")
    without = {
        path.stem
        for path in FUNCTIONS
        if not re.search(r"^(immutable|stable)$", path.read_text(encoding="utf-8"), re.M)
        and not re.sub("^_", "", path.stem).startswith(("is_", "has_"))
        and first_verb(path) not in verbs
    }

    assert without == WITHOUT_VERB


def test_a_verb_of_the_glossary_is_used():
    used = {first_verb(path) for path in FUNCTIONS}

    assert set(section("Verbs")) - used == WITHOUT_FUNCTION


@pytest.mark.parametrize("folder", ["functions", "views"])
def test_the_first_line_of_a_file_begins_with_what_it_does(folder):
    """Returns, Lists, Checks: the verb comes first, so that a reader need not look for it."""
    without = [
        path.name
        for path in sorted((ROOT / "db" / folder).rglob("*.sql"))
        if not re.match(r"-- [A-Z][a-z]+s\b", path.read_text(encoding="utf-8"))
    ]

    assert without == []


@pytest.mark.parametrize("name", ["Terms", "Verbs"])
def test_the_glossary_is_in_order(name):
    assert rows(name) == sorted(rows(name), key=lambda row: row.partition(", ")[0].lower())


def texts():
    """Yield the name and the text of every file that people read, but for the glossary."""
    for place in TEXTS:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in SUFFIXES and file != GLOSSARY:
                yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def test_one_idea_has_one_word():
    replaced = section("Words that we do not use")
    forms = [re.escape(word).replace(r"\ ", r"(?:s|d|ed|ing)?\s+", 1) for word in replaced]
    pattern = re.compile(rf"\b(?:{'|'.join(forms)})(?:s|d|ed|ing)?\b", re.I)
    found = {
        (name, " ".join(match.lower().split()))
        for name, text in texts()
        for match in pattern.findall(re.sub(r"\n *(-- |# )?", " ", text))
    }

    assert found == OTHER_MEANING
