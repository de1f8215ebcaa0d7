"""A web page of a stranger neither writes here nor reads, whatever it makes a browser send."""

import pytest

WRITES = [
    ("POST", "/system-mode/safe"),
    ("DELETE", "/system-mode/safe"),
    ("POST", "/reports/executive"),
    ("POST", "/incidents/1/acknowledge"),
    ("POST", "/silences"),
    ("DELETE", "/security/blocks"),
]
READS = ["/", "/system-health", "/incidents", "/incidents/1", "/metrics", "/metrics/json"]
READS += ["/reports/executive", "/cron/status", "/security/events", "/system-mode", "/nothing"]


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://[broken"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "Cross-Site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_a_write_for_a_foreign_page_is_forbidden(shared_client, method, path, sent):
    answer = shared_client.open(path, method=method, json={}, headers=sent)

    assert answer.status_code == 403
    assert answer.json["type"] == "urn:plumbline:problem:cross-site"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_program_and_our_own_page_may_write(shared_client, sent):
    body = {"reason": "r", "enabledBy": "e"}

    assert shared_client.post("/system-mode/safe", json=body, headers=sent).status_code == 200


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_every_write_declares_json_even_without_a_body(shared_client, method, path, content_type):
    answer = shared_client.open(path, method=method, content_type=content_type)

    assert answer.status_code == 415
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "host",
    ["rebind.evil.example", "rebind.evil.example:3000", "localhost.evil.example", "10.0.0.7"],
)
def test_without_a_token_nothing_is_read_under_a_foreign_name(shared_client, path, host):
    answer = shared_client.get(path, headers={"Host": host})

    assert answer.status_code == 403
    assert answer.json["type"] == "urn:plumbline:problem:host-not-trusted"


def test_a_probe_may_call_under_any_name(shared_client):
    for path in ("/healthz", "/readyz"):
        assert shared_client.get(path, headers={"Host": "pod-7"}).status_code in (200, 503)


def test_a_name_that_is_trusted_may_be_used_for_reading_only(make_shared_app):
    client = make_shared_app(trusted_hosts=frozenset({"plumb.example"})).test_client()
    trusted = {"Host": "Plumb.Example:3000"}

    assert client.get("/system-health", headers=trusted).status_code == 200
    assert client.post("/silences", json={}, headers=trusted).status_code == 403


def test_a_token_is_worth_more_than_a_name(make_shared_app):
    client = make_shared_app(api_token="t").test_client()
    foreign = {"Host": "plumb.example"}

    assert client.get("/system-health", headers=foreign).status_code == 403
    bearer = foreign | {"Authorization": "Bearer t"}
    assert client.get("/system-health", headers=bearer).status_code == 200


def test_a_service_that_others_may_reach_is_read_under_any_name(make_shared_app):
    client = make_shared_app(api_token="t", host="0.0.0.0").test_client()

    assert client.get("/system-health", headers={"Host": "plumb.example"}).status_code == 200


def test_reports_are_limited_for_everybody_together(client, db):
    db.execute("select plumb.change_setting('report_requests_max', '2')")

    answers = [client.post("/reports/executive", json={}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 120
    assert answers[2].content_type == "application/problem+json"
    assert db.execute("select count(*) from plumb.executive_reports").fetchone() == (2,)
