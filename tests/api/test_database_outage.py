"""A database that is away, silent or slow, through a network that really fails."""

import threading
import time

import psycopg
import pytest
from api_processes import running


def seconds(call):
    started_at = time.monotonic()
    answer = call()
    return answer, time.monotonic() - started_at


def test_a_cut_connection_is_a_503_that_says_so_and_comes_back_by_itself(far_client, gateway):
    assert far_client.get("/system-health").status_code == 200

    gateway.cut()
    answer, waited = seconds(lambda: far_client.get("/system-health"))

    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Retry-After"] == "2"
    assert "the database cannot be reached" in answer.json["detail"]
    assert waited < 1
    assert far_client.get("/healthz").status_code == 200

    gateway.open()
    assert far_client.get("/system-health").status_code == 200


def test_a_write_while_the_database_is_away_is_refused_and_not_done(far_client, gateway, db):
    gateway.cut()

    answer = far_client.post("/system-mode/safe", json={"reason": "r", "enabledBy": "e"})

    assert answer.status_code == 503
    assert db.execute("select plumb.is_safe_mode()").fetchone() == (False,)


def test_an_application_whose_mode_nobody_knows_is_not_written_to(far_client, gateway):
    gateway.cut()

    assert far_client.post("/other", json={}).status_code == 503


def test_a_server_that_never_answers_a_connection_is_given_up(far_client, gateway):
    gateway.fall_silent()

    answer, waited = seconds(lambda: far_client.get("/incidents"))

    assert answer.status_code == 503
    assert waited < 4


def test_a_server_that_falls_silent_in_the_middle_is_given_up(far_client, gateway):
    assert far_client.get("/incidents").status_code == 200
    gateway.fall_silent()

    answer, waited = seconds(lambda: far_client.get("/incidents"))

    assert answer.status_code == 503
    assert "no answer within 2 s" in answer.json["detail"]
    assert waited < 4


def test_a_statement_that_takes_too_long_is_ended_by_the_server(far_client, db):
    db.execute(
        "create or replace function plumb.describe_jobs() returns json language sql as"
        " $$ select pg_sleep(30)::text::json $$"
    )

    answer, waited = seconds(lambda: far_client.get("/cron/status"))

    assert answer.status_code == 503
    assert answer.json["type"] == "urn:plumbline:problem:database-too-slow"
    assert waited < 3
    assert far_client.get("/incidents").status_code == 200


def test_a_schema_of_another_version_is_not_ready(far_client):
    answer = far_client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["type"] == "urn:plumbline:problem:schema-not-current"
    assert "this code needs 0000" in answer.json["detail"]


@pytest.mark.parametrize(
    ("breakage", "repair", "reason"),
    [
        (
            "alter database {name} rename to {name}_away",
            "alter database {name}_away rename to {name}",
            "does not exist",
        ),
        (
            "alter database {name} allow_connections false",
            "alter database {name} allow_connections true",
            "not currently accepting connections",
        ),
    ],
)
def test_the_reason_why_the_database_is_away_is_given(db, make_app, breakage, repair, reason):
    name = db.info.dbname
    client = make_app().test_client()
    elsewhere = psycopg.conninfo.make_conninfo(db.info.dsn, dbname="postgres")
    with psycopg.connect(elsewhere, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
        other.execute(breakage.format(name=name))
        try:
            answer = client.get("/incidents")
        finally:
            other.execute(repair.format(name=name))

    assert answer.status_code == 503
    assert reason in answer.json["detail"]
    assert client.get("/incidents").status_code == 200


@pytest.mark.slow
def test_requests_that_hang_leave_room_for_those_that_need_no_database(db, tmp_path):
    hung = threading.Event()

    def ask(service):
        while not hung.is_set():
            service.get("/system-health")

    with running(db.info.dsn, tmp_path / "log") as service:
        clients = [threading.Thread(target=ask, args=[service]) for _ in range(40)]
        with psycopg.connect(db.info.dsn) as blocker:
            blocker.execute("lock table plumb.health_scores in access exclusive mode")
            for client in clients:
                client.start()
            time.sleep(2)
            answers = [seconds(lambda: service.get("/healthz")) for _ in range(5)]
        hung.set()
        for client in clients:
            client.join()

        assert [answer[0] for answer, _waited in answers] == [200] * 5
        assert max(waited for _answer, waited in answers) < 2
        assert service.get("/system-health")[0] == 200
