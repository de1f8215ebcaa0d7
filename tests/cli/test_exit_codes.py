"""0 is true, 1 is false, 2 could not be judged: whichever command says it, in words or as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.manual import DONE, JSON_FIELDS

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
JUDGING = {
    "verify": ("verify",),
    "audit verify": ("audit", "verify"),
    "audit verify --independent": ("audit", "verify", "--independent"),
    "audit proof": ("audit", "proof", "public.t", "1"),
    "audit proof --check": ("audit", "proof", "--check", "/nonexistent", "--anchors", "/none"),
    "backup validate": ("backup", "validate"),
    "gate": ("gate", "--name", "v1"),
    "deploy": ("deploy", "--name", "v1", "--apply", "true", "--rollback", "true"),
    "status": ("status",),
    "report": ("report",),
    "top": ("top",),
    "incidents": ("incidents",),
    "invariants": ("invariants",),
    "explain": ("explain", "NO_NEGATIVE_STOCK"),
    "history": ("history", "retail.stock", "1"),
}
# What they do is not done then, which is neither true nor false.
ACTING = {
    "migrate": ("migrate",),
    "rules diff": ("rules", "diff"),
    "rules apply": ("rules", "apply"),
    "attach": ("attach",),
    "detach": ("detach", "shop.orders"),
    "uninstall": ("uninstall", "--yes"),
    "demo --install": ("demo", "--install"),
    "demo --break": ("demo", "--break", "NO_NEGATIVE_STOCK"),
    "demo --repair": ("demo", "--repair", "NO_NEGATIVE_STOCK"),
    "demo": ("demo", "--seconds", "1"),
    "token create": ("token", "create", "ci"),
    "token revoke": ("token", "revoke", "ci"),
    "token list": ("token", "list"),
    "audit anchor": ("audit", "anchor", "--dir", "/nonexistent"),
    "backup run": ("backup", "run"),
    "backup list": ("backup", "list"),
    "backup prune": ("backup", "prune"),
    "backup schedule": ("backup", "schedule"),
    "backup restore": ("backup", "restore", "--to", "postgresql://127.0.0.1:1/again"),
    "deploy --recover": ("deploy", "--recover", "--name", "v1", "--rollback", "true"),
    "report --id": ("report", "--id", "1"),
    "scheduler": ("scheduler", "--once"),
    "dispatch": ("dispatch", "--once"),
}
WITH_JSON = {
    "verify": ("verify", "--json"),
    "audit verify": ("audit", "verify", "--json"),
    "backup validate": ("backup", "validate", "--json"),
    "backup list": ("backup", "list", "--json"),
    "gate": ("gate", "--name", "v1", "--json", "-"),
    "gate without a file": ("gate", "--json", "--name", "v1"),
    "report": ("report", "--format", "json"),
    "token list": ("token", "list", "--json"),
    "status": ("status", "--json"),
    "top": ("top", "--json"),
    "incidents": ("incidents", "--json"),
    "invariants": ("invariants", "--json"),
    "explain": ("explain", "NO_NEGATIVE_STOCK", "--json"),
    "history": ("history", "retail.stock", "1", "--json"),
    "fleet": ("fleet", "--json"),
}
# Its verdict is the worst of its findings, also when it can see nothing.
WITH_A_VERDICT_OF_ITS_OWN = {"doctor"}


@pytest.fixture
def plumb(tmp_path, monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command at a home of its own: exit code, output, errors."""
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path))

    def run(*arguments: str, **variables: str) -> tuple[int, str, str]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("command", JUDGING | ACTING)
def test_a_database_that_cannot_be_reached_is_2(command, plumb):
    code, said, errors = plumb(*(JUDGING | ACTING)[command], DATABASE_URL=NOWHERE)

    assert code == 2
    assert said or errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", [name for name in JUDGING if name != "status"])
def test_a_cluster_that_does_not_run_is_2(command, plumb):
    code, _said, errors = plumb(*JUDGING[command])

    assert code == 2
    assert errors.startswith("plumb: ")


@pytest.mark.parametrize("command", JUDGING)
def test_a_variable_that_cannot_be_meant_is_2(command, plumb):
    code, _said, errors = plumb(*JUDGING[command], INVARIANT_INTERVAL_MS="7")

    assert code == 2
    assert "'7'" in errors or "audit proof --check" in command


@pytest.mark.parametrize("command", JUDGING)
def test_a_database_without_plumbline_is_2(command, plumb, cluster_url):
    assert plumb(*JUDGING[command], DATABASE_URL=cluster_url)[0] == 2


def test_every_command_with_json_is_tried():
    # What acts is tried in a file of its own.
    judging = {*JSON_FIELDS} - {*DONE}
    assert judging <= {*WITH_JSON, *WITH_A_VERDICT_OF_ITS_OWN}


