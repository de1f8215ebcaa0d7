"""Rows and names of others move no terminal's cursor, and forge no line of what we print."""

from plumbline.cli.__main__ import main


def test_a_row_that_violates_a_rule_writes_no_control_characters(db, monkeypatch, capsys):
    db.execute("create schema own")
    db.execute(
        "create view own.wrong as select 1 as subject,"
        r" E'\x1b[2J\x1b]0;evil\x07 all is well\x1b[1A' as explanation"
    )
    db.execute(
        "select plumb.declare_invariant('OWN_ITEMS', 'own.wrong', 'P3', 'Nothing is wrong.',"
        " p_has_baseline => false)"
    )
    monkeypatch.setenv("DATABASE_URL", db.info.dsn)

    code = main(["verify"])

    said = capsys.readouterr().out
    assert code == 1
    assert "[2J" in said
    assert not [c for c in said if c != "\n" and not c.isprintable()]


def test_a_name_of_others_does_not_either_in_any_command_that_shows(db, monkeypatch, capsys):
    evil = r"wr\x1b[2J\x07ong"
    db.execute("create schema own")
    db.execute(
        f"do $do$ begin execute format(E'create view own.%I as select 1 as subject, %L as v',"
        f" E'{evil}', E'{evil}'); end $do$"
    )
    db.execute(
        "select plumb.declare_invariant('OWN_ITEMS', format('own.%I', relname), 'P1', 'It holds.',"
        " p_has_baseline => false) from pg_class where relnamespace = 'own'::regnamespace"
    )
    db.execute("create table own.item (id integer primary key, v text)")
    db.execute("select plumb.audit_table('own.item')")
    db.execute(f"insert into own.item values (1, E'{evil}')")
    db.execute(f"select set_config('application_name', E'{evil}', false)")
    db.execute(f"update own.item set v = E'other {evil}'")
    db.execute("select plumb.run_deep_scan()")
    monkeypatch.setenv("DATABASE_URL", db.info.dsn)

    for command in (
        ["explain", "OWN_ITEMS"],
        ["invariants"],
        ["incidents"],
        ["incidents", "1"],
        ["history", "own.item", "1"],
        ["status"],
        ["verify"],
    ):
        main(command)
        said = "".join(capsys.readouterr())
        assert [c for c in said if c != "\n" and not c.isprintable()] == [], command
