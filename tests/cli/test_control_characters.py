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
