"""The doctor names what is wrong with an installation, wherever it runs and whoever asks."""

import json
import time

import psycopg
import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.doctor import database, machine
from plumbline.cli.manual import JSON_FIELDS

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def find(db):
    """Return a function that looks at this test's database: the findings by what they are of."""

    def look(**options):
        url = psycopg.conninfo.make_conninfo(db.info.dsn, **options)
        return {finding.subject: finding for finding in database.look(url)}

    return look


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command at a home of its own: exit code and output."""
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path / "home"))

    def run(*arguments, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return main(["doctor", *arguments]), capsys.readouterr().out

    return run


def test_what_is_in_order_is_ok(find):
    found = find()

    for subject in ("clock", "rights", "schema", "functions", "views", "safe mode"):
        assert found[subject].status == "ok", found[subject]


def test_functions_that_differ_from_the_code_are_named_until_it_is_applied_again(db, find):
    text = db.execute("select pg_get_functiondef('plumb.is_safe_mode()'::regprocedure)").fetchone()
    db.execute(
        "create or replace function plumb.is_safe_mode() returns boolean"
        " language sql stable as 'select false'"
    )
    db.execute("create function plumb.backdoor() returns integer language sql as 'select 1'")

    told = find()["functions"]
    assert (told.status, "./plumb migrate" in told.remedy) == ("wrong", True)
    assert "differ from the files: is_safe_mode; are in no file: backdoor" in told.why
    db.execute(text[0])
    db.execute("alter function plumb.spoken_moment(timestamptz) rename to moved")
    told = find()["functions"]
    assert "are missing: spoken_moment; are in no file: backdoor, moved" in told.why

    db.execute("alter function plumb.moved(timestamptz) rename to spoken_moment")
    db.execute("drop function plumb.backdoor()")
    assert find()["functions"].status == "ok"


def test_views_that_no_file_declares_or_that_are_missing_are_named(db, find):
    db.execute("create view plumb.mine as select 1 as one")
    db.execute("alter view plumb.token_list rename to tokens")

    told = find()["views"]
    assert told.status == "wrong"
    assert "are missing: token_list; are in no file: mine, tokens" in told.why


def test_a_schema_of_another_version_is_wrong(db, find):
    db.execute("update plumb.schema_revision set version_num = '0001'")

    told = find()["schema"]
    assert (told.status, told.remedy) == ("wrong", "./plumb migrate")

    db.execute("update plumb.schema_revision set version_num = '9999'")
    assert "newer version" in find()["schema"].remedy


def test_tables_that_nothing_guards_and_jobs_that_are_disabled_are_named(db, find):
    db.execute("create schema app; create table app.bare (id integer primary key)")
    db.execute("update plumb.jobs set is_enabled = false where job_name = 'health'")

    found = find()

    assert found["guarded tables"].why.endswith("writes to app.bare")
    assert found["audited tables"].why.endswith("see app.bare")
    assert "health (disabled)" in found["jobs"].why


def test_safe_mode_is_told_with_its_reason(engage, find):
    engage()

    assert "a test" in find()["safe mode"].why


def test_clocks_that_differ_are_wrong(find, monkeypatch):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 60)

    assert find()["clock"].why == "this machine's clock and the server's are 60 s apart"


def test_a_role_without_rights_is_told_what_it_lacks(db, find, give_password):
    db.execute("drop role if exists plumb_test_stranger")
    db.execute("create role plumb_test_stranger login")
    give_password(db, "plumb_test_stranger")

    found = find(user="plumb_test_stranger")

    assert found["rights"].remedy.startswith('grant plumb_reader to "plumb_test_stranger"')
    assert {found[s].status for s in ("safe mode", "jobs", "guarded tables")} == {"unknown"}
    db.execute("drop role plumb_test_stranger")


def test_checks_of_the_server_are_told_with_their_remedy(db, find):
    listed = {name for (name,) in db.execute("select check_name from plumb.database_checks")}

    assert listed <= find().keys()


def test_a_database_without_plumbline_says_how_to_get_it(cluster_url):
    found = {finding.subject: finding for finding in database.look(cluster_url)}

    assert (found["schema"].status, found["schema"].remedy) == ("wrong", "./plumb migrate")


def test_every_variable_that_cannot_be_meant_is_named():
    config, found = machine.read_settings({"PORT": "x", "INVARIANT_INTERVAL_MS": "7"})

    assert config is None
    assert {finding.subject for finding in found} == {"PORT", "INVARIANT_INTERVAL_MS"}


def test_where_nothing_is_set_up_it_says_so_and_makes_nothing(doctor, tmp_path):
    code, said = doctor()

    assert (code, list(tmp_path.iterdir())) == (1, [])
    assert "nothing is set up here" in said
    assert "→ ./plumb up" in said


def test_a_server_that_does_not_answer_is_unknown(doctor):
    code, said = doctor("--json", DATABASE_URL=NOWHERE)

    found = json.loads(said)
    assert {*found} == {*JSON_FIELDS["doctor"]}
    assert code == 1  # the service does not run
    (session,) = [one for one in found["findings"] if one["subject"] == "session"]
    assert session["status"] == "unknown"
    assert session["remedy"]


def test_all_shows_what_is_in_order(doctor):
    assert "Python 3." not in doctor()[1]
    assert "Python 3." in doctor("--all")[1]
