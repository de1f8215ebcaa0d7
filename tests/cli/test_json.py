"""With --json, a command that acts prints one documented object, whatever happens."""

import json
import shlex

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.commands import COMMANDS
from plumbline.cli.manual import DONE, JSON_FIELDS

# Their output is another program's, a script, or a file that is named.
OTHERS = {"psql", "test", "completion", "bench", "gate"}
# What acts on one database, in an order in which each finds what it needs; the last ones remove.
ACTING = (
    "migrate",
    "token create ci",
    "token revoke ci",
    "attach --out plumb.rules.sql",
    "attach --yes",
    "rules export",
    "rules diff",
    "rules apply",
    "audit anchor --dir anchors",
    "audit proof sales.orders 1",
    "audit proof sales.orders 1 --out proof.json",
    "audit proof --check proof.json --anchors anchors",
    "backup run",
    "backup prune",
    "backup schedule",
    "backup schedule --off",
    "report",
    "scheduler --once",
    "dispatch --once",
    "service install --directory units",
    "service remove --directory units",
    "detach sales",
    "uninstall",
)


def test_every_command_takes_it():
    assert {name.partition(" ")[0] for name in JSON_FIELDS} | OTHERS == {*COMMANDS}


def test_what_acts_prints_one_object_with_the_documented_fields(db, monkeypatch, tmp_path, capfd):
    info = db.info
    # Without the parameters that only the library of psycopg knows.
    url = f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path / "backups"))
    monkeypatch.chdir(tmp_path)
    for name in ("anchors", "units"):
        (tmp_path / name).mkdir()
    db.execute("create schema sales; create table sales.orders (id int primary key)")
    db.execute("select plumb.audit_table('sales.orders'); insert into sales.orders values (1)")
    printed = {}
    for line in ACTING:
        words = shlex.split(line)
        command = next(name for name in DONE if line.startswith(name))
        code = main([*words, "--json"])
        said = capfd.readouterr()
        found = printed[line] = json.loads(said.out)

        assert [*found] == [*JSON_FIELDS[command]], line
        assert (found["command"], found["exitCode"], found["error"]) == (command, code, None)
        assert code == 0, said.err
    assert len(printed["token create ci"]["token"]) > 20
    assert printed["audit proof --check proof.json --anchors anchors"]["proven"]["op"] == "INSERT"
    assert printed["audit proof sales.orders 1"]["proof"]
    assert "sales.orders" in printed["detach sales"]["tables"]
    assert printed["report"]["report"]["headline"]
    assert printed["backup run"]["sizeBytes"] > 0


def test_what_people_read_meanwhile_is_on_the_standard_error(db, monkeypatch, capfd):
    monkeypatch.setenv("DATABASE_URL", db.info.dsn)
    main(["token", "revoke", "nobody", "--json"])
    said = capfd.readouterr()
    found = json.loads(said.out)

    assert found["exitCode"] == 2
    assert "nobody" in found["error"] and found["error"] in said.err
    assert found["hint"]


def test_a_secret_is_printed_once(db, monkeypatch, capfd):
    monkeypatch.setenv("DATABASE_URL", db.info.dsn)
    main(["token", "create", "ci", "--json"])
    said = capfd.readouterr()

    assert json.loads(said.out)["messages"] == []
    assert said.err == ""


@pytest.mark.parametrize("arguments", [["token", "--json"], ["deploy", "--json", "--bogus"]])
def test_wrong_usage_is_json_too(arguments, capfd):
    code = main(arguments)

    assert json.loads(capfd.readouterr().out)["exitCode"] == code == 2
