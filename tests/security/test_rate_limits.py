"""A client may ask so often in any minute, and learns when it may ask again."""

import psycopg
import pytest


@pytest.fixture(autouse=True)
def ten_reads_a_minute(db, at):
    db.execute("update plumb.rate_limits set requests_max = 10 where route_class = 'read'")


def decisions(ask, number, **request):
    return [ask(**request)["decision"] for _ in range(number)]


def test_the_limit_is_admitted_and_the_next_is_told_to_wait(ask):
    assert decisions(ask, 10) == ["admit"] * 10

    refused = ask()

    assert (refused["decision"], refused["status"]) == ("rate_limited", 429)
    assert 0 < refused["retryAfterSeconds"] <= 120


def test_what_remains_is_counted_down(ask):
    assert [ask()["remaining"] for _ in range(3)] == [9, 8, 7]


def test_waiting_as_long_as_told_is_enough_and_a_little_less_is_not(ask, at):
    at(30)
    decisions(ask, 10)
    wait = ask()["retryAfterSeconds"]

    at(30 + wait - 2)
    too_soon = ask()["decision"]
    at(30 + wait)

    assert too_soon == "rate_limited"
    assert ask()["decision"] == "admit"


def test_waiting_is_enough_in_the_window_after_a_full_one_too(ask, at):
    decisions(ask, 10)
    at(61)
    decisions(ask, 1)
    refused = ask()
    assert refused["decision"] == "rate_limited"

    at(61 + refused["retryAfterSeconds"])

    assert ask()["decision"] == "admit"


def test_the_turn_of_a_minute_does_not_double_the_limit(ask, at):
    at(59)
    decisions(ask, 10)

    at(61)

    assert ask()["decision"] == "rate_limited"


def test_the_window_slides(ask, at):
    decisions(ask, 10)

    at(90)

    assert decisions(ask, 6) == ["admit"] * 5 + ["rate_limited"]


def test_after_two_windows_nothing_is_remembered(ask, at):
    decisions(ask, 10)

    at(120)

    assert decisions(ask, 10) == ["admit"] * 10


def test_clients_and_classes_of_routes_do_not_share_a_limit(ask):
    decisions(ask, 11)

    assert ask(client="203.0.113.8")["decision"] == "admit"
    assert ask(method="POST", route="/reports/executive")["routeClass"] == "write"
    assert ask(method="DELETE", route="/system-mode/safe")["routeClass"] == "mode"


def test_an_address_written_differently_is_the_same_client(ask):
    decisions(ask, 10)

    assert ask(client="::ffff:203.0.113.7")["decision"] == "rate_limited"
    assert ask(client="::ffff:cb00:7107")["decision"] == "rate_limited"


def test_an_ipv6_subscriber_is_one_client_however_many_addresses_he_uses(ask):
    for number in range(10):
        ask(client=f"2001:db8:1:2::{number:x}")

    assert ask(client="2001:db8:1:2:ffff::1")["decision"] == "rate_limited"
    assert ask(client="2001:db8:1:3::1")["decision"] == "admit"


def test_this_machine_is_never_limited(ask):
    for client in ("127.0.0.1", "127.9.9.9", "::1"):
        assert set(decisions(ask, 12, client=client)) == {"admit"}


def test_an_allowed_network_is_never_limited(ask, call):
    call("allow_client", "203.0.113.0/24", "office")

    assert set(decisions(ask, 12)) == {"admit"}


def test_limits_can_be_switched_off(ask, call):
    call("change_setting", "rate_limits_enabled", "false")

    assert set(decisions(ask, 12)) == {"admit"}


def test_a_class_of_its_own_needs_one_row(db, ask):
    db.execute("insert into plumb.rate_limits values ('login', 5, '^POST /login$', 2, 60)")

    assert decisions(ask, 3, method="POST", route="/login") == ["admit", "admit", "rate_limited"]
    assert ask(method="POST", route="/login/else")["routeClass"] == "write"


@pytest.mark.parametrize(
    "client", ["", "no address", "999.1.1.1", "10.0.0.0/8", "a" * 5000, "'; --"]
)
def test_whoever_cannot_be_placed_is_counted_by_name(ask, client):
    assert decisions(ask, 11, client=client)[-1] == "rate_limited"


def test_sessions_that_count_at_once_do_not_wait_for_each_other(connect, ask, at):
    slot = "select pg_backend_pid() % 8"
    first = connect(autocommit=False)
    while True:
        second = connect(autocommit=False)
        if second.execute(slot).fetchone() != first.execute(slot).fetchone():
            break
    second.execute("set lock_timeout = '1s'")
    at(0, first)
    at(0, second)
    ask(on=first)
    ask(on=second)
    first.commit()
    second.commit()

    assert ask()["remaining"] == 10 - 2 - 1


def test_a_request_is_counted_without_writing_to_the_log(db, ask, at):
    ask()
    before = db.execute("select pg_current_wal_insert_lsn()").fetchone()[0]

    ask()

    written = db.execute("select pg_current_wal_insert_lsn() - %s::pg_lsn", [before]).fetchone()[0]
    # The commit record alone.
    assert written < 200


def test_one_event_tells_of_a_window_full_of_refusals(db, ask):
    decisions(ask, 40)

    assert db.execute(
        "select client, event_count from plumb.security_events where kind = 'rate_limited'"
    ).fetchall() == [("203.0.113.7", 1)]


def test_who_does_not_listen_is_blocked_reported_and_let_in_again(call, ask, at, open_scopes):
    call("change_setting", "rate_abuse_refusals_max", "20")

    decisions(ask, 30)

    blocked = ask()
    assert (blocked["decision"], blocked["status"]) == ("blocked", 403)
    assert blocked["retryAfterSeconds"] == 60
    assert open_scopes() == ["RATE_ABUSE"]

    at(660)

    assert ask()["decision"] == "admit"
    assert open_scopes() == []


def test_counters_of_clients_that_went_are_deleted(db, ask, at):
    for number in range(5):
        ask(client=f"203.0.113.{number}")
    at(300)
    ask(client="203.0.113.200")

    db.execute("select plumb.prune_request_counters()")

    assert db.execute("select client from plumb.request_counters").fetchall() == [
        ("203.0.113.200",)
    ]


def test_the_api_role_may_ask_and_a_reader_may_not(connect, ask):
    assert ask(on=connect(role="plumb_api"))["decision"] == "admit"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(on=connect(role="plumb_reader"))


@pytest.mark.slow
def test_a_hundred_thousand_clients_are_counted_pruned_and_cheap(db, ask, at):
    db.execute(
        "select plumb.count_request(format('10.%s.%s.%s', i / 65536, i / 256 % 256, i % 256),"
        " 'read', 10, 60) from generate_series(1, 100000) as i"
    )
    db.execute("analyze plumb.request_counters")

    plan = db.execute(
        "explain select from plumb.request_counters where client = '10.0.1.1'"
        " and route_class = 'read'"
    ).fetchall()
    at(300)
    report = db.execute("select plumb.prune_request_counters()").fetchone()[0]

    assert any("Index" in line for (line,) in plan)
    assert report == "100000 counters deleted"
