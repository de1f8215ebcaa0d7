"""Makes a backup: pg_dump and a session that counts share one snapshot; the rest is a stream.

The dump goes from pg_dump through gpg into a file whose bytes are hashed on the way, so that
nothing is written twice and nothing is ever there in the clear.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ...core.errors import PlumbError
from ...core.pipeline import Stage, run_pipeline
from ...core.programs import address, client_program
from ...core.progress import Advance, progress
from ...core.rows import fetch_row, fetch_value
from ...core.session import open_session
from ...core.statements import statement
from . import gpg as backup_gpg
from . import roles
from . import store as backup_store
from .archive import Archive

# A dump of a database never dumped before is seldom larger than the database.
GROWTH = 1.5
# A session that locks a table for longer stops the backup, which then says so.
LOCK_MS_MAX = 600_000


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
    with open_session(url, "plumb backup", autocommit=True) as connection:
        if not fetch_value(connection, "select plumb.claim_backup()"):
            holder = fetch_value(connection, "select plumb.describe_holder('backup')")
            raise PlumbError(f"a backup or a drill runs already: {holder}", "./plumb backup list")
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
            record(connection, backup, backup.manifest())
        except BaseException as error:
            shutil.rmtree(backup_store.partial_path(directory, name), ignore_errors=True)
            reason = str(error).strip() or type(error).__name__
            _record_failure(connection, url, name, reason)
            if isinstance(error, OSError | ValueError | psycopg.Error):
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
    with open_session(url, "plumb backup snapshot") as snapshot_session:
        snapshot_session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot_session.read_only = True
        snapshot, taken_at = fetch_row(snapshot_session, "select pg_export_snapshot(), now()")
        options = (f"--compress={_setting(connection, 'backup_compress_level')}", *dump_options)
        described: dict[str, Any] = {}
        roles_file = _write_roles(snapshot_session, partial, fingerprint)
        archive = Archive()
        stages = [_dump_stage(snapshot_session, url, snapshot, options)]
        if key_id:
            stages.append(Stage(backup_gpg.encrypt_command(fingerprint)))
        # What the last one took is the best guess; before that there is none.
        newest, _database = fetch_row(connection, statement(__package__, "needed_bytes"))
        with progress("dumping the database", newest, is_counted=False) as advance:
            dumped = _write(
                stages,
                partial / file_name,
                archive,
                (lambda: described.update(_describe(snapshot_session)), snapshot_session.cancel),
                advance,
            )
    # Not null: pg_dump wrote the table's rows, be they none.
    counts = {table: archive.rows.get(int(oid)) for oid, table in described.pop("tables").items()}
    manifest = {
        **_dumped_manifest(connection, dumped),
        "name": name,
        "file": file_name,
        "takenAt": taken_at.astimezone(UTC).isoformat(),
        "encryptedTo": fingerprint,
        "keyIds": key_ids,
        **roles_file,
        "rowCounts": counts,
        **described,
    }
    return backup_store.publish(directory, name, manifest)


def _dump_stage(
    session: psycopg.Connection, url: str, snapshot: str, options: Sequence[str]
) -> Stage:
    """Return pg_dump as a stage that writes a database as a snapshot shows it."""
    target, environment = address(url)
    # Whatever role the database gives its sessions.
    role = fetch_value(session, "select current_user")
    command = [
        client_program("pg_dump", session.info.server_version // 10000),
        "--format=custom",
        "--encoding=UTF8",
        f"--snapshot={snapshot}",
        f"--lock-wait-timeout={LOCK_MS_MAX}",
        "--no-password",
        f"--role={role}",
        *options,
        f"--dbname={target}",
    ]
    return Stage(command, environment)


def _dumped_manifest(connection: psycopg.Connection, dumped: Dumped) -> dict[str, Any]:
    """Return what a manifest says of the file and of the server that it was made on."""
    return {
        "format": backup_store.FORMAT,
        "sha256": dumped.sha256,
        "sizeBytes": dumped.size_bytes,
        "dumpSha256": dumped.dump_sha256,
        "finishedAt": datetime.now(UTC).isoformat(),
        "database": connection.info.dbname,
        "serverVersion": connection.info.server_version,
        "systemIdentifier": fetch_value(
            connection, "select system_identifier::text from pg_control_system()"
        ),
    }


def record(
    connection: psycopg.Connection, backup: backup_store.Backup, manifest: dict[str, Any]
) -> None:
    """Record a backup that is whole.

    Args:
        connection: A session in the database that it is a backup of.
        backup: Where it is.
        manifest: What it must contain; only takenAt where its own cannot be read.
    """
    connection.execute(
        "select plumb.record_backup(%s, %s, %s, %s, 'plumb', %s, %s, %s)",
        [
            backup.name,
            manifest["takenAt"],
            manifest.get("sizeBytes"),
            manifest.get("sha256"),
            str(backup.path),
            bool(manifest.get("encryptedTo")),
            Jsonb(manifest),
        ],
    )


def _record_failure(connection: psycopg.Connection, url: str, name: str, reason: str) -> None:
    query = "select plumb.fail_backup(%s, %s)"
    # Where the database itself is gone, the first error is the one to report.
    with contextlib.suppress(psycopg.Error):
        try:
            connection.execute(query, [name, reason])
        except psycopg.OperationalError:
            # It may only have lost its sessions, as after a crash of one of them.
            with open_session(url, "plumb", autocommit=True, connect_timeout=10) as another:
                another.execute(query, [name, reason])


def _describe(session: psycopg.Connection) -> dict[str, Any]:
    described: dict[str, Any] = fetch_value(session, "select plumb.describe_snapshot()")
    roles = session.execute(
        "select rolname from pg_catalog.pg_roles where rolname !~ '^pg_' order by 1"
    )
    return described | {
        "roles": [role for (role,) in roles],
        "locale": _locale(session),
    }


def _locale(session: psycopg.Connection) -> dict[str, str]:
    """Return the options of `create database` for one like this; their columns vary by version."""
    database = fetch_value(session, statement(__package__, "current_locale"))
    locale = {"encoding": database["encoding"], "lc_collate": database["datcollate"]}
    locale["lc_ctype"] = database["datctype"]
    if database["datlocprovider"] == "i":
        locale["locale_provider"] = "icu"
        locale["icu_locale"] = database.get("daticulocale") or database.get("datlocale")
    return locale


def _write_roles(session: psycopg.Connection, partial: Path, fingerprint: str) -> dict[str, str]:
    """Write the server's roles beside the dump, encrypted like it; return their manifest."""
    content = json.dumps(roles.describe(session), indent=1, sort_keys=True).encode()
    name = "roles.json.gpg" if fingerprint else "roles.json"
    path = partial / name
    path.touch(0o600)
    if fingerprint:
        encrypted = subprocess.run(
            backup_gpg.encrypt_command(fingerprint), input=content, capture_output=True, check=False
        )
        if encrypted.returncode:
            raise ValueError(f"gpg failed: {encrypted.stderr.decode(errors='replace').strip()}")
        path.write_bytes(encrypted.stdout)
    else:
        path.write_bytes(content)
    return {"rolesFile": name, "rolesSha256": hashlib.sha256(content).hexdigest()}


