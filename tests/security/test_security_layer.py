"""The security layer over HTTP: refused before the handler, told to the database afterwards."""

import ipaddress
import json
import threading
import urllib.error
import urllib.request

import pytest
from plumbline.api.database import Database
from plumbline.api.layers.client import client_of
from plumbline.api.layers.request import RequestLayer
from plumbline.core.config import parse_networks
from werkzeug.test import Client

STRANGER = {"REMOTE_ADDR": "203.0.113.7"}
ON = {"reason": "drill", "enabledBy": "ops"}


def shop(environ, start_response):
    """Be somebody else's application: it answers with the status that the path names."""
    start_response(environ["PATH_INFO"].strip("/") + " Status", [("Content-Type", "text/plain")])
    return [b"shop"]


def fetch(url, method="GET", body=None, **headers):
    request = urllib.request.Request(url, method=method, headers=headers)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


@pytest.fixture
def layer(db):
    database = Database(db.info.dsn)
    layer = RequestLayer(shop, database, "shop", window_seconds=3600)
    layer.start = lambda: None
    yield layer
    database.close()


@pytest.fixture
def stranger(layer):
    """Return a client from elsewhere of somebody's application behind the layer."""
    return Client(layer)


def get(client, path="/200", **more):
    return client.get(path, environ_overrides=STRANGER, buffered=True, **more)


def test_over_the_limit_the_answer_is_429_and_says_when_to_come_back(db, stranger):
    db.execute("update plumb.rate_limits set requests_max = 2 where route_class = 'read'")
    first = get(stranger)
    get(stranger)

    refused = get(stranger)

    assert first.headers["RateLimit-Policy"] == '"read";q=2;w=60'
    assert first.headers["RateLimit"] == '"read";r=1;t=60'
    assert refused.status_code == 429
    assert refused.content_type == "application/problem+json"
    assert refused.json["type"] == "urn:plumbline:problem:rate-limited"
    assert 0 < int(refused.headers["Retry-After"]) <= 120
    assert refused.headers["RateLimit"].startswith('"read";r=0;t=')


def test_the_workers_of_a_service_share_one_limit(db, make_app, stranger):
    db.execute("update plumb.rate_limits set requests_max = 2 where route_class = 'read'")
    workers = [make_app().test_client(), make_app().test_client()]
    path = "/system-health"

    statuses = [get(workers[n % 2], path).status_code for n in range(3)]

    assert statuses == [200, 200, 429]


def test_a_blocked_client_is_refused_before_the_handler(call, stranger):
    call("block_client", "203.0.113.7", "scanning")

    refused = get(stranger)

    assert refused.status_code == 403
    assert refused.json["type"] == "urn:plumbline:problem:blocked"
    assert int(refused.headers["Retry-After"]) <= 60
    assert stranger.get("/200", environ_overrides={"REMOTE_ADDR": "203.0.113.8"}).status_code == 200


def test_safe_mode_comes_first(db, call, stranger):
    call("block_client", "203.0.113.7", "scanning")
    db.execute("select plumb.engage_safe_mode('drill', 'ops')")

    assert stranger.post("/200", environ_overrides=STRANGER).status_code == 503
    assert get(stranger).status_code == 403


def test_an_application_that_keeps_answering_403_gets_the_client_blocked(call, db, stranger):
    call("change_setting", "brute_force_refusals_max", "3")

    statuses = [get(stranger, path).status_code for path in ("/401", "/403", "/403", "/200")]

    assert statuses == [401, 403, 403, 403]
    assert db.execute("select client from active_blocks").fetchall() == [("203.0.113.7",)]


def test_probes_are_never_refused(call, make_app):
    call("block_client", "203.0.113.7", "scanning")

    assert get(make_app().test_client(), "/healthz").status_code == 200


