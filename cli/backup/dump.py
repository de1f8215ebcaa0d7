"""Makes a backup: pg_dump and a session that counts share one snapshot; the rest is a stream.

The dump goes from pg_dump through gpg into a file whose bytes are hashed on the way, so that
nothing is written twice and nothing is ever there in the clear.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg

from ...core.errors import PlumbError
from ...core.programs import address, client_program, last_words
from . import gpg as backup_gpg
from . import store as backup_store

# A dump of a database never dumped before is seldom larger than the database.
GROWTH = 1.5


@dataclass
class Dumped:
    """What a stream amounted to.

    Args:
        sha256: Digest of the file.
        size_bytes: Its size.
        dump_sha256: Digest of the dump before it was encrypted.
    """

    sha256: str
    size_bytes: int
    dump_sha256: str


@contextlib.contextmanager
def backup_lock(url: str) -> Iterator[psycopg.Connection]:
    """Yield a session that keeps every other backup and drill of this database out.

    Args:
        url: DATABASE_URL.

    Raises:
        PlumbError: Another one runs.
    """
    with psycopg.connect(url, autocommit=True, application_name="plumb backup") as connection:
        query = "select pg_try_advisory_lock(plumb.job_lock_class(), plumb.backup_lock_key())"
        if not connection.execute(query).fetchone()[0]:
            raise PlumbError("a backup or a drill runs already", "./plumb backup list")
        yield connection


def make_backup(
    url: str, directory: Path, key_id: str = "", dump_options: Sequence[str] = ()
) -> backup_store.Backup:
    """Make one backup and record it, or record why it could not be made.

    Args:
        url: DATABASE_URL.
        directory: BACKUP_DIR; made if its parent exists.
        key_id: GPG_KEY_ID; unencrypted when empty.
        dump_options: More options for pg_dump.

    Returns:
        The published backup.

    Raises:
        PlumbError: It could not be made; the incident is open.
    """
    with backup_lock(url) as connection:
        database = connection.info.dbname
        now = datetime.now(UTC)
        name = f"{_safe(database)}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        connection.execute("select plumb.start_backup(%s, %s)", [name, str(directory / name)])
        try:
            backup = _make(connection, url, directory, name, key_id, dump_options)
            _record(connection, backup)
        except BaseException as error:
            shutil.rmtree(backup_store.partial_path(directory, name), ignore_errors=True)
            reason = str(error).strip() or type(error).__name__
            # Where the database itself is gone, the first error is the one to tell.
            with contextlib.suppress(psycopg.Error):
                connection.execute("select plumb.fail_backup(%s, %s)", [name, reason])
            if isinstance(error, OSError | psycopg.Error):
                raise PlumbError(f"the backup failed: {reason}") from error
            raise
    return backup


def _make(
    connection: psycopg.Connection,
    url: str,
    directory: Path,
    name: str,
    key_id: str,
    dump_options: Sequence[str],
) -> backup_store.Backup:
    directory.mkdir(mode=0o700, exist_ok=True)
    backup_store.remove_leftovers(directory)
    fingerprint, key_ids = backup_gpg.resolve_key(key_id) if key_id else ("", [])
    reserve = int(_setting(connection, "backup_free_bytes_min"))
    backup_store.check_space(directory, _needed_bytes(connection), reserve)
    partial = backup_store.partial_path(directory, name)
    partial.mkdir(mode=0o700)
    file_name = "database.dump.gpg" if key_id else "database.dump"
    with psycopg.connect(url, application_name="plumb backup snapshot") as snapshot_session:
        snapshot_session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot_session.read_only = True
        snapshot, taken_at = snapshot_session.execute(
            "select pg_export_snapshot(), now()"
        ).fetchone()
        target, environment = address(url)
        major = snapshot_session.info.server_version // 10000
        command = [
            client_program("pg_dump", major),
            "--format=custom",
            f"--compress={_setting(connection, 'backup_compress_level')}",
            f"--snapshot={snapshot}",
            "--no-password",
            *dump_options,
            f"--dbname={target}",
        ]
        counted: dict = {}
        counter = threading.Thread(target=_count, args=(snapshot_session, counted))
        counter.start()
        try:
            encrypt = backup_gpg.encrypt_command(fingerprint) if key_id else None
            dumped = _stream(command, environment, encrypt, partial / file_name)
        except BaseException:
            snapshot_session.cancel()
            raise
        finally:
            counter.join()
        if "error" in counted:
            raise counted["error"]
    manifest = {
        "format": backup_store.FORMAT,
        "name": name,
        "file": file_name,
        "sha256": dumped.sha256,
        "sizeBytes": dumped.size_bytes,
        "dumpSha256": dumped.dump_sha256,
        "takenAt": taken_at.astimezone(UTC).isoformat(),
        "finishedAt": datetime.now(UTC).isoformat(),
        "database": connection.info.dbname,
        "serverVersion": connection.info.server_version,
        "systemIdentifier": connection.execute(
            "select system_identifier::text from pg_control_system()"
        ).fetchone()[0],
        "encryptedTo": fingerprint,
        "keyIds": key_ids,
        **counted["value"],
    }
    return backup_store.publish(directory, name, manifest)


def _record(connection: psycopg.Connection, backup: backup_store.Backup) -> None:
    manifest = backup.manifest()
    connection.execute(
        "select plumb.record_backup(%s, %s, %s, %s, 'plumb', %s, %s, %s)",
        [
            backup.name,
            manifest["takenAt"],
            manifest["sizeBytes"],
            manifest["sha256"],
            str(backup.path),
            bool(manifest["encryptedTo"]),
            psycopg.types.json.Jsonb(manifest),
        ],
    )


def _count(session: psycopg.Connection, counted: dict) -> None:
    try:
        counted["value"] = session.execute("select plumb.describe_snapshot()").fetchone()[0]
        counted["value"]["roles"] = [
            role
            for (role,) in session.execute(
                "select rolname from pg_roles where rolname !~ '^pg_' order by 1"
            )
        ]
        counted["value"]["pythonFunctions"] = [
            function
            for (function,) in session.execute(
                "select format('%s %s', p.pronamespace::regnamespace, p.proname) from pg_proc as p"
                " join pg_language as l on l.oid = p.prolang where l.lanname like 'plpython%'"
                " and not exists (select from pg_depend as d where d.objid = p.oid"
                " and d.classid = 'pg_proc'::regclass and d.deptype = 'e') order by 1"
            )
        ]
    except psycopg.Error as error:
        counted["error"] = error


def _stream(
    dump: list[str], environment: dict[str, str], encrypt: list[str] | None, path: Path
) -> Dumped:
    """Run pg_dump through gpg into a file, and hash both what goes in and what comes out."""
    dump_hash, file_hash = hashlib.sha256(), hashlib.sha256()
    size = 0
    processes: list[tuple[subprocess.Popen, IO[bytes]]] = []
    feeder = None
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            dumper = _start(dump, environment, processes)
            source = dumper.stdout
            if encrypt:
                encrypter = _start(encrypt, dict(os.environ), processes, subprocess.PIPE)
                feeder = threading.Thread(
                    target=_feed, args=(dumper.stdout, encrypter.stdin, dump_hash)
                )
                feeder.start()
                source = encrypter.stdout
            while chunk := source.read(backup_store.CHUNK_BYTES):
                file_hash.update(chunk)
                size += len(chunk)
                file.write(chunk)
            if feeder:
                feeder.join()
            for process, errors in processes:
                if process.wait():
                    program = Path(process.args[0]).name
                    raise PlumbError(f"{program} failed: {last_words(errors)}")
            file.flush()
            os.fsync(file.fileno())
    finally:
        for process, _ in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        if feeder:
            feeder.join()
    whole = file_hash.hexdigest()
    return Dumped(whole, size, dump_hash.hexdigest() if encrypt else whole)


def _start(
    command: list[str],
    environment: dict[str, str],
    processes: list,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen:
    # A file, for a pipe that nobody reads would stop a program that says much.
    errors = tempfile.TemporaryFile()  # noqa: SIM115
    process = subprocess.Popen(
        command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=errors
    )
    processes.append((process, errors))
    return process


def _feed(source: IO[bytes], sink: IO[bytes], hasher: "hashlib._Hash") -> None:
    # gpg that died is told by its exit code; here it is only a pipe that closed.
    with contextlib.suppress(BrokenPipeError), sink:
        while chunk := source.read(backup_store.CHUNK_BYTES):
            hasher.update(chunk)
            sink.write(chunk)


def _needed_bytes(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "select (select size_bytes from plumb.backups where tool = 'plumb' and status = 'finished'"
        " order by taken_at desc limit 1), pg_database_size(current_database())"
    ).fetchone()
    return int(row[0] * GROWTH) if row[0] else int(row[1])


def _setting(connection: psycopg.Connection, name: str) -> str:
    return connection.execute("select plumb.setting(%s)", [name]).fetchone()[0]


def _safe(database: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.") else "_" for c in database)