@pytest.mark.parametrize("command", WITH_JSON)
@pytest.mark.parametrize(
    "variables",
    [{"DATABASE_URL": NOWHERE}, {}, {"INVARIANT_INTERVAL_MS": "7"}],
    ids=["unreachable", "no cluster", "wrong variable"],
)
def test_json_is_printed_when_nothing_could_be_judged(command, variables, plumb):
    code, said, _errors = plumb(*WITH_JSON[command], **variables)

    report = json.loads(said)
    assert code == report["exitCode"] == (1 if (command, variables) == ("status", {}) else 2)
    assert report["error"]


@pytest.mark.parametrize("command", WITH_JSON)
def test_json_is_printed_for_wrong_usage(command, plumb):
    code, said, errors = plumb(*WITH_JSON[command], "--bogus")

    assert code == json.loads(said)["exitCode"] == 2
    assert "--bogus" in json.loads(said)["error"]
    assert "--bogus" in errors


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (("verify", "--bogus"), "usage: plumb verify "),
        (("audit", "verify", "--bogus"), "usage: plumb audit verify "),
        (("audit", "--bogus", "verify"), "usage: plumb audit "),
        (("token", "create", "ops", "extra"), "usage: plumb token create "),
        (("gate", "--name", "v1", "--nam", "v2"), "usage: plumb gate "),
        (("gate",), "usage: plumb gate "),
        (("report", "--format", "pdf"), "usage: plumb report "),
    ],
)
def test_wrong_usage_is_answered_with_the_usage_of_that_command(arguments, usage, plumb):
    code, said, errors = plumb(*arguments)

    assert (code, said) == (2, "")
    assert errors.startswith(usage)


def test_a_mistake_of_ours_is_not_taken_for_a_verdict(plumb, monkeypatch):
    def fail(_url: str) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr("plumbline.cli.verify.verify", fail)
    code, said, errors = plumb("verify", "--json", DATABASE_URL=NOWHERE)

    assert code == json.loads(said)["exitCode"] == 2
    assert "ZeroDivisionError: a mistake" in errors


@pytest.mark.parametrize("variables", [{}, {"DATABASE_URL": NOWHERE}], ids=["private", "existing"])
def test_a_gpg_key_that_cannot_be_used_is_refused_by_up(plumb, tmp_path, variables):
    tmp_path.chmod(0o755)
    (tmp_path / "gnupg").mkdir(mode=0o777)

    code, _said, errors = plumb(
        "up", GPG_KEY_ID="nobody@nowhere.example", GNUPGHOME=str(tmp_path / "gnupg"), **variables
    )

    assert code == 2
    assert "GPG_KEY_ID is 'nobody@nowhere.example', which stands for 0 public keys" in errors


def test_node_env_is_shown(plumb):
    assert "NODE_ENV" not in plumb("status")[1]
    assert "NODE_ENV     staging" in plumb("status", NODE_ENV="staging")[1]
    assert json.loads(plumb("status", "--json")[1])["environment"] == "staging"


def test_a_gate_that_could_not_judge_leaves_no_report_of_an_earlier_run(plumb, tmp_path):
    reports = [tmp_path / "gate.json", tmp_path / "gate.xml"]
    for report in reports:
        report.write_text("an earlier run: pass")

    arguments = ("gate", "--name", "v1", "--json", str(reports[0]), "--junit", str(reports[1]))
    code, said, _errors = plumb(*arguments, DATABASE_URL=NOWHERE)

    assert (code, said) == (2, "")
    assert json.loads(reports[0].read_text())["verdict"] == "unknown"
    assert 'errors="1"' in reports[1].read_text()


def test_a_hyphen_is_the_standard_output(db, plumb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = db.info.dsn + f" password={db.info.password}"

    code, said, errors = plumb("gate", "--name", "v1", "--json", "-", DATABASE_URL=url)
    assert json.loads(said)["verdict"] == "unknown"
    assert (code, errors) == (2, "")
    said = plumb("gate", "--name", "v1", "--junit", "-")[1]
    assert said.startswith("<?xml ")
    said = plumb("report", "--out", "-", "--format", "json")[1]
    assert "executiveReportId" in json.loads(said)
    assert list(tmp_path.iterdir()) == []


def test_the_script_that_starts_it_all_says_2_and_json_as_well(tmp_path):
    script = subprocess.run(
        ["./plumb", "verify", "--json"],
        env={"PATH": os.environ["PATH"], "PLUMB_HOME": 'no "absolute" path'},
        capture_output=True,
        text=True,
        check=False,
    )

    assert script.returncode == json.loads(script.stdout)["exitCode"] == 2
    assert json.loads(script.stdout)["error"] == (
        "PLUMB_HOME is 'no \"absolute\" path', which is no absolute path"
    )


def test_help_tells_what_the_exit_codes_mean(capsys):
    with pytest.raises(SystemExit):
        main(["verify", "--help"])

    said = capsys.readouterr().out
    for line in ("0    it is true", "1    it is false", "2    it could not be judged"):
        assert line in said


def test_what_reads_stops_quietly_when_nobody_reads(db):
    url = db.info.dsn + f" password={db.info.password}"
    with subprocess.Popen(
        [sys.executable, "-m", "plumbline.cli", "verify"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"},
    ) as process:
        process.stdout.close()
        said = process.stderr.read().decode()

    assert (process.returncode, said) == (141, "")
