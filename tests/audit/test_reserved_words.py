"""A word that a later version of PostgreSQL reserves is quoted from then on: the log goes on."""

from .conftest import seal, tamper

NOW = 'public."user"'
# As a server spelled it for which this was no reserved word.
THEN = "public.user"


def test_a_table_whose_name_is_quoted_by_now_is_the_same_table(db):
    db.execute('create table public."user" (id integer primary key, v text)')
    db.execute("select audit_table(%s::regclass)", [NOW])
    db.execute("insert into public.\"user\" values (1, 'then')")
    tamper(db, "update audit_intake set relation = %s where relation = %s", [THEN, NOW])
    tamper(db, "update audit_intake set key = replace(key, %s, %s)", [NOW, THEN])
    tamper(
        db,
        "update audited_tables set relation = %s, members = array[%s] where relation = %s",
        [THEN, THEN, NOW],
    )
    seal(db)

    db.execute("select run_audit_check(true)")

    db.execute("insert into public.\"user\" values (2, 'now')")
    db.execute('truncate public."user"')
    db.execute("insert into public.\"user\" values (3, 'later')")
    seal(db)
    assert db.execute(
        "select op, record_key from audit_log where relation = %s"
        " and op in ('INSERT', 'TRUNCATE') order by position",
        [NOW],
    ).fetchall() == [("INSERT", "2"), ("TRUNCATE", None), ("INSERT", "3")]
    assert db.execute("select relation from audited_tables where relation ~ 'user'").fetchall() == [
        (NOW,)
    ]
    assert db.execute("select * from check_audit()").fetchall() == []
    history = "select op, new_row ->> 'v' from row_history(%s::regclass, '1')"
    assert db.execute(history, [NOW]).fetchall()[0] == ("INSERT", "then")
    db.execute("select run_audit_check(true)")
    assert {p for (p,) in db.execute("select priority from open_findings").fetchall()} <= {
        "P2",
        "P3",
    }
