"""Restores a backup for real: roles, database, settings and jobs, on any server that has room.

A drill proves a copy as a role without rights; this makes the database again, as a superuser, with
the owners and privileges that it had. It writes to a database that is empty or not there yet.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ...core.errors import PlumbError
from ...core.migrate import migrate
from ...core.output import counted, say
from ...core.pipeline import Stage, run_pipeline
from ...core.programs import address, client_program, refuse_password
from ...core.progress import progress
from ...core.rows import fetch_value
from ...core.session import open_session
from ...core.statements import statement
from . import gpg as backup_gpg
from . import roles
from . import store as backup_store
from .archive import Archive, Entry
from .shadow import create_database, database_exists, drop_database

Report = Callable[[str], None]


def recover(directory: Path, name: str | None, target_url: str) -> None:
    """Make a database again from a backup, and print each step.

    Args:
        directory: Where backups are.
        name: Which; the newest when absent.
        target_url: The database to make, as a superuser of its server.

    Raises:
        PlumbError: It is not possible; the message says why.
    """
    refuse_password("--to", target_url)
    try:
        database = conninfo_to_dict(target_url).get("dbname")
    except psycopg.ProgrammingError as error:
        raise PlumbError(
            "--to is no address of a database", "For example postgresql://postgres@host/NAME"
        ) from error
    Recovery(backup_store.find(directory, name), target_url, say).run()
    say(f"database {database} is restored; DATABASE_URL=URL ./plumb up guards it")


@dataclass
class Recovery:
    """One restore of a backup.

    Args:
        backup: Which.
        target_url: The database to make, as a superuser of its server.
        report: Receives one line for each step.
    """

    backup: backup_store.Backup
    target_url: str
    report: Report

    def run(self) -> None:
        """Make the database again.

        Raises:
            PlumbError: The backup is damaged, or the target cannot take it; a database that this
                has made is dropped again, one that was there stays empty.
        """
        self._manifest = self.backup.manifest()
        entries = self._read()
        described = self._roles()
        is_new = self._prepare()
        try:
            with self._server() as server:
                made = roles.create(server, described) if described else []
            self.report(f"roles made: {', '.join(made) or 'none'}")
            self._load(entries)
            if described:
                with open_session(self.target_url, "plumb restore", autocommit=True) as session:
                    roles.apply_settings(session, described, made)
            self.report("settings of the database and of its roles set")
        except BaseException:
            if is_new:
                self._drop()
            raise
        migrate(self.target_url, report=self.report)

    @property
    def _database(self) -> str:
        return str(conninfo_to_dict(self.target_url).get("dbname") or "")

    def _server(self) -> psycopg.Connection:
        url = make_conninfo(self.target_url, dbname="postgres")
        try:
            return open_session(url, "plumb restore", autocommit=True)
        except psycopg.Error as error:
            raise PlumbError(
                f"the server of --to cannot be used: {str(error).strip()}",
                "Name a running server and a superuser of it.",
            ) from error

    def _stages(self, name: str) -> list[Stage]:
        path = self.backup.path / name
        if not path.is_file():
            raise PlumbError(f"{path} is not there", "./plumb backup list")
        if self._manifest["encryptedTo"]:
            return [Stage(backup_gpg.decrypt_command(str(path)), backup_gpg.environment())]
        return [Stage(["cat", "--", str(path)])]

    def _read(self) -> dict[int, Entry]:
        """Read the whole dump once: nothing is touched before all of it is known to be there."""
        hasher = hashlib.sha256()
        archive = Archive(counts_rows=False)

        read_bytes = 0

        def take(chunk: bytes) -> None:
            nonlocal read_bytes
            hasher.update(chunk)
            archive.feed(chunk)
            read_bytes += len(chunk)
            advance(read_bytes)

        try:
            size = self._manifest["sizeBytes"]
            with progress("reading the backup", size, is_counted=False) as advance:
                run_pipeline(self._stages(self._manifest["file"]), take)
        except ValueError as error:
            raise PlumbError(f"backup {self.backup.name} is damaged: {error}") from error
        if hasher.hexdigest() != self._manifest["dumpSha256"] or not archive.has_contents:
            raise PlumbError(
                f"backup {self.backup.name} is damaged: its bytes are not those of its manifest",
                "./plumb backup list shows others.",
            )
        self.report(f"backup {self.backup.name} of {self._manifest['takenAt']} is whole")
        return archive.entries

    def _roles(self) -> dict[str, Any] | None:
        name = self._manifest.get("rolesFile")
        if not name:
            self.report("this backup holds no roles: make them before, or rows without owner fail")
            return None
        content = bytearray()
        run_pipeline(self._stages(name), content.extend)
        if hashlib.sha256(content).hexdigest() != self._manifest["rolesSha256"]:
            raise PlumbError(f"{name} of backup {self.backup.name} is damaged")
        described: dict[str, Any] = json.loads(content)
        return described

    def _prepare(self) -> bool:
        """Make the database, or refuse one that holds anything. Returns whether it was made."""
        if self._database in ("", "postgres", "template0", "template1"):
            raise PlumbError(
                f"--to names database '{self._database}', which is the server's own",
                "Name one for the data: postgresql://user@host/NAME",
            )
        with self._server() as server:
            if server.info.parameter_status("is_superuser") != "on":
                raise PlumbError(f"{server.info.user} is not a superuser of the server of --to")
            if server.info.server_version // 10000 < self._manifest["serverVersion"] // 10000:
                raise PlumbError(
                    f"the backup is of PostgreSQL {self._manifest['serverVersion'] // 10000}, the"
                    f" server of --to is {server.info.server_version // 10000}",
                    "Restore onto the same major version or a newer one.",
                )
            if not database_exists(server, self._database):
                create_database(server, self._database, self._manifest.get("locale", {}))
                name = sql.Identifier(self._database)
                server.execute(
                    sql.SQL("grant connect, temporary on database {} to public").format(name)
                )
                self.report(f"database {self._database} made")
                return True
        with open_session(self.target_url, "plumb restore", autocommit=True) as session:
            count = fetch_value(session, statement(__package__, "count_tables"))
        if count:
            raise PlumbError(
                f"database {self._database} holds {counted(count, 'table')};"
                " a restore never overwrites",
                "Name a database that is empty or not there.",
            )
        return False

    def _load(self, entries: dict[int, Entry]) -> None:
        with open_session(self.target_url, "plumb restore", autocommit=True) as session:
            major = session.info.server_version // 10000
            has_cron = fetch_value(
                session, "select current_setting('cron.database_name', true) = current_database()"
            )
            role = fetch_value(session, "select current_user")
        # pg_cron can be created in one database of a server; migrate schedules the jobs anew.
        left_out = {
            entry.dump_id
            for entry in entries.values()
            if "pg_cron" in entry.tag or entry.schema == "cron" or entry.tag == "cron"
        }
        if not has_cron:
            self.report("pg_cron does not live in this database: its jobs are not restored")
        target, environment = address(self.target_url)
        with tempfile.NamedTemporaryFile("w", prefix="plumb-restore-") as listing:
            listing.write("".join(f"{number};\n" for number in entries if number not in left_out))
            listing.flush()
            command = [
                client_program("pg_restore", major),
                *("--exit-on-error", "--no-password", "--no-tablespaces", f"--role={role}"),
                *(f"--use-list={listing.name}", f"--dbname={target}"),
            ]
            stages = self._stages(self._manifest["file"])
            size, read_bytes = self._manifest["sizeBytes"], 0

            def count(chunk: bytes) -> None:
                nonlocal read_bytes
                read_bytes += len(chunk)
                # What comes last takes nothing more of the archive.
                is_read = read_bytes >= size
                advance(read_bytes, "indexes and constraints" if is_read else "objects and rows")

            stages[-1].tap = count
            with progress("restoring", size, is_counted=False) as advance:
                run_pipeline([*stages, Stage(command, environment, reads_all=False)])
        self.report(f"{len(entries) - len(left_out)} objects and their rows restored")

    def _drop(self) -> None:
        with self._server() as server:
            drop_database(server, self._database)
