"""The drift score: 100 when all hold, less with every violation, never green on the unknown."""

import json
import random

import psycopg
import pytest

P1, P2, P3 = "NO_NEGATIVE_STOCK", "STOCK_MOVEMENT_BALANCE", "NO_ORPHANED_SALE_ITEMS"

SCORE = """
select plumb.score_drift('deep', array_agg(
    row(null, null, i.name, case
        when c.count is null then 'holds'
        when c.count = 'null' then 'unknown'
        when c.count = '0' then 'holds'
        else 'violated'
    end, coalesce(nullif(c.count, 'null')::text::bigint, 0), null, 0, null, now()
    )::plumb.invariant_checks
))
from plumb.invariants as i
left join jsonb_each(%s) as c (name, count) on c.name = i.name
"""


def score(db, **violations):
    """Score a round in which these invariants have so many violations, None being unknown."""
    return float(db.execute(SCORE, [json.dumps(violations)]).fetchone()[0])


def test_all_hold_is_one_hundred(db):
    assert score(db) == 100


@pytest.mark.parametrize("weight", ["NaN", "Infinity", "1e300", "1000.1", "0", "-Infinity"])
def test_no_weight_turns_the_score_green(db, connect, weight):
    operator = connect(role="plumb_operator")

    with pytest.raises(psycopg.Error, match="out of range") as error:
        operator.execute("select plumb.tune_invariant(%s, p_weight => %s::numeric)", [P2, weight])
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("update plumb.invariants set weight = %s::numeric", [weight])

    assert error.value.sqlstate == "PL002"
    assert score(db, **{P2: 1, P3: 1}) < 100


@pytest.mark.parametrize("column", ["first_penalty", "growth_penalty", "max_penalty"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1"])
def test_no_penalty_turns_the_score_green(db, column, value):
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(f"update plumb.drift_weights set {column} = %s", [value])


@pytest.mark.parametrize("count", [1, 2, 10, 10_000, 10**9])
def test_any_p1_violation_is_below_the_gate(db, count):
    assert score(db, **{P1: count}) < 85


def test_a_p1_is_below_the_gate_however_light_it_weighs(db):
    db.execute("select tune_invariant(%s, p_weight => 0.01)", [P1])
    assert score(db, **{P1: 1}) < 85
    assert score(db, **{P1: None}) < 85


@pytest.mark.parametrize("count", [1, 2, 10, 10_000, 10**9])
def test_a_lone_p3_leaves_at_least_ninety_five(db, count):
    assert 95 <= score(db, **{P3: count}) < 100


def test_urgency_decides_what_a_violation_costs(db):
    assert score(db, **{P1: 1}) < score(db, **{P2: 1}) < score(db, **{P3: 1})


@pytest.mark.parametrize("invariant", [P1, P2, P3])
def test_each_tenfold_of_violations_lowers_the_score(db, invariant):
    scores = [score(db, **{invariant: 10**power}) for power in range(5)]
    assert scores == sorted(set(scores), reverse=True)


def test_more_violations_never_raise_the_score(db):
    names = [name for (name,) in db.execute("select name from invariants").fetchall()]
    dice = random.Random(7)
    for _ in range(60):
        before = {n: dice.choice([0, 1, 3, 50, 9_999]) for n in dice.sample(names, 4)}
        worse = dice.choice(names)
        after = before | {worse: before.get(worse, 0) + dice.choice([1, 7, 500])}
        assert 0 <= score(db, **after) <= score(db, **before) <= 100


def test_everything_wrong_is_zero_and_no_less(db):
    names = [name for (name,) in db.execute("select name from invariants").fetchall()]
    assert score(db, **dict.fromkeys(names, 10_000)) == 0


def test_the_unknown_costs_as_much_as_a_violation_and_is_named(db):
    assert score(db, **{P2: 1}) == score(db, **{P2: None}) < 100
    named = db.execute("select unknown_invariants from drift_history limit 1").fetchone()[0]
    assert named == [P2]


def test_weights_multiply(db):
    db.execute("select tune_invariant(%s, p_weight => 2)", [P2])
    assert score(db, **{P2: 1}) == 84


def test_a_round_writes_one_score_that_the_seeds_query_finds(shop):
    shop.execute("update stock set quantity = -1 where product_id = 1")
    shop.execute("select check_invariants()")
    newest = shop.execute("SELECT score FROM drift_scores ORDER BY created_at DESC LIMIT 1")
    # A negative stock is a P1, and it no longer matches its movements, a P2.
    assert newest.fetchall() == [(72,)]
    assert shop.execute("select count(*) from drift_scores").fetchone() == (1,)


def test_drift_history_says_what_changed_and_why(shop):
    shop.execute("select check_invariants()")
    shop.execute("update sales set total = 31 where sale_id = 1")
    shop.execute("select check_invariants()")
    rows = shop.execute("select score, change, violation_count, violated from drift_history")
    assert rows.fetchall() == [
        (
            60,
            -40,
            2,
            ["PAYMENT_SUM_MATCHES_SALE_TOTAL (1)", "SALE_TOTAL_MATCHES_LINE_ITEMS (1)"],
        ),
        (100, None, 0, []),
    ]
