"""Who is shut out, for how long, and who never is."""

import psycopg
import pytest


def test_a_blocked_client_is_refused_until_the_block_ends(call, ask, at):
    call("block_client", "203.0.113.7", "scanning")

    refused = ask()
    assert (refused["decision"], refused["status"], refused["retryAfterSeconds"]) == (
        "blocked",
        403,
        60,
    )
    assert ask(client="203.0.113.8")["decision"] == "admit"

    at(60)

    assert ask()["decision"] == "admit"


def test_each_block_lasts_twice_as_long_as_the_one_before_up_to_a_day(db, call, at):
    lengths, moment = [], 0
    for _ in range(13):
        at(moment)
        call("block_client", "203.0.113.7", "again")
        (seconds,) = db.execute(
            "select extract(epoch from blocked_until - blocked_at)::integer from security_blocks"
            " order by security_block_id desc limit 1"
        ).fetchone()
        lengths.append(seconds)
        moment += seconds

    assert lengths == [60 * 2**n for n in range(11)] + [86400, 86400]


def test_a_block_long_ago_is_forgotten(db, call, at):
    call("block_client", "203.0.113.7", "once")
    at(604800 + 61)

    call("block_client", "203.0.113.7", "later")

    assert db.execute("select block_count from active_blocks").fetchall() == [(1,)]


def test_a_lifted_block_was_a_mistake_and_makes_the_next_no_longer(db, call, at):
    call("block_client", "203.0.113.7", "mistake")
    call("unblock_client", "203.0.113.7")

    call("block_client", "203.0.113.7", "now rightly")

    assert db.execute("select block_count from active_blocks").fetchall() == [(1,)]


def test_a_network_is_blocked_as_a_whole(call, ask, at):
    assert call("block_client", "203.0.113.0/24", "botnet", 3600) is not None

    assert ask()["decision"] == "blocked"
    assert ask(client="::ffff:203.0.113.200")["decision"] == "blocked"
    assert ask(client="203.0.114.1")["decision"] == "admit"


def test_an_ipv6_block_holds_for_the_whole_subscriber(call, ask, at):
    call("block_client", "2001:db8:1:2::5", "scanning")

    assert ask(client="2001:db8:1:2:aaaa::1")["decision"] == "blocked"
    assert ask(client="2001:db8:1:3::5")["decision"] == "admit"


def test_a_client_that_is_no_address_can_be_blocked_by_name(call, ask, at):
    call("block_client", "account:mallory", "fraud")

    assert ask(client="account:mallory")["decision"] == "blocked"
    assert ask(client="account:alice")["decision"] == "admit"


def test_unblocking_lets_in_at_once_and_says_whether_there_was_a_block(call, ask, at):
    call("block_client", "203.0.113.0/24", "botnet")

    assert call("unblock_client", "203.0.113.7") is True
    assert ask()["decision"] == "admit"
    assert call("unblock_client", "203.0.113.7") is False


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "127.0.0.0/8", "0.0.0.0/0", "::/0"])
def test_this_machine_cannot_be_blocked_nor_a_network_around_it(call, client):
    with pytest.raises(psycopg.errors.Error, match="allow-list") as error:
        call("block_client", client, "oops")
    assert error.value.sqlstate == "PL005"


def test_nobody_blocks_his_own_address(db, connect, call):
    db.execute("delete from plumb.security_allow_list")
    over_tcp = connect(host="127.0.0.1")

    with pytest.raises(psycopg.errors.Error, match="your own address") as error:
        call("block_client", "127.0.0.0/8", "oops", on=over_tcp)
    assert error.value.sqlstate == "PL005"
    with pytest.raises(psycopg.errors.Error, match="your own address"):
        call("block_client", "198.51.100.0/24", "oops", None, "198.51.100.9")


def test_allowing_a_network_ends_the_blocks_that_hit_it(call, ask, at):
    call("block_client", "203.0.113.0/24", "botnet")

    call("allow_client", "203.0.113.7", "our office")

    assert ask()["decision"] == "admit"
    with pytest.raises(psycopg.errors.Error, match="allow-list"):
        call("block_client", "203.0.113.0/24", "again")


def test_what_was_taken_off_the_allow_list_can_be_blocked_again(call, at):
    call("allow_client", "203.0.113.7", "our office")

    assert call("disallow_client", "203.0.113.7") is True
    assert call("disallow_client", "203.0.113.7") is False
    call("block_client", "203.0.113.7", "moved out")


@pytest.mark.parametrize(
    ("client", "reason", "seconds"),
    [("", "why", None), (None, "why", None), ("203.0.113.7", " ", None), ("203.0.113.7", "why", 0)],
)
def test_a_block_needs_whom_why_and_a_time(call, client, reason, seconds):
    with pytest.raises(psycopg.errors.Error) as error:
        call("block_client", client, reason, seconds)
    assert error.value.sqlstate == "PL002"


def test_only_networks_can_be_allowed_and_only_for_a_reason(call):
    for network, reason in (("mallory", "friend"), ("203.0.113.7", "")):
        with pytest.raises(psycopg.errors.Error) as error:
            call("allow_client", network, reason)
        assert error.value.sqlstate == "PL002"


def test_two_sessions_that_block_at_once_make_one_block(db, connect, call, at):
    first = connect(autocommit=False)
    call("block_client", "203.0.113.7", "seen here", on=first)
    second = connect(options="-c lock_timeout=50ms")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        call("block_client", "203.0.113.7", "seen there", on=second)
    first.commit()

    call("block_client", "203.0.113.7", "seen there", on=second)

    assert db.execute("select count(*) from plumb.security_blocks").fetchone() == (1,)


def test_only_operators_block(connect, call, at):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        call("block_client", "203.0.113.7", "why", on=connect(role="plumb_api"))
    call("block_client", "203.0.113.7", "why", on=connect(role="plumb_operator"))


def test_the_scan_closes_blocks_that_ran_out(db, call, at, open_scopes):
    call("block_client", "203.0.113.7", "scanning")
    at(61)

    open_scopes()

    assert db.execute("select lifted_by from plumb.security_blocks").fetchall() == [("expiry",)]


def test_blocks_and_calls_long_over_are_pruned_and_living_ones_are_not(db, call, ask, at):
    call("block_client", "203.0.113.7", "once")
    call("block_client", "203.0.113.8", "for good", 2_000_000_000)
    ask(client="203.0.113.9", method="POST", p_token_rule="auto")
    at(366 * 86_400)

    db.execute("select plumb.prune_history()")

    assert db.execute("select client from plumb.security_blocks").fetchall() == [("203.0.113.8",)]
    assert db.execute("select from plumb.api_calls").fetchall() == []
