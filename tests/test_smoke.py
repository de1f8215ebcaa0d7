"""The shortest proof that an installation works: it holds."""


def test_fresh_install_holds(db):
    assert {r[1] for r in db.execute("select * from check_invariants()")} == {"holds"}
