"""Receivers fail in every way there is; nothing is lost, nothing else is held up."""

import json
import threading
import time

import pytest
from receivers import SIGNING_KEY, Slack, Webhook


@pytest.fixture
def hurried(alerts):
    """Make one request end after a second, so that a hanging receiver costs no more."""
    alerts.set("delivery_seconds_max", 1)
    alerts.set("delivery_connect_seconds_max", 0.5)


@pytest.mark.parametrize("problem", ["reset", "garbage", 500, 503, 429, 408, 421, 425])
def test_what_fails_for_now_is_sent_again(alerts, slack, problem):
    slack.behave(problem)
    alerts.open()

    alerts.dispatch()
    assert slack.accepted == []
    assert alerts.statuses("slack") == ["queued"]
    alerts.later(60)
    alerts.dispatch()

    assert alerts.statuses("slack") == ["delivered"]
    assert len(slack.accepted) == 1


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("problem", ["hang", "trickle"])
def test_a_receiver_that_takes_its_time_is_given_up_and_tried_again(alerts, slack, problem):
    slack.behave(problem)
    alerts.open()

    started_at = time.monotonic()
    alerts.dispatch()

    assert time.monotonic() - started_at < 4
    assert alerts.statuses("slack") == ["queued"]
    assert "TimeoutError" in alerts.value("select last_error from deliveries")


@pytest.mark.usefixtures("hurried")
def test_a_hanging_receiver_does_not_hold_up_the_others(alerts, slack, webhook):
    slack.behave_always("hang")
    for number in range(50):
        alerts.open(f"TILL {number}", source=f"shop {number}")

    alerts.dispatch()

    assert len(webhook.accepted) == 50
    assert slack.attempt_count <= 5


def test_a_hanging_receiver_does_not_hold_up_detection(alerts, slack, connect):
    slack.seconds_per_answer = 1
    alerts.open()
    with connect(autocommit=True) as dispatcher:
        thread = threading.Thread(
            target=dispatcher.execute, args=["call plumb.run_job('dispatch', true)"]
        )
        thread.start()
        assert slack.is_asked.wait(5)

        started_at = time.monotonic()
        alerts.db.execute("set lock_timeout = '300ms'")
        alerts.open("ANOTHER")
        alerts.resolve()
        took_seconds = time.monotonic() - started_at
        locks = alerts.value(
            "select count(*) from pg_locks where pid = %s and locktype = 'transactionid'",
            dispatcher.info.backend_pid,
        )
        thread.join()

    assert took_seconds < 0.5
    assert locks == 0, "the dispatcher holds a transaction open while it waits"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301])
def test_a_refusal_is_not_repeated_but_kept_as_a_dead_letter(alerts, slack, status):
    slack.behave((status, "channel_is_archived"))
    alerts.open(title="till is wrong")

    alerts.dispatch()
    alerts.later(3600)
    alerts.dispatch()

    assert slack.attempt_count == 1
    letter = alerts.db.execute(
        "select destination, title, last_status_code, last_error from dead_letters"
    ).fetchone()
    assert letter == ("slack", "till is wrong", status, f"{status} channel_is_archived")


def test_an_answer_that_is_not_slacks_ok_is_no_success(alerts, slack):
    slack.behave((200, "<html>Sign in to the hotel's network</html>"))
    alerts.open()

    alerts.dispatch()

    assert alerts.statuses("slack") == ["dead"]


def test_a_dead_letter_is_sent_again_on_request(alerts, slack):
    slack.behave(404)
    alerts.open()
    alerts.dispatch()
    letter = alerts.value("select delivery_id from dead_letters")

    alerts.db.execute("select resend_delivery(%s)", [letter])
    alerts.dispatch()

    assert alerts.statuses("slack") == ["delivered"]
    assert len(slack.accepted) == 1


def test_all_dead_letters_of_a_destination_are_sent_again_in_order(alerts, webhook):
    webhook.behave(404, 404, 404)
    for number in range(3):
        alerts.open(f"TILL {number}")
    alerts.dispatch()

    assert alerts.value("select resend_dead_letters('webhook')") == 3
    alerts.dispatch()

    scopes = [message["data"]["scope"] for message in webhook.accepted]
    assert scopes == ["TILL 0", "TILL 1", "TILL 2"]


