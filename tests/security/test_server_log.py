"""Failed logins to PostgreSQL, read from its JSON log line by line and never twice."""

import json
import os
import shutil

import psycopg
import pytest

LOGIN = {
    "timestamp": "2030-01-01 12:00:00.000 UTC",
    "user": "ada",
    "dbname": "shop",
    "remote_host": "203.0.113.7",
    "error_severity": "FATAL",
    "state_code": "28P01",
    "message": "password authentication failed",
}


class Log:
    """A directory of JSON logs that only this test's sessions take for the server's."""

    def __init__(self, folder):
        """Begin with one empty file."""
        self.folder = folder
        self.age = 1000
        self.open("first")

    def open(self, name):
        self.path = self.folder / f"{name}.json"
        self.write("")

    def write(self, text, mode="a"):
        with self.path.open(mode) as file:
            file.write(text)
        # The order of files is that of their times, which a fast test would blur.
        self.age += 1
        os.utime(self.path, (self.age, self.age))
        self.path.chmod(0o644)

    def fail(self, number=1, **more):
        self.write("".join(json.dumps(LOGIN | more) + "\n" for _ in range(number)))


def failed_logins(db, lines):
    return db.execute("select plumb.py_failed_logins(%s)", [lines]).fetchone()[0]


@pytest.fixture
def log(db, tmp_path_factory):
    # The server runs as another user than the tests may.
    folder = tmp_path_factory.getbasetemp().parent / f"plumb_log_{db.info.backend_pid}"
    folder.mkdir()
    for parent in (folder, *folder.parents[:-1]):
        if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
    folder.chmod(0o755)
    yield Log(folder)
    shutil.rmtree(folder)


@pytest.fixture
def read(db, log, at):
    """Return a function that reads the log on, and says how many failed logins that brought."""
    position = {"inode": None, "byteOffset": None}

    def read_on(bytes_max=1_000_000):
        answer = db.execute(
            "select plumb.py_read_server_log(null, %s, %s, %s)",
            [position["inode"], position["byteOffset"], bytes_max],
        ).fetchone()[0]
        position.update(answer)
        return len(failed_logins(db, answer["lines"]))

    if not db.execute("select 1 from pg_language where lanname = 'plpython3u'").fetchone():
        pytest.skip("PL/Python cannot be had here")
    body = db.execute(
        "select prosrc from pg_proc where oid = 'plumb.py_read_server_log'::regproc"
    ).fetchone()[0]
    # log_directory can only be set for a whole server: the body is run with another one.
    where = 'plpy.execute("select current_setting(\'log_directory\') as d")[0]["d"]'
    assert where in body
    db.execute(
        "create or replace function plumb.py_read_server_log(text, p_inode bigint,"
        " p_byte_offset bigint, p_bytes_max bigint) returns jsonb language plpython3u as $$"
        f"{body.replace(where, repr(str(log.folder)))}$$".replace("plumb.py", "plumb.test_py", 1)
    )
    db.execute("drop function plumb.py_read_server_log")
    db.execute("alter function plumb.test_py_read_server_log rename to py_read_server_log")
    return read_on


def test_it_begins_with_what_comes_and_reads_nothing_twice(log, read):
    log.fail(3)
    assert read() == 0

    log.fail(2)

    assert read() == 2
    assert read() == 0


def test_a_line_half_written_is_read_when_it_is_whole(log, read):
    read()
    line = json.dumps(LOGIN) + "\n"
    log.write(line[:40])
    assert read() == 0

    log.write(line[40:])

    assert read() == 1


def test_rotation_loses_nothing(log, read):
    read()
    log.fail(1)
    log.open("second")
    log.fail(2)
    log.open("third")
    log.fail(4)

    assert read() == 7
    assert read() == 0


def test_a_truncated_file_is_read_from_its_beginning(log, read):
    log.fail(5)
    read()

    log.write(json.dumps(LOGIN) + "\n", mode="w")

    assert read() == 1


def test_a_file_removed_meanwhile_stops_nothing(log, read):
    read()
    log.path.unlink()
    log.open("second")
    log.fail(1)

    assert read() == 1


def test_a_long_log_is_read_in_parts(log, read):
    read()
    log.fail(100)

    assert [read(bytes_max=10_000) > 0 for _ in range(2)] == [True, True]
    assert sum(iter(lambda: read(bytes_max=10_000), 0)) > 0


def test_a_line_longer_than_may_be_read_is_stepped_over(log, read):
    read()
    log.write("x" * 5000 + "\n")
    log.fail(1)

    assert sum(read(bytes_max=1000) for _ in range(8)) == 1


@pytest.mark.parametrize(
    "line", ["not json", "[]", "null", "{}", '{"state_code": 28}', '{"state_code": null}', "\xff"]
)
def test_what_is_no_failed_login_is_passed_over(log, read, line):
    read()
    log.write(line + "\n")
    log.fail(1)
    log.fail(1, error_severity="LOG")
    log.fail(1, state_code="42P01")

    assert read() == 1


def test_the_scan_blocks_whom_the_log_tells_of(db, log, read, call, ask, open_scopes):
    call("change_setting", "server_log_reading", "on")
    assert open_scopes() == []
    log.fail(6)
    log.fail(6, user="bob")
    log.fail(3, remote_host="[local]")

    assert open_scopes() == ["BRUTE_FORCE"]

    assert ask()["decision"] == "blocked"
    events = (
        "select client, actor, event_count from plumb.security_events"
        " where kind = 'failed_database_login' order by 1, 2"
    )
    assert db.execute(events).fetchall() == [
        ("", "ada@shop", 3),
        ("203.0.113.7", "ada@shop", 6),
        ("203.0.113.7", "bob@shop", 6),
    ]


def test_a_log_that_cannot_be_read_is_an_incident_until_it_can(db, log, read, call, open_scopes):
    call("change_setting", "server_log_reading", "on")
    log.path.unlink()
    assert open_scopes() == ["SERVER_LOG_UNREADABLE"]

    log.open("again")

    assert open_scopes() == []


def test_without_a_json_log_nothing_is_missed_by_default(db, open_scopes):
    assert db.execute("show log_destination").fetchone() == ("stderr",)

    assert open_scopes() == []


def test_only_the_scan_may_read_the_log(connect):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect(role="plumb_api").execute("select plumb.py_read_server_log(null, null, null, 1)")


def test_lines_that_tell_of_nothing_are_passed_over(db):
    nothing = ["", "{", "[]", "28", '"28"', '{"state_code": 28}', '{"state_code": "28P01"}']
    other = [LOGIN | {"state_code": "42P01"}, LOGIN | {"error_severity": "LOG"}]
    local = LOGIN | {"remote_host": "[local]"}
    lines = nothing + [json.dumps(entry) for entry in [*other, local]]

    assert failed_logins(db, "\n".join(lines)) == [
        {"client": "", "account": "ada", "database": "shop", "at": LOGIN["timestamp"]}
    ]


def test_a_name_cannot_hide_its_line_by_breaking_it(log, read):
    read()

    log.write(json.dumps(LOGIN | {"user": "a\u2028b\x85c"}, ensure_ascii=False) + "\n")

    assert read() == 1
