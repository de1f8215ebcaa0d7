"""The rules file: what it says and what the database holds are compared, applied and written."""

import argparse

import psycopg
import pytest
from plumbline.cli import rules
from plumbline.core.errors import PlumbError


@pytest.fixture
def app(db, without_rules, monkeypatch):
    db.execute(
        """
        create schema app;
        create table app.orders (order_id integer primary key, total numeric, status text);
        create table app.lines (
            line_id integer primary key, order_id integer references app.orders, amount numeric
        );
        """
    )
    monkeypatch.setenv(
        "DATABASE_URL",
        "postgresql:///?"
        + "&".join(
            f"{key}={value}"
            for key, value in psycopg.conninfo.conninfo_to_dict(db.info.dsn).items()
            if key in ("host", "port", "user", "dbname")
        ),
    )
    return db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "plumb.rules.sql"
    path.write_text(
        """
        select plumb.declare_sum_matches('TOTAL', 'app.orders', 'total', 'amount', 'app.lines',
            p_priority => 'P1', p_owner => 'sales', p_where => 'status <> ''DRAFT''');
        select plumb.enforce_invariant('TOTAL', 'commit');
        select plumb.declare_accepted_values('STATUS', 'app.orders', 'status', array['A', 'it''s']);
        """
    )
    return path


def run(action, file, prune=False):
    return rules.run(argparse.Namespace(action=action, file=file, prune=prune))


def test_apply_brings_the_database_to_the_file_and_again_changes_nothing(app, file, capsys):
    assert run("diff", file) == 1
    assert "+select plumb.declare_sum_matches(" in capsys.readouterr().out
    assert app.execute("select * from plumb.rules").fetchall() == []

    assert run("apply", file) == 0
    assert "2 rules declared, 2 new or changed" in capsys.readouterr().out
    assert run("diff", file) == 0
    assert run("apply", file) == 0
    assert "2 rules declared, 0 new or changed" in capsys.readouterr().out
    assert app.execute(
        "select name, priority, owner from plumb.rule_status order by name"
    ).fetchall() == [("STATUS", "P2", None), ("TOTAL", "P1", "sales")]


def test_export_writes_a_file_that_agrees(app, file, tmp_path):
    run("apply", file)
    written = tmp_path / "written.sql"
    run("export", written)
    assert run("diff", written) == 0
    app.execute("select plumb.drop_invariant(invariant) from plumb.rules")
    assert run("apply", written) == 0
    assert run("diff", file) == 0


def test_what_the_database_has_besides_is_shown_and_dropped_when_asked(app, file, capsys):
    run("apply", file)
    file.write_text(file.read_text().partition("select plumb.declare_accepted")[0])
    assert run("diff", file) == 1
    assert run("apply", file) == 0
    assert "not in the file: STATUS" in capsys.readouterr().out
    run("apply", file, prune=True)
    assert app.execute("select invariant from plumb.rules").fetchall() == [("TOTAL",)]
    assert run("diff", file) == 0


def test_a_change_of_priority_in_the_file_is_applied(app, file):
    run("apply", file)
    file.write_text(file.read_text().replace("'P1'", "'P3'"))
    assert run("diff", file) == 1
    run("apply", file)
    assert run("diff", file) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("alter table app.lines rename amount to sum", 'cannot be read: column "amount"'),
        ("alter table app.orders drop column status cascade", "rule STATUS: app.orders has no"),
        ("drop table app.lines", 'rule TOTAL: table "app.lines" of p_child does not exist'),
    ],
)
def test_what_a_migration_renamed_or_dropped_is_named(app, file, change, message):
    app.execute(change)
    if "status" in change:
        file.write_text(file.read_text().replace(", p_where => 'status <> ''DRAFT'''", ""))
    with pytest.raises(PlumbError) as refused:
        run("apply", file)
    assert message in str(refused.value)
    assert refused.value.hint
    assert app.execute("select * from plumb.rules").fetchall() == []


def test_a_file_that_cannot_be_read_or_ends_its_transaction_is_refused(app, file, tmp_path):
    with pytest.raises(PlumbError, match="cannot be read"):
        run("apply", tmp_path / "none.sql")
    file.write_text(file.read_text() + "commit; select 1;")
    with pytest.raises(PlumbError, match="ends its transaction"):
        run("diff", file)