def test_a_dead_letter_that_nobody_needs_is_discarded_with_a_reason(alerts, slack):
    slack.behave(404)
    alerts.open()
    alerts.dispatch()
    letter = alerts.value("select delivery_id from dead_letters")

    alerts.db.execute("select discard_delivery(%s, 'told by phone')", [letter])

    assert alerts.value("select count(*) from dead_letters") == 0
    assert alerts.deliveries("slack")[0][2] == "discarded by postgres: told by phone"


@pytest.mark.parametrize(
    "retry_after", ["120", "Sun, 01 Mar 2099 12:00:00 GMT"], ids=["seconds", "moment"]
)
def test_retry_after_is_obeyed_for_the_whole_destination(alerts, slack, retry_after):
    slack.behave((429, "rate_limited", retry_after))
    for number in range(3):
        alerts.open(f"TILL {number}")
    alerts.dispatch()
    assert slack.attempt_count == 1
    assert alerts.status("slack") == "throttled"

    alerts.later(119)
    alerts.dispatch()
    assert slack.attempt_count == 1

    alerts.later(3600)
    alerts.dispatch()
    assert len(slack.accepted) == 3


def test_a_pause_asked_for_is_neither_failure_nor_attempt(alerts, slack):
    alerts.open()
    for _ in range(30):
        slack.behave((429, "rate_limited", "1"))
        alerts.dispatch()
        alerts.later(1000)

    alerts.dispatch()

    assert alerts.statuses("slack") == ["delivered"]
    assert alerts.status("slack") == "ok"


def test_a_503_with_retry_after_is_obeyed(alerts, slack):
    slack.behave((503, "rollup_error", "300"))
    alerts.open()
    alerts.dispatch()

    alerts.later(299)
    alerts.dispatch()

    assert slack.attempt_count == 1


def test_waits_double_with_jitter_up_to_a_limit(alerts):
    def waits(failures):
        rows = alerts.db.execute(
            "select backoff_seconds(%s, 5, 900) from generate_series(1, 200)", [failures]
        )
        return [seconds for (seconds,) in rows]

    assert all(2.5 <= seconds <= 5 for seconds in waits(1))
    assert all(10 <= seconds <= 20 for seconds in waits(3))
    assert all(450 <= seconds <= 900 for seconds in waits(40))
    assert len(set(waits(3))) > 100


def test_a_delivery_that_fails_too_often_is_given_up(alerts, slack):
    alerts.set("delivery_attempts_max", 3)
    slack.behave_always(500)
    alerts.open()

    for _ in range(6):
        alerts.dispatch()
        alerts.later(3600)

    assert slack.attempt_count == 3
    assert alerts.deliveries("slack") == [("incident.opened", "dead", "failed 3 times")]


def test_a_delivery_that_waits_too_long_is_given_up(alerts, slack):
    slack.stop()
    alerts.open()
    alerts.dispatch()

    alerts.later(86_401)
    alerts.dispatch()

    assert alerts.deliveries("slack")[0][1:] == ("dead", "waited longer than 86400 s")


def test_a_circuit_opens_tries_one_and_closes(alerts, webhook):
    webhook.behave_always(500)
    for number in range(40):
        alerts.open(f"TILL {number}", source=f"shop {number}")
    for _ in range(5):
        alerts.dispatch()
        alerts.later(1)
    assert alerts.status("webhook") == "circuit open"
    attempts = webhook.attempt_count
    alerts.dispatch()
    assert webhook.attempt_count == attempts, "nothing is sent while the circuit is open"

    alerts.later(60)
    alerts.dispatch()
    assert webhook.attempt_count == attempts + 1, "one delivery tries whether it is back"
    assert alerts.status("webhook") == "circuit open"

    webhook.behave_always(None)
    alerts.later(600)
    assert alerts.status("webhook") == "circuit half open"
    alerts.dispatch()
    alerts.later(900)
    alerts.dispatch()

    assert alerts.status("webhook") == "ok"
    assert len(webhook.accepted) == 40


def test_a_new_address_starts_with_a_closed_circuit(alerts, webhook, receive):
    webhook.behave_always(500)
    alerts.set("circuit_failures", 1)
    alerts.open()
    alerts.dispatch()
    assert alerts.status("webhook") == "circuit open"

    other = receive(Webhook)
    alerts.connect("webhook", other.url, SIGNING_KEY)
    alerts.later(60)
    alerts.dispatch()

    assert len(other.accepted) == 1


