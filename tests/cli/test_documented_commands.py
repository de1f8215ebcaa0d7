"""Every command that the documentation shows is understood, and run by a test."""

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "clients/node/README.md"]
# The references are generated, and what changed once is history.
OTHERS = {"reference", "decisions"}
BLOCK = re.compile(r"^ *```(?:bash|console)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
BASH = re.compile(r"^ *```bash\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`(?:[A-Z_]+=\S+ )*\./plumb ([a-z]+)\b")
END = {"|", "&&", ";", ">", "||"}
# Run here, in this order, on one database; the last ones change what the others look at.
HERE = [
    "status",
    "verify",
    "audit verify",
    "incidents --json",
    "top --json",
    "backup run",
    "backup run --json",
    "backup list",
    "backup prune",
    "backup schedule",
    "report",
    "report --format html --out report.html",
    "gate --name v1.4.2 --coverage coverage.xml",
    "gate --name v1.4.2 --coverage coverage.xml --junit gate.xml --json gate.json",
    "token create ci --scope operate --days 90",
    "token list",
    "token revoke ci",
    "attach",
    "attach --out plumb.rules.sql",
    "rules export",
    "rules diff",
    "rules apply",
    "completion bash",
    "completion zsh",
    "psql -c \"UPDATE plumb.system_mode SET override_token = 'your-secret' WHERE id = 1\"",
    'psql -c "select changed_at, who, column_name, old_value, new_value'
    " from plumb.row_changes('retail.stock', '10')\"",
    "psql -c \"call plumb.guard_schema('sales')\"",
    "psql -c \"select plumb.guard_table('sales.orders')\"",
]
# What starts, ends, replaces or takes long: the file of tests that does it, and the call there.
RUN_BY = {
    "up": ("cli/test_up_and_down.py", '"up"'),
    "down": ("cli/test_up_and_down.py", '"down"'),
    "demo --break NO_NEGATIVE_STOCK": ("demo/test_break_and_repair.py", "break_invariant("),
    "demo --repair NO_NEGATIVE_STOCK": ("demo/test_break_and_repair.py", "repair("),
    "backup run --validate": ("backup/test_backup_drill.py", "validate(backups.make())"),
    "backup validate NAME": ("backup/test_drill_without_rights.py", '"backup", "validate"'),
    "backup shadow": ("backup/conftest.py", "backup_shadow.prepare("),
    "backup restore NAME --to postgresql://postgres@host/shop": (
        "backup/test_restore_for_real.py",
        "Recovery(",
    ),
    "backup restore NAME --to postgresql://postgres@host/shop_before": (
        "platform/test_upgrade_of_an_installation.py",
        "def test_the_way_back_is_the_backup_from_before",
    ),
    "deploy --name v1.4.2 --coverage coverage.xml --watch 10m --apply './release.sh v1.4.2'"
    " --rollback './release.sh v1.4.1'": ("deploy/test_deploy_command.py", "deploy("),
    "deploy --recover --rollback './release.sh v1.4.1'": (
        "deploy/test_deploy_command.py",
        'deploy("--recover"',
    ),
    "service install": ("cli/test_service.py", 'plumb("install"'),
    "bench": ("bench/test_bench.py", "bench.run("),
    # The linters are run by their modules, and the tests are what runs this.
    "lint": ("static/test_linters.py", "findings("),
    "test": ("conftest.py", "pytest"),
    "test --slow": ("conftest.py", "pytest"),
    "test tests/incidents -q": ("conftest.py", "pytest"),
    "test --coverage": ("conftest.py", "pytest"),
}
# Lines of other programs, and why no test runs them as they are.
OTHER_LINES = {
    ".ci/run": "all tests, from a clean clone",
    ".venv/bin/mkdocs serve": "tests/static/test_docs_site.py builds the site",
    "git clone URL plumbline && cd plumbline": "the reader's own clone",
    "git pull": "the reader's own clone",
    "git checkout v1.0.0": "the reader's own clone",
    "uv build": "tests/cli/test_wheel.py builds both files",
    "pipx install dist/plumbline-*.whl": "FROM=wheel tests/bare/run installs one on a bare system",
    "podman compose up --build --detach": "no engine for containers runs where the tests do",
    "DATABASE_URL=postgresql://… PORT=3000 python -m plumbline.api": "tests/api starts it so",
    # Run together with the others of its block.
    "cd deploy/container && mkdir -m 700 secrets": "",
    "for name in database_password api_token; do openssl rand -hex 24 >secrets/$name; done": "",
    "chmod 644 secrets/*": "",
}


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


def test_each_is_run_here_or_by_a_test_that_is_named():
    here = {tuple(shlex.split(line)) for line in HERE}
    elsewhere = {tuple(shlex.split(line)): named for line, named in RUN_BY.items()}

    assert {" ".join(words) for words in DOCUMENTED} == {
        " ".join(words) for words in here | {*elsewhere}
    }
    assert here & {*elsewhere} == set()
    for path, said in elsewhere.values():
        assert said in (ROOT / "tests" / path).read_text(encoding="utf-8"), path


def test_what_other_programs_do_is_run_elsewhere_or_named_with_a_reason():
    lines = set()
    for page in PAGES:
        if not OTHERS & set(page.parts):
            blocks = BASH.findall(page.read_text(encoding="utf-8"))
            joined = "".join(blocks).replace("\\\n", " ")
            lines |= {re.split(r"\s{2,}#|;  ", line)[0].strip() for line in joined.splitlines()}
    # Those of curl are run by test_http_doc.py and test_seed_commands.py.
    known = re.compile(r"#|curl |(?:[A-Z_]+=\S+ )*\./plumb |plumb (?:up|down)$|$")
    other = {line for line in lines if not known.match(line)}

    assert other == {*OTHER_LINES}


def test_the_secrets_of_the_containers_are_made_as_the_page_says(tmp_path):
    (page,) = BASH.findall((ROOT / "docs/containers.md").read_text(encoding="utf-8"))
    prepared = "".join(f"{line}\n" for line in page.splitlines() if "podman" not in line)
    folder = tmp_path / "deploy" / "container"
    folder.mkdir(parents=True)
    subprocess.run(["sh", "-ec", prepared], cwd=tmp_path, check=True)

    secrets = {path.name: path.read_text().strip() for path in (folder / "secrets").iterdir()}
    assert {*secrets} == {"database_password", "api_token"}
    assert all(re.fullmatch("[0-9a-f]{48}", secret) for secret in secrets.values())


def own_url(db):
    """Return a URL without the parameters that only the library of psycopg knows."""
    info = db.info
    return f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"


def test_what_is_run_here_ends_well(db, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DATABASE_URL", own_url(db))
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path / "backups"))
    monkeypatch.chdir(tmp_path)
    db.execute("create schema sales; create table sales.orders (id int primary key)")
    (tmp_path / "coverage.xml").write_text('<coverage lines-valid="100" lines-covered="90"/>')

    for line in HERE:
        words = shlex.split(line)
        if words[0] == "psql":
            # It takes the place of the process that calls it.
            subprocess.run([sys.executable, "-m", "plumbline.cli", *words], check=True)
            continue
        code = main(words)
        said = capsys.readouterr()
        # 1 and 2 are verdicts: no backup was proven, and no scheduler runs.
        assert code in (0, 1, 2), line
        assert not said.err.startswith("plumb: "), f"{line}: {said.err}"
