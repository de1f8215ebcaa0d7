"""A backup is there as a whole, under its name and on record, or it is not there."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from plumbline.cli import backup
from plumbline.cli.backup import dump as backup_dump
from plumbline.cli.backup import store as backup_store
from plumbline.core.errors import PlumbError


def test_its_sums_can_be_checked_without_us(backups):
    made = backups.make()

    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=made.path, capture_output=True, check=False
    )

    assert checked.returncode == 0
    assert made.manifest()["rowCounts"]["retail.sales"] == 1
    assert made.manifest()["sizeBytes"] == (made.path / "database.dump").stat().st_size


def test_nobody_else_can_read_it(backups):
    made = backups.make()

    assert made.path.stat().st_mode & 0o077 == 0
    assert (made.path / "database.dump").stat().st_mode & 0o077 == 0


def test_rows_are_counted_in_the_dumps_own_snapshot(backups, connect, monkeypatch):
    write = backup_dump._write

    def sell_meanwhile(*arguments):
        connect().execute("insert into retail.customers (name, credit_limit) values ('Late', 1)")
        return write(*arguments)

    monkeypatch.setattr(backup_dump, "_write", sell_meanwhile)
    made = backups.make()

    assert made.manifest()["rowCounts"]["retail.customers"] == 1
    script = subprocess.run(
        ["pg_restore", "--data-only", "--table=customers", "-f-", made.path / "database.dump"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Ada" in script
    assert "Late" not in script


def test_two_runs_never_overlap(backups):
    with (
        backup_dump.backup_lock(backups.url),
        pytest.raises(PlumbError, match="runs already"),
    ):
        backups.make()

    assert backup_store.published(backups.directory) == []


def test_what_a_killed_run_left_is_removed_by_the_next(backups):
    backups.directory.mkdir()
    leftover = backups.directory / ".old-20200101T000000Z-0000.partial"
    leftover.mkdir()
    (leftover / "database.dump").write_bytes(b"half")
    backups.db.execute("select plumb.start_backup('old-20200101T000000Z-0000', '')")

    backups.make()

    assert not leftover.exists()
    assert backups.db.execute(
        "select status, error from plumb.backups where backup_name like 'old-%'"
    ).fetchone() == ("failed", "its process ended before it did")


@pytest.mark.parametrize("end_signal", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_publishes_nothing(backups, connect, end_signal):
    blocker = connect(autocommit=False)
    blocker.execute("lock table retail.sales in access exclusive mode")
    process = subprocess.Popen(
        [sys.executable, "-m", "plumbline.cli", "backup", "run"],
        env=os.environ | {"DATABASE_URL": backups.url, "BACKUP_DIR": str(backups.directory)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    waiting = "select exists (select from pg_locks where not granted), pg_sleep(0.01)"
    watcher = connect()
    while not watcher.execute(waiting).fetchone()[0] and process.poll() is None:
        pass

    process.send_signal(end_signal)
    blocker.rollback()
    process.wait(timeout=20)

    assert process.returncode != 0
    assert backup_store.published(backups.directory) == []
    if end_signal == signal.SIGTERM:
        assert list(backups.directory.iterdir()) == []
        assert backups.open_incidents() == [("run",)]
    # Either way the next run starts from a clean directory.
    backups.make()
    assert len(list(backups.directory.iterdir())) == 1


def test_a_full_disk_leaves_nothing_and_opens_an_incident_that_success_clears(backups):
    limited = subprocess.run(
        ["sh", "-c", f"ulimit -f 40; exec {sys.executable} -m plumbline.cli backup run"],
        env=os.environ | {"DATABASE_URL": backups.url, "BACKUP_DIR": str(backups.directory)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert limited.returncode == 2
    assert "File too large" in limited.stderr
    assert list(backups.directory.iterdir()) == []
    assert backups.open_incidents() == [("run",)]

    backups.make()

    assert backups.open_incidents() == []


def test_too_little_room_is_told_before_anything_is_written(backups):
    backups.db.execute("select plumb.change_setting('backup_free_bytes_min', %s)", [str(10**16)])

    with pytest.raises(PlumbError, match="bytes free"):
        backups.make()

    assert list(backups.directory.iterdir()) == []


def test_a_dump_that_fails_is_no_backup(backups):
    with pytest.raises(PlumbError, match="pg_dump failed"):
        backups.make("--no-such-option")

    assert list(backups.directory.iterdir()) == []
    assert backups.open_incidents() == [("run",)]


def test_a_password_stands_on_no_command_line():
    target, environment = backup_dump.address("postgresql://ada:s3cret@localhost/shop")

    assert "s3cret" not in target
    assert environment["PGPASSWORD"] == "s3cret"


def test_encrypted_to_a_public_key_nothing_is_in_the_clear(backups, make_key):
    backups.key_id = make_key("ops@example.com")

    made = backups.make()

    stored = (made.path / "database.dump.gpg").read_bytes()
    assert b"PGDMP" not in stored
    assert sorted(path.name for path in made.path.iterdir()) == [
        "SHA256SUMS",
        "database.dump.gpg",
        "manifest.json",
        "roles.json.gpg",
    ]
    assert made.manifest()["dumpSha256"] != made.manifest()["sha256"]


def test_a_key_that_is_not_there_is_refused_before_anything_is_dumped(backups, make_key):
    backups.key_id = "nobody@example.com"

    with pytest.raises(PlumbError, match="stands for 0 public keys"):
        backups.make()

    assert list(backups.directory.iterdir()) == []


def generate(*options: str) -> None:
    quiet = ("gpg", "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback")
    subprocess.run([*quiet, "--passphrase", "", *options], check=True, capture_output=True)


def fingerprint(address: str) -> str:
    listed = subprocess.run(
        ["gpg", "--batch", "--with-colons", "--list-keys", address],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))


LONG_AGO = ("--faked-system-time", "20200101T000000")


def make_expired() -> None:
    generate(*LONG_AGO, "--quick-generate-key", "ops@example.com", "default", "default", "1d")


def make_with_expired_subkey() -> None:
    generate(*LONG_AGO, "--quick-generate-key", "ops@example.com", "ed25519", "sign", "never")
    generate(*LONG_AGO, "--quick-add-key", fingerprint("ops@example.com"), "cv25519", "encr", "1d")


def make_revoked() -> None:
    generate("--quick-generate-key", "ops@example.com", "default", "default", "never")
    name = f"{fingerprint('ops@example.com')}.rev"
    certificate = Path(os.environ["GNUPGHOME"]) / "openpgp-revocs.d" / name
    # A colon keeps it from being imported by mistake.
    certificate.write_text(certificate.read_text().replace(":-----BEGIN", "-----BEGIN"))
    generate("--import", str(certificate))


def make_disabled() -> None:
    generate("--quick-generate-key", "ops@example.com", "default", "default", "never")
    subprocess.run(
        ["gpg", "--no-tty", "--command-fd", "0", "--edit-key", "ops@example.com"],
        check=True, capture_output=True, input=b"disable\nquit\n",
    )  # fmt: skip


def make_for_signing() -> None:
    generate("--quick-generate-key", "ops@example.com", "ed25519", "sign", "never")


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (make_expired, "is expired"),
        (make_with_expired_subkey, "has no valid key for encryption"),
        (make_revoked, "is revoked"),
        (make_disabled, "is disabled"),
        (make_for_signing, "has no valid key for encryption"),
    ],
)
def test_a_key_that_cannot_be_encrypted_to_is_refused_before_anything_is_dumped(
    backups, make_key, make, complaint
):
    make()
    backups.key_id = "ops@example.com"

    with pytest.raises(PlumbError, match=f"that key {complaint}"):
        backups.make()

    assert list(backups.directory.iterdir()) == []
    assert backups.open_incidents() == [("run",)]
    with pytest.raises(PlumbError, match="GPG_KEY_ID"):
        backup.prepare_private(backups.config, backups.url)


def test_retention_keeps_the_newest_the_weekly_and_the_newest_valid(backups):
    backups.directory.mkdir()
    for day in range(1, 29):
        name = f"shop-202002{day:02}T000000Z-0000"
        (backups.directory / name).mkdir()
        (backups.directory / name / "manifest.json").write_text(json.dumps({"format": 1}))
        backups.db.execute(
            "select plumb.record_backup(%s, %s, 1, null, 'plumb')",
            [name, f"2020-02-{day:02}T00:00:00Z"],
        )
    all_tiers = [
        {"tier": tier, "status": "passed"}
        for tier in ("checksum", "restored", "row_counts", "invariants")
    ]
    backups.db.execute(
        "select plumb.record_validation('shop-20200204T000000Z-0000', %s, now())",
        [psycopg.types.json.Jsonb(all_tiers)],
    )
    backups.db.execute("select set_config('plumb.current_time', '2020-02-28T12:00:00Z', false)")
    backups.db.execute("update plumb.settings set value = '3' where name = 'backup_keep_count'")
    expired = [
        name for (name,) in backups.db.execute("select backup_name from plumb.expired_backups()")
    ]
    kept_days = sorted(set(range(1, 29)) - {int(name[11:13]) for name in expired})

    # 26 to 28 are the newest; 2, 9, 16 and 23 end their weeks; 4 is the newest valid one.
    assert kept_days == [2, 4, 9, 16, 23, 26, 27, 28]


def test_pruning_removes_the_files_and_keeps_the_record(backups):
    old, new = backups.make(), backups.make()
    backups.db.execute("select plumb.change_setting('backup_keep_count', '1')")
    backups.db.execute("select plumb.change_setting('backup_keep_weeks', '0')")

    lines = backup.prune(backups.config)

    assert lines == [f"removed {old.path}"]
    assert [found.name for found in backup_store.published(backups.directory)] == [new.name]
    assert backups.db.execute(
        "select pruned_at is not null from plumb.backups where backup_name = %s", [old.name]
    ).fetchone() == (True,)


def test_no_transaction_of_the_job_stays_open_while_it_runs(backups, connect):
    seen = []
    watcher = connect()
    stop = threading.Event()

    def watch():
        while not stop.wait(0.02):
            seen.extend(
                watcher.execute(
                    "select application_name from pg_stat_activity where datname ="
                    " current_database() and state like 'idle in tr%'"
                    " and pid <> pg_backend_pid() and application_name like 'plumb%'"
                ).fetchall()
            )

    watching = threading.Thread(target=watch)
    watching.start()
    backups.make()
    stop.set()
    watching.join()

    # Only the session that lends pg_dump its snapshot holds one; the recording one never does.
    assert {name for (name,) in seen} <= {"plumb backup snapshot"}
