"""What the layers in Python and plumb.admit_request() agree on without asking each other."""

from plumbline.api.layers.protocol import KNOWN_METHODS, SAFE_METHODS, Admission


def test_the_verdict_has_the_members_that_its_type_names(ask):
    assert set(ask()) == set(Admission.__annotations__)


def test_both_know_the_same_methods_that_change_nothing(db):
    methods = sorted(KNOWN_METHODS | {"PURGE", "get"})

    rows = db.execute(
        "select m from unnest(%s::text[]) as m where plumb.is_read_method(m)", [methods]
    ).fetchall()

    assert {method for (method,) in rows} == SAFE_METHODS
