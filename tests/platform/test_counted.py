"""Messages count in words that agree with the number."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("1, 'finding'", "1 finding"),
        ("0, 'finding'", "0 findings"),
        ("2, 'finding'", "2 findings"),
        ("1, 'index is', 'indexes are'", "1 index is"),
        ("3, 'index is', 'indexes are'", "3 indexes are"),
    ],
)
def test_a_number_agrees_with_what_it_counts(db, arguments, said):
    assert db.execute(f"select plumb.counted({arguments})").fetchone() == (said,)
