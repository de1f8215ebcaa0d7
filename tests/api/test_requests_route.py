"""An application that speaks HTTP only reports its requests with POST /requests."""

import json

import pytest

ROW = {"route": "GET /", "requestCount": 1000, "errorCount": 80, "windowSeconds": 10}


def traffic(db):
    return db.execute("select request_count, error_count from plumb.recent_traffic()").fetchone()


def test_what_is_reported_counts(client, db):
    answer = client.post("/requests", json={"source": "till", "observations": [ROW]})

    assert (answer.status_code, answer.json) == (200, {"recorded": 1})
    assert traffic(db) == (1000, 80)


def test_as_many_rows_as_the_database_takes_fit_in_one_body(client, db):
    rows = [ROW | {"route": f"GET /{'x' * 100}/{n}", "p95Ms": 12.345} for n in range(1000)]

    answer = client.post("/requests", json={"source": "till", "observations": rows})

    assert answer.json == {"recorded": 1000}
    assert traffic(db) == (1000000, 80000)


def test_it_needs_the_token_that_writes_need(make_app, db):
    client = make_app(api_token="secret").test_client()
    body = {"source": "till", "observations": [ROW]}

    assert client.post("/requests", json=body).status_code == 401
    assert traffic(db) == (0, 0)
    with_token = {"Authorization": "Bearer secret"}
    assert client.post("/requests", json=body, headers=with_token).status_code == 200


def test_a_token_that_may_only_read_may_not_report(make_app, db):
    token = db.execute("select plumb.create_token('watcher', 'read')").fetchone()[0]
    answer = (
        make_app()
        .test_client()
        .post(
            "/requests",
            json={"source": "till", "observations": [ROW]},
            headers={"Authorization": f"Bearer {token}"},
        )
    )

    assert answer.status_code == 403


def test_requests_are_reported_in_safe_mode_too(client, db, engage):
    engage()

    answer = client.post("/requests", json={"source": "till", "observations": [ROW]})

    assert answer.status_code == 200
    assert client.post("/silences", json={}).status_code == 503


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"source": "till"}, "field observations is missing"),
        ({"source": "till", "observations": None}, "observations are an array, got null"),
        ({"source": "till", "observations": [], "rows": []}, "unknown field 'rows'"),
        ({"source": "till", "observations": [ROW | {"p95": 3}]}, "unknown member 'p95'"),
        ({"source": "till", "observations": [ROW | {"requestCount": "9"}]}, "requestCount is"),
        ({"source": 7, "observations": [ROW]}, "field source is 7"),
        ({"source": "till", "observations": [ROW | {"route": "a\0"}]}, "a control character"),
        ({"source": "till", "observations": [ROW | {"\ud800": 1}]}, "a control character"),
        ({"source": "till", "observations": [{}] * 1001}, "at most 1000"),
    ],
)
def test_what_is_not_understood_is_400_and_named(client, db, body, detail):
    answer = client.post(
        "/requests", data=json.dumps(body), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert detail in answer.json["detail"]
    assert traffic(db) == (0, 0)


def test_a_number_that_no_double_holds_is_400(client):
    text = '{"source": "till", "observations": [{"route": "*", "requestCount": 1e999}]}'

    answer = client.post("/requests", data=text, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert "1e999 is too large" in answer.json["detail"]
