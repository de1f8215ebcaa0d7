"""An address that may hold a key is used whole, and shown without it to whoever reads settings."""

import http.server
import threading
from pathlib import Path
from types import SimpleNamespace

import plumbline.migrations
import pytest
from plumbline.core.migrate import migrate
from psycopg import errors

MIGRATION = Path(plumbline.migrations.__file__).parent / "versions" / "0042_setting_secrets.sql"
URL = "https://anchors.example/S3cret-Path?key=S3cret-Key"
SEEN = """
    select coalesce(string_agg(s::text, ' '), '') || coalesce((
        select string_agg(a::text, ' ') from plumb.audit_anchors as a
    ), '') || coalesce((select string_agg(i::text, ' ') from plumb.incidents as i), '')
    from plumb.settings as s
"""


@pytest.fixture
def receiver():
    """Yield a server that takes every anchor: its URL, and the paths that were asked for."""
    paths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            paths.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", paths=paths)
        server.shutdown()


@pytest.mark.parametrize("name", ["audit_anchor_url", "pagerduty_url"])
@pytest.mark.parametrize(
    "statement",
    [
        "select plumb.change_setting(%(name)s, %(value)s)",
        "update plumb.settings set value = %(value)s where name = %(name)s",
    ],
)
def test_no_reader_sees_the_whole_address(db, connect, name, statement):
    db.execute(statement, {"name": name, "value": URL})

    for role in ("plumb_reader", "plumb_auditor", "plumb_operator", "plumb_api", "plumb_admin"):
        session = connect(role=role)
        seen = session.execute(SEEN).fetchone()[0]
        (value,) = session.execute("select plumb.setting(%s)", [name]).fetchone()
        assert "S3cret" not in seen + value
        assert value.startswith("https://anchors.example/… (")
        for forbidden in (
            "select * from plumb.setting_secrets",
            f"select plumb.secret_setting('{name}')",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                session.execute(forbidden)
    # Whatever touches the row later leaves the address as it is.
    db.execute("update plumb.settings set updated_at = now(), value = value")
    assert db.execute("select plumb.secret_setting(%s)", [name]).fetchone() == (URL,)
    migrate(db.info.dsn, report=lambda _line: None, demo_schema="retail")
    assert db.execute("select plumb.secret_setting(%s)", [name]).fetchone() == (URL,)

    db.execute("select plumb.change_setting(%s, null)", [name])
    assert db.execute("select count(*) from plumb.setting_secrets").fetchone() == (0,)
    default = db.execute(
        "select default_value from plumb.settings where name = %s", [name]
    ).fetchone()
    assert db.execute("select plumb.secret_setting(%s)", [name]).fetchone() == default


@pytest.mark.parametrize(
    "value", ["ftp://S3cret", "https://u:S3cret@host/", "S3cret", "data:S3cret"]
)
def test_a_refused_address_is_not_repeated(db, value):
    with pytest.raises(errors.Error) as refused:
        db.execute("select plumb.change_setting('audit_anchor_url', %s)", [value])

    told = refused.value.diag
    assert told.sqlstate == "PL002"
    assert "S3cret" not in f"{told.message_primary}{told.message_detail}{told.message_hint}"


def test_the_anchor_is_posted_to_the_whole_address_and_counted_once_for_each(db, receiver):
    db.execute("select plumb.seal_audit()")
    for path in ("/one?key=S3cret", "/two?key=S3cret"):
        db.execute("select plumb.change_setting('audit_anchor_url', %s)", [receiver.url + path])
        db.execute("select plumb.anchor_audit()")
        db.execute("select plumb.anchor_audit()")

    assert receiver.paths == ["/one?key=S3cret", "/two?key=S3cret"]
    targets = [target for (target,) in db.execute("select target from plumb.audit_anchors")]
    assert len(set(targets)) == 2
    assert all(target.startswith(f"{receiver.url}/… (") for target in targets)


def test_what_an_older_release_stored_is_cleaned(db):
    targets = [URL, "https://u:S3cret@h/", "/srv/anchors", "file:///etc/hostname", "data:,x"]
    db.execute("drop table plumb.setting_secrets")
    db.execute("set session_replication_role = replica")
    db.execute("update plumb.settings set value = %s where name = 'audit_anchor_url'", [URL])
    db.execute("set session_replication_role = origin")
    db.execute(
        "insert into plumb.audit_anchors (target, seal_id, seal_hash, anchored_at)"
        " select t, 0, sha256(''), now() from unnest(%s::text[]) as t",
        [targets],
    )

    with db.transaction():
        db.execute(MIGRATION.read_text())

    assert "S3cret" not in db.execute(SEEN).fetchone()[0]
    assert db.execute("select plumb.secret_setting('audit_anchor_url')").fetchone() == (URL,)
    (shown,) = db.execute("select plumb.shown_url(%s)", [URL]).fetchone()
    assert db.execute("select plumb.setting('audit_anchor_url')").fetchone() == (shown,)
    left = {target for (target,) in db.execute("select target from plumb.audit_anchors")}
    assert left > {shown, "/srv/anchors"}
    assert len(left) == 3
