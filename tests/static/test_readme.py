"""The README stays short, its links lead somewhere, and the docs have a page for each engine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINES_MAX = 150
# Pages of docs/ and folders of tests/ that stand for no engine.
OTHER_TESTS = {"api", "bare", "bench", "cli", "clients", "demo", "static"}


def engines():
    return {path.name for path in (ROOT / "db" / "functions").iterdir() if path.is_dir()}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LINES_MAX


@pytest.mark.parametrize(
    "path",
    sorted(
        path.relative_to(ROOT).as_posix()
        for path in [ROOT / "README.md", *ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    ),
)
def test_every_relative_link_leads_somewhere(path):
    page = ROOT / path
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    targets = [part.split(")")[0] for part in text.split("](")[1:]]

    missing = [
        target
        for target in targets
        if "://" not in target
        and target.partition("#")[0]
        and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert missing == []


def test_every_link_to_a_heading_finds_it():
    def headings(page):
        titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}

    lost = []
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^):]*#[^)]*)\)", page.read_text(encoding="utf-8")):
            name, _, anchor = target.partition("#")
            if anchor not in headings(page.parent / name if name else page):
                lost.append(f"{page.relative_to(ROOT)}: {target}")

    assert lost == []


def test_every_engine_has_a_page():
    pages = {path.stem.replace("-", "_") for path in DOCS.glob("*.md")}

    assert engines() - pages == set()


def test_every_engine_has_tests_of_its_own():
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}

    assert folders - {"__pycache__"} == engines() | OTHER_TESTS


def test_the_index_of_the_docs_names_every_page():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}

    assert [page for page in sorted(pages) if f"({page}" not in index] == []


def test_the_index_of_the_docs_names_every_runbook():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (DOCS / "runbooks").glob("*.md")}

    assert [page for page in sorted(pages) if f"(runbooks/{page})" not in index] == []


def test_a_place_that_the_index_names_exists():
    index = (DOCS / "README.md").read_text(encoding="utf-8").partition("## Where it is in the code")
    places = re.findall(r"`((?:api|bench|cli|core|db|migrations|tests)/[^`]*)`", index[2])

    assert len(places) > 15
    patterns = {place: re.sub(r"<\w+>", "*", place) for place in places}
    assert [place for place, pattern in patterns.items() if not list(ROOT.glob(pattern))] == []


def test_every_decision_is_listed():
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (DOCS / "decisions").glob("*.md")} - {"README.md"}

    assert [page for page in sorted(pages) if f"({page})" not in index] == []


def test_a_message_that_troubleshooting_names_stands_in_the_code():
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("api", "cli", "core", "db")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sql")
    )
    # As it is printed: texts that are broken over lines, doubled quotes, values in their place.
    code = re.sub(r'"\s*\n\s*f?"|\'\s*\n\s*\|\| \'', "", code).replace("''", "'")
    code = re.sub(r"%[I LsT]?\b|%|\{[^}]*\}", "…", code)
    code += code.replace("_", "-")
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")

    absent = [
        part
        for message in re.findall(r"^\| (`.*?`(?:, `.*?`)*) \|", page, re.M)
        for quoted in message.strip("`").split("`, `")
        for part in (piece.strip(" :") for piece in quoted.split("…"))
        if len(part) > 3 and part not in code
    ]
    assert absent == []
