"""Seals' hashes leave the database, and a log that differs from them is found out."""

import json
import os
import shutil
import socket
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from plumbline.cli.__main__ import main

from .conftest import edit, seal, tamper


@pytest.fixture
def place():
    """Yield a directory that the server's account may write to, wherever the tests run."""
    path = Path(tempfile.mkdtemp(prefix="plumb-anchor-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def receiver():
    """Yield a real HTTP receiver: its url, what it got, and the status it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append(json.loads(body))
            self.send_response(self.server.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.status = [], 200
    server.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def plumb(audit, monkeypatch):
    """Yield ./plumb, on this test's database."""
    dsn = audit.info.dsn
    password = os.environ.get("PGPASSWORD")
    monkeypatch.setenv("DATABASE_URL", f"{dsn} password={password}" if password else dsn)
    monkeypatch.delenv("AUDIT_ANCHOR_DIR", raising=False)
    monkeypatch.delenv("AUDIT_ANCHOR_URL", raising=False)
    return lambda *words: main(["audit", *map(str, words)])


def change(db, name, value):
    db.execute("select change_setting(%s, %s)", [name, str(value)])


def anchor(db):
    return db.execute("select anchor_audit()").fetchone()[0]


def lines(place):
    return [json.loads(s) for f in place.glob("*.jsonl") for s in f.read_text().splitlines()]


def held_to(db, anchors):
    return [
        kind for (kind,) in db.execute("select kind from verify_anchors(%s)", [json.dumps(anchors)])
    ]


def incidents(db):
    query = "select scope from open_incidents where source = 'audit-anchor'"
    return [scope for (scope,) in db.execute(query)]


def test_each_seal_is_appended_once(audit, place):
    change(audit, "audit_anchor_dir", place)
    anchor(audit)
    anchor(audit)
    audit.execute("insert into app.item values (1)")
    newest = seal(audit)
    anchor(audit)
    assert [a["sealId"] for a in lines(place)] == [newest - 1, newest]
    assert held_to(audit, lines(place)) == []


def test_a_recomputed_log_is_found_when_the_next_seal_is_anchored(audit, place):
    change(audit, "audit_anchor_dir", place)
    anchor(audit)
    newest = lines(place)[0]["sealId"]
    tamper(audit, "update seals set sealed_at = now() where seal_id = %s", [newest])
    tamper(audit, "update seals as s set seal_hash = seal_digest(s.*) where seal_id = %s", [newest])
    audit.execute("insert into app.item values (1)")
    seal(audit)
    anchor(audit)
    assert audit.execute(
        "select priority from open_incidents where source = 'audit' and scope = 'anchors'"
    ).fetchall() == [("P1",)]
    assert [a["sealId"] for a in lines(place)] == [newest, newest + 1]


def test_of_a_long_anchor_file_only_the_end_is_read(audit, place):
    change(audit, "audit_anchor_dir", place)
    anchor(audit)
    file = next(place.glob("*.jsonl"))
    line = file.read_text()
    file.write_text("not an anchor\n" + line * 1000 + '{"sealId": 1')
    read = "select jsonb_array_length(py_newest_anchors(%s, %s, 65536))"
    (count,) = audit.execute(read, [str(place), file.name]).fetchone()
    assert 0 < count <= 65536 // len(line)


def test_a_directory_that_refuses_is_an_incident_until_it_takes(audit, place):
    change(audit, "audit_anchor_dir", place / "none")
    anchor(audit)
    assert incidents(audit) == ["directory"]
    change(audit, "audit_anchor_dir", place)
    anchor(audit)
    assert incidents(audit) == []


def test_a_url_takes_the_anchor(audit, receiver):
    change(audit, "audit_anchor_url", receiver.url)
    anchor(audit)
    assert held_to(audit, receiver.got) == []
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [301, 403, 500])
def test_a_refusing_url_is_an_incident_and_the_directory_still_gets_it(
    audit, place, receiver, status
):
    receiver.status = status
    change(audit, "audit_anchor_dir", place)
    change(audit, "audit_anchor_url", receiver.url)
    anchor(audit)
    assert incidents(audit) == ["url"]
    assert len(lines(place)) == 1


def test_a_hanging_url_is_given_up(audit):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        change(audit, "audit_anchor_url", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        change(audit, "audit_anchor_seconds_max", 1)
        assert "timed out" in anchor(audit)
    assert incidents(audit) == ["url"]


def test_a_log_recomputed_throughout_differs_from_its_anchor(audit, place):
    change(audit, "audit_anchor_dir", place)
    anchor(audit)
    newest = lines(place)[0]["sealId"]
    tamper(
        audit,
        "update seals set sealed_at = sealed_at - interval '1 h' where seal_id = %s",
        [newest],
    )
    tamper(audit, "update seals as s set seal_hash = seal_digest(s.*) where seal_id = %s", [newest])
    assert audit.execute("select * from verify_audit()").fetchall() == []
    assert held_to(audit, lines(place)) == ["anchored_seal_altered"]


def test_a_log_cut_off_at_its_end_lacks_the_anchored_seal(audit, place):
    audit.execute("insert into app.item values (1)")
    newest = seal(audit)
    change(audit, "audit_anchor_dir", place)
    anchor(audit)
    for table in (
        "audit_blocks where seal_id = %s",
        "seals where seal_id = %s",
    ):
        tamper(audit, f"delete from {table}", [newest])
    assert audit.execute("select * from verify_audit()").fetchall() == []
    assert held_to(audit, lines(place)) == ["anchored_seal_missing"]


def test_a_log_begun_again_is_another_log(audit, place):
    change(audit, "audit_anchor_dir", place)
    anchor(audit)
    for table in ("audit_blocks", "seals"):
        tamper(audit, f"delete from {table}")
    audit.execute("select open_audit_log()")
    assert audit.execute("select * from verify_audit()").fetchall() == []
    assert held_to(audit, lines(place)) == ["anchor_of_other_log"]


def test_the_command_anchors_and_verifies(audit, plumb, place, receiver, capsys):
    audit.execute("insert into app.item values (1), (2)")
    seal(audit)
    assert plumb("anchor", "--dir", place, "--url", receiver.url) == 0
    assert lines(place) == receiver.got
    assert plumb("verify", "--anchors", place) == 0
    assert plumb("verify", "--independent", "--anchors", place) == 0
    edit(audit, 2)
    capsys.readouterr()
    answers = []
    for words in ([], ["--independent"]):
        assert plumb("verify", "--json", "--anchors", place, *words) == 1
        answers.append([f["kind"] for f in json.loads(capsys.readouterr().out)])
    assert answers == [["row_altered"]] * 2


def test_the_command_says_when_it_cannot_judge(plumb, place, capsys):
    assert plumb("verify", "--anchors", place) == 2
    (place / "a.jsonl").write_text("not json\n")
    assert plumb("verify", "--anchors", place) == 2
    assert "a.jsonl:1" in capsys.readouterr().err
    assert plumb("anchor") == 2
    assert plumb("anchor", "--dir", place / "none") == 2


def test_an_anchor_beside_the_data_or_in_the_clear_does_not_count(audit, receiver):
    data = audit.execute("show data_directory").fetchone()[0]
    beside = Path(tempfile.mkdtemp(prefix="plumb-anchor-", dir=Path(data).parents[1]))
    beside.chmod(0o777)
    try:
        change(audit, "audit_anchor_dir", beside)
        change(audit, "audit_anchor_url", receiver.url)
        seal(audit)

        assert anchor(audit).count("does not count") == 2
        assert audit.execute("select bool_or(is_outside) from audit_anchors").fetchone() == (False,)
        audit.execute("set plumb.\"current_time\" = '2100-01-01'")
        assert "anchored" in audit.execute("select retire_audit('90 days')").fetchone()[0]
    finally:
        shutil.rmtree(beside)