def _write(
    stages: list[Stage],
    path: Path,
    archive: Archive,
    describe: tuple[Callable[[], object], Callable[[], object]],
    advance: Advance,
) -> Dumped:
    """Run pg_dump, through gpg if asked, into a file; hash what goes in and what comes out."""
    dump_hash, file_hash = hashlib.sha256(), hashlib.sha256()
    size = 0

    def take(chunk: bytes) -> None:
        dump_hash.update(chunk)
        archive.feed(chunk)

    stages[0].tap = take
    with path.open("xb") as file:
        path.chmod(0o600)

        def store(chunk: bytes) -> None:
            nonlocal size
            file_hash.update(chunk)
            size += len(chunk)
            advance(size)
            file.write(chunk)

        run_pipeline(stages, store, [describe])
        archive.close()
        file.flush()
        os.fsync(file.fileno())
    return Dumped(file_hash.hexdigest(), size, dump_hash.hexdigest())


def _needed_bytes(connection: psycopg.Connection) -> int:
    newest, database = fetch_row(connection, statement(__package__, "needed_bytes"))
    return int(newest * GROWTH) if newest else int(database)


def _setting(connection: psycopg.Connection, name: str) -> str:
    return str(fetch_value(connection, "select plumb.setting(%s)", [name]))


def _safe(database: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.") else "_" for c in database)