@pytest.mark.parametrize("target", ["POST //200", "POST ///200", "post /200", "Post //200"])
def test_another_spelling_leaves_no_class_of_limits(db, stranger, target):
    db.execute("insert into plumb.rate_limits values ('login', 5, '^POST /200$', 1, 3600)")
    method, path = target.split()

    first = stranger.open("/200", method="POST", environ_overrides=STRANGER)
    spelled = STRANGER | {"PATH_INFO": path, "REQUEST_METHOD": method}

    assert first.status_code == 200
    assert stranger.open(environ_overrides=spelled).status_code == 429


@pytest.mark.parametrize(
    "path", ["/%00", "/%0a%0d", "/%ff%fe", "/" + "a" * 5000, "/%ed%a0%80", "/'; drop table x"]
)
def test_no_path_upsets_the_layer(make_app, path):
    client = make_app().test_client()

    assert get(client, path).status_code in (400, 404)


def test_while_the_database_is_away_requests_are_refused_by_default(stranger, layer, db):
    _let_the_database_go(db, layer)

    assert get(stranger).status_code == 503


def test_or_pass_when_the_setting_said_so_and_are_owned_up_to_later(call, db, stranger, layer):
    call("change_setting", "security_fails_open", "true")
    get(stranger)
    come_back = _let_the_database_go(db, layer)

    assert [get(stranger).status_code for _ in range(3)] == [200] * 3
    # Unknown is no permission to write, whatever the setting.
    assert stranger.post("/200", environ_overrides=STRANGER).status_code == 503

    come_back()
    get(stranger)
    event = "select actor, details from security_events where kind = 'requests_unchecked'"
    assert db.execute(event).fetchall() == [("shop", {"requests": 3})]


def _let_the_database_go(db, layer):
    """Make the layer's calls fail as they would without the schema; return what undoes it."""
    db.execute("revoke execute on all functions in schema plumb from plumb_api")
    return lambda: db.execute("grant execute on all functions in schema plumb to plumb_api")


def test_tokens_of_the_database_open_the_service(call, db, make_app):
    client = make_app().test_client()
    tokens = {scope: call("create_token", scope, scope) for scope in ("read", "operate")}

    def switch(token):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.post("/system-mode/safe", json=ON, headers=headers, buffered=True)

    nobody, reader, operator = switch(None), switch(tokens["read"]), switch(tokens["operate"])

    assert [a.status_code for a in (nobody, reader, operator)] == [401, 403, 200]
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    assert reader.json["type"] == "urn:plumbline:problem:scope-too-small"
    history = "select actor, method, path, status from call_history order by called_at"
    assert db.execute(history).fetchall() == [
        ("nobody", "POST", "/system-mode/safe", 401),
        ("read", "POST", "/system-mode/safe", 403),
        ("operate", "POST", "/system-mode/safe", 200),
    ]


def test_the_token_of_the_environment_is_an_administrators(db, make_app):
    client = make_app(api_token="s3cret").test_client()

    answer = client.post(
        "/system-mode/safe", json=ON, headers={"Authorization": "Bearer s3cret"}, buffered=True
    )

    assert answer.status_code == 200
    assert db.execute("select actor, scope, status from call_history").fetchall() == [
        ("ops (API_TOKEN)", "admin", 200)
    ]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", "127.0.0.1"),
        ("10.0.0.1", ",".join(["1.1.1.1"] + ["10.0.0.2"] * 50), "10.0.0.2"),
    ],
)
def test_only_a_trusted_proxy_is_believed_and_only_as_far_as_it_saw(peer, forwarded, client):
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}

    assert client_of(environ, parse_networks("10.0.0.0/8")) == client


def test_networks_are_checked_when_they_are_read():
    assert parse_networks(" 10.0.0.1 , 2001:db8::/32 ") == (
        ipaddress.ip_network("10.0.0.1"),
        ipaddress.ip_network("2001:db8::/32"),
    )
    with pytest.raises(ValueError, match="nonsense"):
        parse_networks("nonsense")