def test_one_poisoned_message_does_not_stop_the_others(alerts, slack):
    for number in range(5):
        alerts.open(f"TILL {number}")
    slack.behave(500)
    alerts.dispatch()
    alerts.later(1)

    alerts.dispatch()

    assert len(slack.accepted) == 4


def test_what_is_told_about_one_incident_stays_in_order(alerts, webhook):
    webhook.behave(500)
    alerts.escalate(alerts.open())
    alerts.resolve()
    alerts.dispatch()
    assert webhook.accepted == []
    alerts.later(60)

    alerts.dispatch()

    topics = [message["topic"] for message in webhook.accepted]
    assert topics == ["incident.opened", "incident.escalated", "incident.resolved"]


def test_two_dispatchers_at_once_send_nothing_twice(alerts, webhook, connect):
    for number in range(100):
        alerts.open(f"TILL {number}", source=f"shop {number}")
    alerts.set("dispatch_batch_max", 10)

    def dispatch(session):
        for _ in range(30):
            session.execute("select plumb.dispatch()")

    threads = [threading.Thread(target=dispatch, args=[connect()]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert alerts.statuses("webhook") == ["delivered"] * 100
    assert webhook.attempt_count == 100


def test_a_server_killed_while_it_sends_sends_again_under_the_same_key(alerts, webhook, connect):
    alerts.open()
    session = alerts.keep_time(connect())
    session.execute("select plumb.prepare_deliveries()")
    session.execute("select plumb.claim_deliveries('database')")
    # The receiver takes it, and the process dies before it can write that down.
    session.execute("select plumb.post_requests(plumb.claimed_requests())")
    alerts.db.execute("select pg_terminate_backend(%s, 5000)", [session.info.backend_pid])
    assert len(webhook.accepted) == 1

    alerts.dispatch()

    assert alerts.statuses("webhook") == ["delivered"]
    assert webhook.accepted[0] == webhook.accepted[1]
    assert webhook.headers[0]["Idempotency-Key"] == webhook.headers[1]["Idempotency-Key"]


def test_a_receiver_that_takes_it_and_hangs_up_is_told_again(alerts, webhook):
    webhook.behave("take and hang up")
    alerts.open()
    alerts.dispatch()
    alerts.later(60)

    alerts.dispatch()

    assert [message["messageId"] for message in webhook.accepted] == [1, 1]


def test_a_claim_that_was_lost_is_taken_over_and_its_late_result_ignored(alerts, webhook, connect):
    alerts.open()
    slow = alerts.keep_time(connect())
    slow.execute("select plumb.prepare_deliveries()")
    slow.execute("select plumb.claim_deliveries('outside')")
    (claim,) = slow.execute("select claim_id from plumb.deliveries").fetchone()

    alerts.dispatch()
    assert webhook.attempt_count == 0, "while the claim holds, nobody else sends"
    alerts.later(121)
    alerts.dispatch()

    late = [{"deliveryId": 1, "claimId": str(claim), "statusCode": 500}]
    (said,) = slow.execute("select plumb.record_deliveries(%s)", [json.dumps(late)]).fetchone()
    assert said == "1 lost"
    assert alerts.statuses("webhook") == ["delivered"]


def test_errors_name_no_secret(alerts, slack):
    slack.behave((404, f"no such hook: {slack.url}"))
    alerts.open()

    alerts.dispatch()

    assert alerts.value("select last_error from dead_letters") == "404 no such hook: ***"


def test_old_messages_are_pruned_unless_their_incident_is_open(alerts, slack):
    alerts.open("STAYS")
    alerts.open("GOES")
    alerts.resolve("GOES")
    alerts.dispatch()

    alerts.later(31 * 86_400)
    alerts.db.execute("select prune_outbox()")

    assert alerts.value("select string_agg(distinct payload ->> 'scope', ',') from outbox") == (
        "STAYS"
    )


def test_a_destination_that_is_disconnected_is_told_nothing(alerts, receive):
    receiver = receive(Slack)
    alerts.connect("slack", receiver.url)
    alerts.open()
    alerts.db.execute("select prepare_deliveries()")

    assert alerts.value("select disconnect_destination('slack')") == 1
    alerts.dispatch()

    assert receiver.attempt_count == 0
    assert alerts.status("slack") == "not connected"
