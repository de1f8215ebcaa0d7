"""What nobody would report is found: runs that died, old backups, rotten pages, broken indexes."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import Jsonb

PAGE_BYTES = 8192


def incident(db: psycopg.Connection, scope: str) -> tuple | None:
    return db.execute(
        "select status, priority from plumb.incidents where source = 'backup' and scope = %s",
        [scope],
    ).fetchone()


def record_valid(db: psycopg.Connection, name: str, taken_at: str) -> None:
    tiers = [{"tier": "checksum", "status": "passed"}]
    db.execute(
        "select plumb.record_backup(%s, %s, p_tool => 'barman', p_tiers => %s)",
        [name, taken_at, Jsonb(tiers)],
    )


def test_a_backup_that_was_never_proven_is_called_that(db):
    db.execute(
        "insert into plumb.backups (backup_name, status, started_at)"
        " values ('first', 'finished', '2026-01-01T00:00:00Z')"
    )

    assert db.execute("select plumb.judge_backup_age()").fetchone()[0] == (
        "no backup was ever proven valid"
    )


def test_where_no_backup_was_ever_asked_for_nothing_nags(db):
    assert db.execute("select plumb.judge_backup_age()").fetchone()[0] == (
        "no backup was ever begun"
    )
    assert incident(db, "age") is None


def test_an_old_backup_opens_an_incident_and_the_next_one_clears_it(db):
    db.execute("select set_config('plumb.current_time', '2026-01-01T00:00:00Z', false)")
    record_valid(db, "first", "2026-01-01T00:00:00Z")
    db.execute("select plumb.judge_backup_age()")
    assert incident(db, "age") is None

    db.execute("select set_config('plumb.current_time', '2026-01-02T03:00:00Z', false)")
    db.execute("select plumb.judge_backup_age()")
    assert incident(db, "age") == ("OPEN", "P2")

    record_valid(db, "second", "2026-01-02T02:59:00Z")
    assert incident(db, "age") == ("RESOLVED", "P2")


def test_a_run_whose_process_died_is_found(db):
    db.execute("select plumb.start_backup('lost', '')")

    db.execute("select plumb.watch_backups()")

    assert db.execute("select status from plumb.backups").fetchone() == ("failed",)
    assert incident(db, "run") == ("OPEN", "P2")


def test_a_run_that_lives_is_left_alone(db, connect):
    connect().execute("select plumb.claim_backup()")
    db.execute("select plumb.start_backup('busy', '')")

    db.execute("select plumb.watch_backups()")

    assert db.execute("select status from plumb.backups").fetchone() == ("running",)


def test_another_tools_backup_counts_for_what_it_proved(db):
    record_valid(db, "20261123-030002F", "2020-01-01T00:00:00Z")

    row = db.execute(
        "select tool, validation, proven, not_proven from plumb.backup_status"
    ).fetchone()

    assert row == (
        "barman",
        "valid",
        "checksum",
        "decrypted, restored, amcheck, row_counts, invariants, audit, drift",
    )


def test_an_operator_may_ask_more_of_another_tool(db):
    db.execute("select plumb.change_setting('backup_required_tiers_external', 'restored')")

    record_valid(db, "20261123-030002F", "2020-01-01T00:00:00Z")

    assert db.execute("select validation, reason from plumb.backup_status").fetchone() == (
        "unknown",
        "not proven: restored",
    )


def test_another_tools_failure_is_an_incident(db):
    tiers = [{"tier": "checksum", "status": "failed", "evidence": "page 7 of 1663/16384/2619"}]

    db.execute("select plumb.record_backup('20261123F', now(), p_tiers => %s)", [Jsonb(tiers)])

    assert incident(db, "validation") == ("OPEN", "P2")


def test_a_backup_without_proof_is_unknown(db):
    db.execute("select plumb.record_backup('20261123F', now(), 1)")

    assert db.execute("select validation from plumb.backup_status").fetchone() == ("unknown",)
    assert db.execute("select status from plumb.measure_backup(10)").fetchone() == ("unknown",)


def test_a_name_stands_for_one_backup(db):
    record_valid(db, "nightly", "2020-01-01T00:00:00Z")

    with pytest.raises(psycopg.Error, match="another backup is known as 'nightly'") as refused:
        record_valid(db, "nightly", "2020-01-02T00:00:00Z")

    assert refused.value.sqlstate == "PL005"


@pytest.mark.parametrize("tiers", [{}, [{}], [{"tier": "checksum", "status": "fine"}]])
def test_tiers_that_mean_nothing_are_refused(db, tiers):
    db.execute("select plumb.record_backup('b', now())")

    with pytest.raises(psycopg.Error, match="tiers are not what they must be") as refused:
        db.execute("select plumb.record_validation('b', %s, now())", [Jsonb(tiers)])

    assert refused.value.sqlstate == "PL002"


def test_what_the_server_starts_is_the_superusers_alone(connect):
    for role in ("plumb_owner", "plumb_worker", "plumb_operator", "plumb_reader", "plumb_api"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(role=role).execute("select * from plumb.backup_agent")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(role=role).execute("update plumb.backup_agent set command = '{/bin/sh}'")


def test_the_daily_job_starts_the_agent_and_does_not_wait_for_it(db, tmp_path):
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)
    done = tmp_path / "done"
    db.execute(
        "insert into plumb.backup_agent (command, environment) values (%s, %s)",
        [["/bin/sh", "-c", f"sleep 0.5; echo $BACKUP_DIR > {done}"], Jsonb({"BACKUP_DIR": "/b"})],
    )

    report = db.execute("select plumb.run_backup()").fetchone()[0]

    assert report.startswith("started")
    assert not done.exists()
    for _ in range(500):
        if done.exists() and done.read_text():
            break
        time.sleep(0.02)
    assert done.read_text() == "/b\n"


def test_without_an_agent_the_job_says_who_must(db):
    assert "a timer must call" in db.execute("select plumb.run_backup()").fetchone()[0]


@pytest.fixture
def spoilt(db):
    """Yield a function that spoils a page of a relation, and a session that will read it.

    The copy's files are made without the buffer cache, so what is spoilt is what is read.
    """
    db.execute("create table public.notes as select i from generate_series(1, 5000) as i")
    db.execute("create index notes_idx on public.notes (i)")
    parts = conninfo_to_dict(db.info.dsn)
    source, name = parts["dbname"], f"{parts['dbname']}_spoilt"
    server = psycopg.connect(make_conninfo(**(parts | {"dbname": "postgres"})), autocommit=True)
    sessions = []

    def spoil(relation: str) -> psycopg.Connection:
        path, root = db.execute(
            "select pg_relation_filepath(%s::regclass), current_setting('data_directory')",
            [relation],
        ).fetchone()
        db.close()
        server.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )
        (oid,) = server.execute("select oid from pg_database where datname = %s", [name]).fetchone()
        file = Path(root) / "base" / str(oid) / Path(path).name
        with file.open("r+b") as pages:
            pages.seek(3 * PAGE_BYTES + 100)
            pages.write(b"\xff" * 64)
        sessions.append(
            psycopg.connect(make_conninfo(**(parts | {"dbname": name})), autocommit=True)
        )
        return sessions[0]

    yield spoil
    for session in sessions:
        session.close()
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
    server.close()


def test_a_spoilt_page_is_found_by_its_checksum(spoilt):
    copy = spoilt("public.notes")
    with pytest.raises(psycopg.errors.DataCorrupted):
        copy.execute("select count(*) from public.notes")
    copy.execute("select pg_stat_force_next_flush()")

    assert (
        "failed their checksum" in copy.execute("select plumb.check_page_checksums()").fetchone()[0]
    )
    assert incident(copy, "page-checksums") == ("OPEN", "P1")

    copy.execute("select pg_stat_reset()")
    copy.execute("select plumb.check_page_checksums()")
    assert incident(copy, "page-checksums") == ("RESOLVED", "P1")


def test_a_broken_index_is_found_and_mended_by_reindex(db, spoilt):
    db.execute("select plumb.change_setting('amcheck_indexes_max', '1000')")
    copy = spoilt("public.notes_idx")

    assert "broken" in copy.execute("select plumb.check_indexes()").fetchone()[0]
    assert copy.execute("select relation from plumb.index_checks where error <> ''").fetchall() == [
        ("public.notes_idx",)
    ]
    assert incident(copy, "amcheck") == ("OPEN", "P1")

    copy.execute("reindex index public.notes_idx")
    copy.execute("select plumb.check_indexes()")
    assert incident(copy, "amcheck") == ("RESOLVED", "P1")


def test_a_pass_is_bounded_and_the_next_one_goes_on(db):
    db.execute("select plumb.change_setting('amcheck_indexes_max', '3')")

    assert db.execute("select plumb.check_indexes()").fetchone()[0] == "3 indexes are sound"
    db.execute("select plumb.check_indexes()")

    assert db.execute("select count(*) from plumb.index_checks").fetchone() == (6,)


def test_the_command_explains_itself():
    shown = subprocess.run(
        [sys.executable, "-m", "plumbline.cli", "backup", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    for action in ("run", "validate", "list", "prune", "shadow", "schedule"):
        assert action in shown.stdout