def test_over_real_http_behind_a_proxy_a_client_is_limited_alone(db, make_app, serve):
    db.execute("update plumb.rate_limits set requests_max = 3 where route_class = 'read'")
    url = serve(make_app(trusted_proxies=parse_networks("127.0.0.1"))) + "/system-mode"

    one = [fetch(url, **{"X-Forwarded-For": "203.0.113.7"})[0] for _ in range(4)]
    other = fetch(url, **{"X-Forwarded-For": "2001:db8::1"})[0]

    assert one == [200, 200, 200, 429]
    assert other == 200


def test_over_real_http_many_at_once_do_not_pass_the_limit_by_more_than_they_are(
    db, make_app, serve
):
    db.execute("update plumb.rate_limits set requests_max = 20 where route_class = 'read'")
    url = serve(make_app(trusted_proxies=parse_networks("127.0.0.1"))) + "/system-mode"
    statuses = []

    def ask_ten_times():
        for _ in range(10):
            statuses.append(fetch(url, **{"X-Forwarded-For": "203.0.113.7"})[0])

    threads = [threading.Thread(target=ask_ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Four sessions of the pool count at once: at most four see the same last place.
    assert 20 <= statuses.count(200) <= 24
    assert statuses.count(429) == 40 - statuses.count(200)


def test_a_post_sent_twice_is_carried_out_once(db, make_app):
    client = make_app().test_client()
    headers = {"Idempotency-Key": '"k-1"'}

    first = client.post("/system-mode/safe", json=ON, headers=headers)
    db.execute("update system_mode set mode = 'normal'")
    second = client.post("/system-mode/safe", json=ON, headers=headers)

    assert first.status_code == second.status_code == 200
    assert second.data == first.data
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert db.execute("select mode from system_mode").fetchone() == ("normal",)


def test_an_error_is_replayed_too(make_app):
    client = make_app().test_client()
    headers = {"Idempotency-Key": "k-1"}

    answers = [client.post("/system-mode/safe", json={}, headers=headers) for _ in range(2)]

    assert [a.status_code for a in answers] == [400, 400]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[1].content_type == "application/problem+json"


def test_a_key_with_another_body_or_of_nonsense_is_refused(make_app):
    client = make_app().test_client()
    client.post("/system-mode/safe", json=ON, headers={"Idempotency-Key": "k-1"})

    other = client.post(
        "/system-mode/safe", json=ON | {"reason": "else"}, headers={"Idempotency-Key": "k-1"}
    )
    nonsense = client.post("/system-mode/safe", json=ON, headers={"Idempotency-Key": "a b"})

    assert other.status_code == 422
    assert other.json["type"] == "urn:plumbline:problem:idempotency-key-reused"
    assert nonsense.status_code == 400


def test_a_key_in_use_is_a_409(call, make_app, db):
    client = make_app().test_client()
    headers = {"Idempotency-Key": "k-1"}
    client.post("/system-mode/safe", json=ON, headers=headers)
    db.execute("update idempotency_keys set status = 'in_progress'")

    answer = client.post("/system-mode/safe", json=ON, headers=headers)

    assert answer.status_code == 409
    assert int(answer.headers["Retry-After"]) <= 60


def test_where_a_key_is_required_its_absence_is_a_400(make_app):
    client = make_app(idempotent_paths=frozenset({"/system-mode/safe"})).test_client()

    answer = client.post("/system-mode/safe", json=ON)

    assert answer.status_code == 400
    assert answer.json["type"] == "urn:plumbline:problem:idempotency-key-missing"


def test_of_two_equal_posts_at_once_over_real_http_one_is_carried_out(db, make_app, serve):
    url = serve(make_app()) + "/system-mode/safe"
    answers = []

    def send():
        answers.append(fetch(url, "POST", ON, **{"Idempotency-Key": "k-1"}))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    done = [a for a in answers if a[0] == 200 and "Idempotent-Replayed" not in a[1]]
    assert len(done) == 1
    assert {a[0] for a in answers} <= {200, 409}
