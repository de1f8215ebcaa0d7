"""A PostgreSQL cluster of our own: one directory, one port, one owner who is never root.

Who may enter is decided by the file system: the socket stands in a directory that only the
cluster's owner (and root) can open, and an account that can open it could read the data files as
well. So the socket asks for no password, no password exists that could leak, and over TCP,
on loopback only, a role can log in once it has a password.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from .config import DATABASE_NAME, Config
from .errors import PlumbError
from .host import (
    is_port_taken,
    make_service_directory,
    run_as_service,
)
from .programs import server_programs
from .session import open_session

SUPERUSER = "postgres"
START_SECONDS_MAX = 60
# What a killed postmaster leaves behind ends by itself within moments; then we end it.
ORPHAN_SECONDS_MAX = 10
# The kernel's limit for the path of a socket (sun_path), less its terminating zero.
SOCKET_PATH_BYTES_MAX = 107
LOG_LINES_READ = 50
PRELOADED = ("pg_cron", "pg_stat_statements")

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    # Jobs run as background workers, so pg_cron needs no way in through pg_hba.conf.
    "cron.use_background_workers": "on",
    # All jobs may be due in one minute, and pg_cron leaves those that find no place for the next.
    "cron.max_running_jobs": "28",
    # Those jobs, eight parallel workers, and what PostgreSQL and pg_cron keep for themselves.
    "max_worker_processes": "40",
    "track_io_timing": "on",
    "log_lock_waits": "on",
    "logging_collector": "on",
    "log_destination": "jsonlog",
    # One file a weekday, overwritten a week later: the log cannot outgrow its week.
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}


class Cluster:
    """One cluster in one directory.

    Args:
        home: Holds data/, socket/ and log/.
        port: Its TCP port, which also names its socket.
        cron_database: The one database in which pg_cron lives.
        settings: More lines for postgresql.conf, over `SETTINGS`.
        major: The version to create it with; the newest that is installed when absent.
        superuser: The name of the role that initdb creates.
        preloaded: The libraries of the server, where they are installed.
    """

    def __init__(
        self,
        home: Path,
        port: int,
        cron_database: str = DATABASE_NAME,
        settings: Mapping[str, str] | None = None,
        *,
        major: int | None = None,
        superuser: str = SUPERUSER,
        preloaded: Sequence[str] = PRELOADED,
    ) -> None:
        """Name a cluster; nothing is created or started yet."""
        self.home = home
        self.port = port
        self.data = home / "data"
        self.socket_directory = home / "socket"
        self.log_directory = home / "log"
        self._cron_database = cron_database
        self._settings = dict(settings or {})
        self._major = major
        self._superuser = superuser
        self._preloaded = preloaded

    @property
    def exists(self) -> bool:
        """Whether the cluster was created; for root and its owner only."""
        return (self.data / "PG_VERSION").exists()

    @property
    def programs(self) -> Path:
        """The server programs of this cluster's own major version."""
        version = self.data / "PG_VERSION"
        return server_programs(int(version.read_text()) if version.exists() else self._major)

    def url(self, database: str, user: str | None = None) -> str:
        """Return the libpq URL of one of its databases.

        Args:
            database: The database's name.
            user: The role to log in as; the superuser when absent.
        """
        user = user or self._superuser
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{user}@/{database}?host={host}&port={self.port}"

    def create(self) -> None:
        """Create the data directory, whole or not at all.

        Raises:
            PlumbError: It cannot be created; the message says why, or is initdb's own.
        """
        socket_path = self.socket_directory / f".s.PGSQL.{self.port}.lock"
        if len(os.fsencode(socket_path)) > SOCKET_PATH_BYTES_MAX:
            raise PlumbError(
                f"{self.home} is too long a name: a socket's path ends at"
                f" {SOCKET_PATH_BYTES_MAX} bytes",
                "Set PLUMB_HOME to a shorter one.",
            )
        self._check_port()
        for directory in (self.socket_directory, self.log_directory, self.home / "new"):
            make_service_directory(directory)
        unfinished = self.home / "new" / "data"
        self._run("rm", "-rf", str(unfinished))
        self._run(
            str(self.programs / "initdb"),
            *("--pgdata", str(unfinished)),
            *("--username", self._superuser),
            *("--auth-local", "trust"),
            *("--auth-host", "scram-sha-256"),
            *("--encoding", "UTF8"),
            # Sorted by code point, its indexes survive every change of the C library.
            *("--locale", "C.UTF-8"),
            "--data-checksums",
            *(["--no-sync"] if self._settings.get("fsync") == "off" else []),
        )
        with_include = "\n# Plumbline's settings; your own lines below it win.\ninclude = '{}'\n"
        self._append(unfinished / "postgresql.conf", with_include.format("plumbline.conf"))
        # Only a finished cluster gets the name: an interrupted one is begun again.
        unfinished.rename(self.data)
        (self.home / "new").rmdir()

    def start(self) -> None:
        """Start it, also after a crash, and wait until it answers.

        Raises:
            PlumbError: The port is taken, or the server says why it does not start.
        """
        if self.is_running():
            return
        self._check_port()
        self._end_orphans()
        self._write_settings()
        started_at = time.time()
        startup_log = self.log_directory / "startup.log"
        self._run("rm", "-f", str(startup_log))
        try:
            self._run(
                str(self.programs / "pg_ctl"),
                *("--pgdata", str(self.data)),
                *("--log", str(startup_log)),
                *("--timeout", str(START_SECONDS_MAX)),
                *("--wait", "start"),
            )
        except PlumbError as error:
            raise PlumbError(
                f"the cluster in {self.data} does not start:"
                f" {_last_complaint(self.log_directory, started_at)}",
                f"More is said in {self.log_directory}.",
            ) from error

    def stop(self, mode: str = "fast") -> bool:
        """Stop it.

        Args:
            mode: `fast` disconnects sessions; `immediate` leaves recovery to the next start.

        Returns:
            Whether it ran.
        """
        if not self.is_running():
            return False
        self._run(
            str(self.programs / "pg_ctl"),
            *("--pgdata", str(self.data), "--mode", mode),
            *("--timeout", str(START_SECONDS_MAX), "--wait", "stop"),
        )
        return True

    def is_running(self) -> bool:
        """Return whether its postmaster lives: a left-over postmaster.pid does not count."""
        process_id = self.postmaster_id()
        return process_id is not None and self._works_here(process_id)

    def postmaster_id(self) -> int | None:
        """Return the process id that postmaster.pid names, dead or alive."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def ensure_database(self, name: str) -> bool:
        """Create a database unless it exists.

        Args:
            name: Its name.

        Returns:
            Whether it was created.
        """
        from psycopg import sql

        with open_session(self.url("postgres"), "plumb", autocommit=True) as connection:
            query = "select 1 from pg_database where datname = %s"
            if connection.execute(query, [name]).fetchone():
                return False
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return True

    def require_passwords(self) -> None:
        """Require a password of every role from now on; it runs, and its superuser has one."""
        lines = "local all all scram-sha-256\n"
        path = str(self.data / "pg_hba.conf")
        self._run("sh", "-c", 'printf %s "$2" >"$1"', "sh", path, lines)
        with open_session(self.url("postgres"), "plumb", autocommit=True) as connection:
            connection.execute("select pg_catalog.pg_reload_conf()")

    def remove(self) -> None:
        """End what runs of it, and remove its directory."""
        with contextlib.suppress(PlumbError):
            self.stop("immediate")
        # It may have been left while it was created: initdb does not work in its directory.
        while doomed := [*self.processes(), *self._creators()]:
            for process_id in doomed:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
            time.sleep(0.05)
        self._run("rm", "-rf", str(self.home))

    def _creators(self) -> list[int]:
        """Return the process ids of programs that were started to create or start it."""
        found = []
        place = os.fsencode(self.home) + b"/"
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
                is_ours = (entry / "comm").read_text().strip() in ("initdb", "postgres", "pg_ctl")
                if is_ours and any(argument.startswith(place) for argument in arguments):
                    found.append(int(entry.name))
        return found

    def processes(self) -> list[int]:
        """Return the process ids of its server, also of one whose postmaster is gone."""
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and self._works_here(int(entry.name))
        ]

    def _works_here(self, process_id: int) -> bool:
        # Every process of a server works in its data directory; a shell there is not one.
        process = Path(f"/proc/{process_id}")
        try:
            is_server = (process / "comm").read_text().strip() == "postgres"
            return is_server and (process / "cwd").samefile(self.data)
        except OSError:
            return False

    def _check_port(self) -> None:
        if is_port_taken(self.port):
            raise PlumbError(
                f"port {self.port} is taken by another program",
                "Set PLUMB_DB_PORT to a free one.",
            )

    def _end_orphans(self) -> None:
        """Clear what a killed postmaster left: its children, and a pid that another may have."""
        deadline = time.monotonic() + ORPHAN_SECONDS_MAX
        while orphans := self.processes():
            if time.monotonic() > deadline:
                raise PlumbError(
                    f"processes {orphans} of a killed server still use {self.data}",
                    "End them, then run this again.",
                )
            for process_id in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGQUIT)
            time.sleep(0.2)
        # A lock file counts while its process id lives, even as a zombie or as another program's.
        socket_path = self.socket_directory / f".s.PGSQL.{self.port}"
        self._run(
            *("rm", "-f", str(self.data / "postmaster.pid")),
            *(str(socket_path), f"{socket_path}.lock"),
        )

    def _write_settings(self) -> None:
        libraries = self._library_directory()
        more = self._settings.get("shared_preload_libraries", "").split(",")
        preloaded = [n for n in (*self._preloaded, *more) if n and (libraries / f"{n}.so").exists()]
        settings = {
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_directory),
            "log_directory": str(self.log_directory),
            "cron.database_name": self._cron_database,
            **SETTINGS,
            **self._settings,
            "shared_preload_libraries": ",".join(preloaded),
        }
        lines = ["# Written by `plumb up` at every start; change postgresql.conf instead."]
        lines += [f"{name} = '{_quoted(value)}'" for name, value in settings.items()]
        path = self.data / "plumbline.conf"
        self._run("rm", "-f", str(path))
        self._append(path, "\n".join(lines) + "\n")

    def _library_directory(self) -> Path:
        debian = self.programs.parent / "lib"
        if (debian / "plpgsql.so").exists():
            return debian
        asked = subprocess.run(
            [str(self.programs / "pg_config"), "--pkglibdir"],
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(asked.stdout.strip())

    def _append(self, path: Path, text: str) -> None:
        # Root never writes here itself: the directory's owner could redirect it by a link.
        self._run("sh", "-c", 'printf %s "$2" >>"$1"', "sh", str(path), text)

    def _run(self, *arguments: str) -> None:
        run_as_service(arguments)


def private_cluster(config: Config) -> Cluster:
    """Return the cluster that `up` starts when DATABASE_URL is not set.

    Args:
        config: The checked environment.
    """
    return Cluster(config.home, config.cluster_port)


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _last_complaint(log_directory: Path, since: float) -> str:
    """Return why a server gave up: before its collector ran in one file, after it in another."""
    # The JSON log comes last: beside it, the plain one only says that there is another.
    collected = sorted(log_directory.glob("postgresql-*.*"), key=lambda path: path.suffix)
    paths = [log_directory / "startup.log", *reversed(collected)]
    complaints: list[str] = []
    for path in paths:
        try:
            if path.stat().st_mtime < since:
                continue
            lines = path.read_text(errors="replace").splitlines()
        except OSError:
            continue
        for line in lines[-LOG_LINES_READ:]:
            if path.suffix == ".json" and '"FATAL"' in line:
                complaints.append(json.loads(line)["message"])
            elif match := re.search(r"(?:LOG|FATAL):\s+(.*)", line):
                complaints.append(match[1])
    # The cause stands before the server's farewell and its remark that there was a cause.
    while complaints and complaints[-1].endswith(("contains errors", "is shut down")):
        complaints.pop()
    return (complaints or ["it did not say why"])[-1]
