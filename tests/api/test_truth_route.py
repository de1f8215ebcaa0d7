"""The sentence of truth for programs, as a badge, and of every database of a fleet."""

import http.server
import json
import threading
from xml.etree import ElementTree

import pytest
from plumbline.cli.__main__ import main

BROWSER = {"Accept": "text/html"}


class Teller(http.server.BaseHTTPRequestHandler):
    """A service elsewhere that says what its server was given."""

    def do_GET(self):
        status, body = self.server.said
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def tell():
    """Return a function that starts a service which says one thing, and returns its address."""
    servers = []

    def start(said, status=200):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Teller)
        server.said = (status, said if isinstance(said, bytes) else json.dumps(said).encode())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def said(status, sentence):
    return {"status": status, "sentence": sentence, "also": [], "grade": "A", "score": 95}


@pytest.fixture
def fleet_file(tell, tmp_path):
    """Return a file of five databases, of which one answers nonsense and one is down."""
    lines = {
        "orders": tell(said("holds", "Every invariant holds")),
        "stock": tell(said("violated", "1 invariant is violated, writes go on")),
        "old": tell(b"<html>not ours"),
        "locked": tell({"detail": "no"}, status=403),
        "down": "http://127.0.0.1:9",
    }
    path = tmp_path / "fleet"
    path.write_text("# ours\n" + "".join(f"{name} {url}\n" for name, url in lines.items()))
    return path


def test_the_sentence_is_read_by_programs(client, db):
    db.execute("select plumb.check_invariants()")
    found = client.get("/truth").json

    assert found["status"] == "unknown"
    assert found["sentence"].startswith("Cannot say: ")
    assert found["invariants"] == {"declared": 7, "violated": 0, "unknown": 0, "disabled": 0}


def test_the_badge_is_a_picture_that_says_what_the_sentence_says(client, db):
    db.execute("insert into customers (customer_id, name) values (7, 'Ada')")
    db.execute("insert into sales (sale_id, invoice_no, customer_id, total) values (1, 'I', 7, 25)")
    db.execute("select plumb.check_invariants()")
    db.execute("select plumb.score_health()")
    # So little was ever measured here that the grade is F.
    db.execute("update plumb.system_mode set mode = 'normal'")
    answer = client.get("/badge.svg")
    picture = ElementTree.fromstring(answer.get_data())

    assert answer.mimetype == "image/svg+xml"
    assert "invariants violated" in picture.get("aria-label")
    assert "2 invariants are violated" in picture[0].text
    assert answer.headers["Cache-Control"] == "max-age=30"


def test_the_badge_is_public_only_when_it_is_switched_on(make_app, db):
    db.execute("select plumb.change_setting('reads_need_token', 'true')")
    foreign = {"Host": "wiki.example"}

    assert make_app().test_client().get("/badge.svg").status_code == 401
    public = make_app(has_public_badge=True).test_client()
    assert public.get("/badge.svg", headers=foreign).status_code == 200
    assert public.get("/truth", headers=foreign).status_code in (401, 403)


def test_a_public_badge_asks_the_database_once_for_many_viewers(make_app):
    app = make_app(has_public_badge=True)
    calls, asked = [], app.config["DATABASE"].call
    app.config["DATABASE"].call = lambda name, **given: calls.append(name) or asked(name, **given)
    for _ in range(5):
        app.test_client().get("/badge.svg")

    assert calls == ["describe_truth"]


def test_the_fleet_is_shown_worst_first_and_silence_is_unknown(make_app, fleet_file):
    client = make_app(fleet=str(fleet_file)).test_client()
    found = client.get("/fleet").json

    assert [(one["name"], one["status"]) for one in found] == [
        ("stock", "violated"),
        ("down", "unknown"),
        ("locked", "unknown"),
        ("old", "unknown"),
        ("orders", "holds"),
    ]
    assert all(one["sentence"].startswith("Cannot say: ") for one in found[1:4])
    text = client.get("/fleet", headers=BROWSER, follow_redirects=True).get_data(as_text=True)
    assert "1 of 5 databases needs you" in text
    assert text.index("stock") < text.index("down") < text.index("orders")


def test_a_file_of_prometheus_names_the_fleet_too(make_app, tell, tmp_path):
    path = tmp_path / "targets.json"
    target = tell(said("holds", "Every invariant holds")).removeprefix("http://")
    path.write_text(json.dumps([{"targets": [target], "labels": {"name": "orders"}}]))
    found = make_app(fleet=str(path)).test_client().get("/fleet").json

    assert [(one["name"], one["status"]) for one in found] == [("orders", "holds")]


@pytest.mark.parametrize("text", ["[1]", "[{}]", "orders ftp://x", "orders", "[{"])
def test_a_file_that_makes_no_sense_is_said(make_app, tmp_path, text):
    path = tmp_path / "fleet"
    path.write_text(text)
    answer = make_app(fleet=str(path)).test_client().get("/fleet")

    assert answer.status_code == 500
    assert str(path) in answer.json["detail"]


@pytest.mark.parametrize(
    "more",
    [
        {"also": "text"},
        {"also": [1]},
        {"also": None},
        {"score": "x"},
        {"score": None},
        {"grade": ["A"]},
        {"sentence": None},
        {"status": ["holds"]},
    ],
)
def test_an_answer_of_another_shape_is_unknown_and_hides_no_other(make_app, tell, tmp_path, more):
    path = tmp_path / "fleet"
    path.write_text(
        f"odd {tell(said('holds', 'Fine') | more)}\nfine {tell(said('holds', 'All is well'))}\n"
    )
    client = make_app(fleet=str(path)).test_client()

    assert [one["status"] for one in client.get("/fleet").json] == ["unknown", "holds"]
    assert "All is well" in client.get("/view/fleet").text


def test_without_a_file_there_is_no_fleet(client):
    answer = client.get("/fleet")

    assert answer.status_code == 404
    assert "PLUMB_FLEET" in answer.json["hint"]


def test_the_command_prints_the_same_and_ends_with_the_verdict(fleet_file, capsys):
    assert main(["fleet", "--file", str(fleet_file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "stock   1 invariant is violated, writes go on"
    assert len(lines) == 5
    fleet_file.write_text("down http://127.0.0.1:9\n")
    assert main(["fleet", "--file", str(fleet_file), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)[0]["status"] == "unknown"
