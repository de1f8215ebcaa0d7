"""Every command that the documentation shows is understood, and run by a test."""

import importlib
import re
import shlex
from pathlib import Path

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "clients/node/README.md"]
# The references are generated, and what changed once is history.
OTHERS = {"reference", "decisions"}
BLOCK = re.compile(r"^ *```(?:bash|console)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`(?:[A-Z_]+=\S+ )*\./plumb ([a-z]+)\b")
END = {"|", "&&", ";", ">", "||"}
# Read by the database's users and changed by nothing that is not theirs: run here, in this order.
HERE = [
    "status",
    "verify",
    "audit verify",
    "backup list",
    "report",
    "report --format html --out report.html",
    "gate --name v1.4.2 --coverage coverage.xml --junit gate.xml --json gate.json",
    "token create ci --scope operate --days 90",
    "token list",
    "token revoke ci",
    "attach",
    "attach --out plumb.rules.sql",
    "rules export",
    "rules diff",
    "rules apply",
]


def documented():
    """Return each command line of the documentation, as words after `./plumb`, with its page."""
    found = {}
    for page in PAGES:
        if OTHERS & set(page.parts):
            continue
        text = page.read_text(encoding="utf-8")
        for line in "".join(BLOCK.findall(text)).replace("\\\n", " ").splitlines():
            if not re.search(r"(?:^|[ $])\./plumb ", line):
                continue
            words = shlex.split(line.replace("[", "").replace("]", ""), comments=True)
            words = words[words.index("./plumb") + 1 :] if "./plumb" in words else []
            words = words[: next((n for n, word in enumerate(words) if word in END), None)]
            if words:
                found[tuple(words)] = page.relative_to(ROOT).as_posix()
    return found


DOCUMENTED = documented()
NAMES = {name for page in PAGES for name in NAMED.findall(page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("words", DOCUMENTED, ids=" ".join)
def test_it_is_understood(monkeypatch, words):
    name = words[0]
    assert name in COMMANDS, DOCUMENTED[words]
    module = importlib.import_module(f"plumbline.cli.{name}")
    entry = "pass_on" if hasattr(module, "pass_on") else "run"
    monkeypatch.setattr(module, entry, lambda _arguments: 0)

    assert main(list(words)) == 0, DOCUMENTED[words]


def test_a_command_that_is_named_exists():
    assert NAMES - set(COMMANDS) == {"help"}


def test_what_is_not_run_here_has_a_test_that_runs_it():
    # What starts, ends, replaces or takes long.
    here = {tuple(line.split()) for line in HERE}
    names = {words[0] for words in DOCUMENTED if words not in here}
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("test_*.py")
        if path != Path(__file__)
    )

    # The linters are run by their modules.
    assert [name for name in sorted(names - {"lint"}) if f'"{name}"' not in tests] == []
    assert [line for line in HERE if tuple(line.split()) not in DOCUMENTED] == []


def test_what_is_run_here_ends_well(db, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DATABASE_URL", db.info.dsn)
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "coverage.xml").write_text('<coverage lines-valid="100" lines-covered="90"/>')

    for line in HERE:
        code = main(line.split())
        said = capsys.readouterr()
        # 1 and 2 are verdicts: this shop has no backup, and no scheduler runs.
        assert code in (0, 1, 2), line
        assert not said.err.startswith("plumb: "), f"{line}: {said.err}"
