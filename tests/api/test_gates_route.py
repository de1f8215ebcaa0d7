"""A pipeline without psql asks GET /gates/<deployment> whether a release may proceed."""

import pytest


def gates(answer):
    return {gate["gate"]: gate["status"] for gate in answer.json["gates"]}


def test_the_gates_are_answered_as_they_stand_now(client, db):
    answer = client.get("/gates/v1.4.2?coverage=91.2")

    assert (answer.status_code, answer.json["deployment"]) == (200, "v1.4.2")
    assert answer.json["verdict"] == "unknown"
    assert gates(answer)["TEST_COVERAGE"] == "pass"
    assert next(iter(gates(answer))) == "NO_OPEN_P1_INCIDENTS"

    db.execute("select plumb.open_incident('test', 'x', 'P1', 'broken')")

    answer = client.get("/gates/v1.4.2?coverage=91.2")
    assert answer.json["verdict"] == "fail"
    assert gates(answer)["NO_OPEN_P1_INCIDENTS"] == "fail"


def test_it_passes_where_every_gate_does(client, shop):
    shop.execute("select plumb.check_invariants()")
    shop.execute(
        "insert into plumb.backup_validations"
        " (backup_name, status, taken_at, started_at, finished_at)"
        " values ('nightly', 'valid', now() - interval '1 hour', now(), now())"
    )
    shop.execute(
        "select plumb.record_requests('shop',"
        """ '[{"route": "*", "requestCount": 0, "errorCount": 0, "windowSeconds": 10}]')"""
    )

    answer = client.get("/gates/release/2030-01?coverage=85")

    assert (answer.json["deployment"], answer.json["verdict"]) == ("release/2030-01", "pass")


def test_nothing_is_recorded_and_coverage_that_nobody_measured_is_unknown(client, db):
    assert gates(client.get("/gates/v1"))["TEST_COVERAGE"] == "unknown"
    assert db.execute("select count(*) from plumb.deployment_gates").fetchone() == (0,)
    assert client.get("/deployments/v1").status_code == 404


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/gates/v1?coverage=NaN", "coverage is 'NaN', not a number"),
        ("/gates/v1?coverage=91,2", "coverage is '91,2', not a number"),
        ("/gates/v1?coverage=101", "coverage 101 is not a percentage"),
        ("/gates/v1?coverage=-1", "coverage -1 is not a percentage"),
        ("/gates/v1?revision=1", "unknown query parameter"),
        (f"/gates/{'x' * 201}", "has 201 characters"),
    ],
)
def test_what_cannot_be_meant_is_400(client, path, detail):
    answer = client.get(path)

    assert answer.status_code == 400
    assert detail in answer.json["detail"]
