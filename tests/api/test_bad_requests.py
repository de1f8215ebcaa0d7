"""What cannot be meant is refused by name, always as application/problem+json."""

import json
from random import Random
from urllib.parse import quote, unquote_to_bytes

import pytest

GOOD = {"reason": "r", "enabledBy": "e"}


def refusal(answer, status):
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert {"type", "title", "detail"} <= set(answer.json)
    return answer.json["detail"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "the body is empty"),
        ("{", "the body is not JSON: Expecting property name"),
        ('{"reason": }', "the body is not JSON: Expecting value"),
        ("[1, 2]", "the body is not a JSON object"),
        ("null", "the body is not a JSON object"),
        ('"text"', "the body is not a JSON object"),
        ('{"reason": NaN, "enabledBy": "e"}', "NaN is not a JSON value"),
        ("[" * 9000, "the body is n"),
        (b'{"reason": "\xff", "enabledBy": "e"}', "the body is not UTF-8: byte 12"),
        ('{"reason": "a", "reason": "b", "enabledBy": "e"}', "field 'reason' is given twice"),
        ('{"reason": "a"}', "field enabledBy is missing"),
        (json.dumps(GOOD | {"enabled_by": "x"}), "unknown field 'enabled_by'"),
        (json.dumps(GOOD | {"reason": 5}), "field reason is 5, not a text"),
        (json.dumps(GOOD | {"reason": None}), "field reason is null, not a text"),
        (json.dumps(GOOD | {"reason": ["x"]}), 'field reason is ["x"], not a text'),
        (json.dumps(GOOD | {"reason": "  "}), "field reason is empty"),
        (json.dumps(GOOD | {"reason": "a\x00b"}), "field reason contains a control character"),
        (json.dumps(GOOD | {"reason": "a\nb"}), "field reason contains a control character"),
        ('{"reason": "\\ud800", "enabledBy": "e"}', "field reason contains a control character"),
        (json.dumps(GOOD | {"reason": "x" * 501}), "field reason has 501 characters, at most 500"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused_by_name(shared_client, body, detail):
    answer = shared_client.post("/system-mode/safe", data=body, content_type="application/json")

    assert detail in refusal(answer, 400)
    assert shared_client.get("/system-mode").json["safeMode"] is False


@pytest.mark.parametrize("text", ["Grüße 🎉", "' ; drop table x; --", "%s %(a)s", "\\", "x" * 500])
def test_any_other_text_arrives_as_it_was_sent(shared_client, text):
    answer = shared_client.post("/system-mode/safe", json=GOOD | {"reason": text})

    assert answer.json["reason"] == text


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_type_is_refused(shared_client, content_type):
    answer = shared_client.post(
        "/system-mode/safe", data=json.dumps(GOOD), content_type=content_type
    )

    assert "not application/json" in refusal(answer, 415)


def test_a_type_with_a_charset_is_taken(shared_client):
    answer = shared_client.post(
        "/system-mode/safe", data=json.dumps(GOOD), content_type="application/json; charset=utf-8"
    )

    assert answer.status_code == 200


def test_a_body_too_large_is_refused(shared_client):
    answer = shared_client.post(
        "/system-mode/safe", data="x" * 17_000, content_type="application/json"
    )

    refusal(answer, 413)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("state=OPEN", "unknown query parameter 'state'"),
        ("status=BROKEN", "status 'BROKEN' is not one of OPEN"),
        ("status=", "query parameter status is empty"),
        ("priority=P9", "priority 'P9' is not one of"),
        ("since=yesterday", "query parameter since is 'yesterday', not a time"),
        ("limit=0", "limit 0 is not between 1 and 200"),
        ("limit=201", "limit 201 is not between 1 and 200"),
        ("limit=-1", "query parameter limit is '-1', not a whole number"),
        ("limit=1e2", "query parameter limit is '1e2', not a whole number"),
        ("limit=99999999999", "query parameter limit is '99999999999', not a whole number"),
        ("limit=1&limit=2", "query parameter limit is given 2 times"),
        ("sort=age", "sort 'age' is not one of priority, newest"),
        ("cursor=zz", "cursor 'zz' was not issued for this list"),
        ("cursor=5b5d", "cursor '5b5d' was not issued for this list"),
        ("cursor=ff", "cursor 'ff' was not issued for this list"),
        # ["newest", "", "x", 1] and a good cursor of the other order
        ("sort=newest&cursor=5b226e6577657374222c22222c2278222c315d", "was not issued"),
        ("cursor=5b226e6577657374222c22222c312c315d", "was not issued for this list"),
        ("source=a%00b", "query parameter source contains a control character"),
        ("source=" + "x" * 501, "query parameter source has 501 characters"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_by_name(shared_client, query, detail):
    assert detail in refusal(shared_client.get(f"/incidents?{query}"), 400)


@pytest.mark.parametrize(
    "path",
    ["/system-health", "/cron/status", "/system-mode", "/incidents/1", "/", "/runbooks/backup"],
)
def test_a_route_without_parameters_takes_none(shared_client, path):
    assert "unknown query parameter" in refusal(shared_client.get(f"{path}?x=1"), 400)


def test_a_path_that_does_not_exist_is_not_found(shared_client):
    refusal(shared_client.get("/metricz"), 404)


def test_a_method_that_does_not_exist_names_those_that_do(shared_client):
    answer = shared_client.put("/system-mode/safe", json=GOOD)

    refusal(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"DELETE", "OPTIONS", "POST"}


def test_head_and_options_are_answered_without_a_body(shared_client):
    head, options = shared_client.head("/incidents"), shared_client.options("/incidents")

    assert (head.status_code, head.data) == (200, b"")
    assert (options.status_code, options.data) == (200, b"")
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert shared_client.head("/nothing").status_code == 404


def test_a_mistake_of_ours_tells_the_client_nothing_and_the_log_everything(client, db, caplog):
    db.execute(
        "create or replace function plumb.describe_jobs() returns json language sql as"
        " $$ select (1 / 0)::text::json $$"
    )

    answer = client.get("/cron/status")

    assert "zero" not in refusal(answer, 500)
    assert answer.json["sqlstate"] == "22012"
    assert "division by zero" in caplog.text


def test_a_schema_that_was_never_migrated_is_reported_as_such(client, db):
    db.execute("drop function plumb.describe_jobs()")

    answer = client.get("/cron/status")

    assert "does not exist" in refusal(answer, 503)
    assert "plumb migrate" in answer.json["hint"]


def test_nothing_may_be_stored_by_a_cache(client):
    for path in ("/system-health", "/nothing"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


UNDECODABLE = ["/x%00", "/%00", "/incidents/%00", "/deployments/a%00b", "/x%0ay", "/%ff", "/%c0%af"]
UNDECODABLE += ["/%ed%a0%80", "/deployments/%7f", "/incidents?since=%ff", "/nothing?%fe=1"]


@pytest.mark.parametrize("path", UNDECODABLE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "TRACE"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["bare", "with a key"])
def test_what_cannot_be_decoded_is_refused_whatever_the_layer(shared_client, method, path, headers):
    # The test client would quote anew what it cannot decode; a server hands the bytes over.
    raw, _mark, query = path.partition("?")
    answer = shared_client.open(
        query_string=query,
        method=method,
        headers=headers,
        environ_overrides={"PATH_INFO": unquote_to_bytes(raw).decode("latin-1")},
    )

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


BYTES = bytes(range(0x20, 0x7F)) + b"\x80\xa0\xad\xc3\xff"


def test_no_junk_in_path_query_or_headers_is_a_mistake_of_ours(shared_client):
    """Send what a generator makes up, the same on every run, and see no status of 500."""
    random = Random(4711)

    def junk(length):
        return "".join(chr(byte) for byte in random.choices(BYTES, k=random.randrange(length)))

    names = ["Idempotency-Key", "Authorization", "X-Forwarded-For", "Accept", "Content-Type"]
    names += ["Origin", "Host", "Cookie", "Range", "If-None-Match", "Content-Encoding"]
    paths = [
        "/incidents",
        "/deployments/",
        "/reports/executive/latest",
        "/silences",
        "/metrics",
        "/",
    ]
    for _ in range(400):
        target = random.choice(paths) + random.choice(["", quote(junk(9).encode("latin-1"))])
        headers = {random.choice(names): junk(30) for _ in range(2)}
        answer = shared_client.open(
            target,
            query_string=random.choice(["", "since=", "limit=", "cursor="]) + quote(junk(20)),
            method=random.choice(["GET", "POST", "DELETE", "HEAD", "PATCH", "get", "post"]),
            headers={name: value for name, value in headers.items() if value.strip()},
            data=junk(40).encode("latin-1"),
        )

        assert answer.status_code < 500, (target, headers, answer.data)
