"""Who tries secrets is found at once, shut out, reported, and forgotten when he stops."""

import psycopg
import pytest


def fail(call, number, client="203.0.113.7", account="ada", **more):
    return [call("report_failed_login", client, account, "shop", **more) for _ in range(number)][-1]


def test_failures_below_the_threshold_block_nobody(call, ask, at, open_scopes):
    assert fail(call, 9)["blocked"] is False

    assert ask()["decision"] == "admit"
    assert open_scopes() == []


def test_the_tenth_failure_blocks_tells_the_application_and_raises_an_incident(
    call, ask, at, open_scopes
):
    answer = fail(call, 10)

    assert (answer["blocked"], answer["failures"], answer["retryAfterSeconds"]) == (True, 10, 60)
    assert ask()["decision"] == "blocked"
    assert ask(client="203.0.113.8")["decision"] == "admit"
    assert open_scopes() == ["BRUTE_FORCE"]


def test_when_the_attack_ends_the_block_expires_and_the_incident_clears(call, ask, at, open_scopes):
    fail(call, 10)
    open_scopes()

    at(601)

    assert ask()["decision"] == "admit"
    assert open_scopes() == []


def test_failures_long_ago_do_not_count(call, at):
    fail(call, 9)

    at(601)

    assert fail(call, 1) | {"client": ""} == {
        "client": "",
        "failures": 1,
        "failuresMax": 10,
        "blocked": False,
        "blockedUntil": None,
        "retryAfterSeconds": None,
    }


def test_a_second_attack_is_blocked_for_twice_as_long(call, at):
    fail(call, 10)
    at(700)

    assert fail(call, 10)["retryAfterSeconds"] == 120


def test_an_attack_on_one_account_from_everywhere_is_seen_and_the_account_stays_open(
    db, call, at, open_scopes
):
    for number in range(50):
        fail(call, 1, client=f"198.51.{number}.1")

    assert open_scopes() == ["BRUTE_FORCE"]
    assert db.execute("select target, subject from plumb.attackers").fetchall() == [
        ("account", "ada@shop")
    ]
    assert db.execute("select from plumb.active_blocks").fetchall() == []


def test_an_ipv6_attacker_gains_nothing_from_changing_his_address(call, ask, at):
    for number in range(10):
        fail(call, 1, client=f"2001:db8:1:2::{number:x}")

    assert ask(client="2001:db8:1:2::ffff")["decision"] == "blocked"


def test_this_machine_is_reported_but_not_blocked(call, ask, at, open_scopes):
    assert fail(call, 20, client="127.0.0.1")["blocked"] is False

    assert ask(client="127.0.0.1")["decision"] == "admit"
    assert open_scopes() == ["BRUTE_FORCE"]


def test_refused_requests_have_a_threshold_of_their_own(call, ask, at):
    for _ in range(49):
        call("report_refused_request", "203.0.113.7", 403)
    assert ask()["decision"] == "admit"

    assert call("report_refused_request", "203.0.113.7", 401)["blocked"] is True


def test_a_thousand_failures_are_a_handful_of_rows(db, call, at):
    db.execute(
        "select plumb.report_failed_login('203.0.113.7', 'ada', 'shop')"
        " from generate_series(1, 1000)"
    )

    assert db.execute(
        "select count(*), sum(event_count) from plumb.security_events where kind = 'failed_login'"
    ).fetchone() == (1, 1000)


def test_wrong_override_tokens_are_an_attack_from_the_third_on(db, call, at, open_scopes):
    db.execute("select plumb.engage_safe_mode('drill', 'ops')")
    db.execute("update system_mode set override_token = 'right' where id = 1")
    for number in range(3):
        at(100 * number)
        call("disengage_safe_mode", "wrong", "mallory")
        assert open_scopes() == (["WRONG_OVERRIDE_TOKEN"] if number == 2 else [])

    at(1000)

    assert open_scopes() == []


@pytest.mark.parametrize(("client", "account"), [("", ""), (None, None), (" ", "")])
def test_a_failed_login_of_nobody_from_nowhere_is_refused(call, client, account):
    with pytest.raises(psycopg.errors.Error) as error:
        call("report_failed_login", client, account, "shop")
    assert error.value.sqlstate == "PL002"


@pytest.mark.parametrize("status", [200, 404, 500, None])
def test_only_401_and_403_are_refusals(call, status):
    with pytest.raises(psycopg.errors.Error) as error:
        call("report_refused_request", "203.0.113.7", status)
    assert error.value.sqlstate == "PL002"


def test_absurdly_long_names_are_cut_not_refused(db, call):
    fail(call, 1, client="c" * 10_000, account="a" * 10_000)

    longest = "select max(length(client)), max(length(actor)) from plumb.security_events"
    assert db.execute(longest).fetchone() == (200, 125)


def test_an_application_needs_a_grant_to_report(db, connect, call):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        fail(call, 1, on=connect(role="retail_app"))

    fail(call, 1, on=connect(role="plumb_api"))


def test_two_sessions_that_see_the_last_failure_make_one_block(db, connect, call, at):
    fail(call, 9)
    first, second = connect(autocommit=False), connect(options="-c lock_timeout=100ms")
    at(0, first)
    at(0, second)
    assert fail(call, 1, on=first, account="bob")["blocked"] is True

    second.execute("set lock_timeout = '50ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        fail(call, 2, on=second, account="eve")
    first.commit()
    fail(call, 1, on=second, account="eve")

    assert db.execute("select count(*) from plumb.security_blocks").fetchone() == (1,)


@pytest.mark.parametrize(
    ("written", "client"),
    [("203.0.113.77:{}", "203.0.113.77"), ("[2001:db8:7::1]:{}", "2001:db8:7::1")],
)
def test_another_port_is_the_same_client(call, ask, written, client):
    for port in range(40_001, 40_011):
        answer = fail(call, 1, client=written.format(port))

    assert answer["blocked"] is True
    assert ask(client=client)["decision"] == "blocked"
    assert ask(client=written.format(50_000))["decision"] == "blocked"
