"""Makes backups, proves them by restoring them, lists them, and removes those too old."""

import argparse
import json
import os
import shutil
import signal
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ...core.cluster import private_cluster
from ...core.config import DATABASE_NAME, Config
from ...core.errors import PlumbError
from ...core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ...core.explain import first_line
from ...core.host import make_service_directory, service_account, service_process_options
from ...core.output import say
from ...core.progress import progress
from ...core.rows import fetch_value
from ...core.session import open_session
from ...core.statements import statement
from ...core.target import database_url
from ...core.told import tell
from . import drill as backup_drill
from . import gpg as backup_gpg
from . import shadow as backup_shadow
from . import store as backup_store
from . import throwaway
from .dump import backup_lock, make_backup, record
from .recover import recover
from .shadow import NamedShadow
from .throwaway import ThrowawayShadow

EXIT_CODES = {"valid": TRUE, "invalid": FALSE, "unknown": COULD_NOT_JUDGE}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    run_parser = actions.add_parser("run", help="make a backup in BACKUP_DIR")
    run_parser.add_argument(
        "--validate", action="store_true", help="prove it afterwards, and remove what is too old"
    )
    validate = actions.add_parser("validate", help="prove a backup by restoring it")
    validate.add_argument("name", nargs="?", help="which; the newest when absent")
    validate.add_argument("--keep", action="store_true", help="leave the restored copy to look at")
    validate.add_argument("--json", action="store_true", help="print the tiers as JSON")
    restore = actions.add_parser(
        "restore", help="make the database again from a backup, on this or another server"
    )
    restore.add_argument("name", nargs="?", help="which; the newest when absent")
    restore.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="the database to make, as a superuser: it is empty or not there yet",
    )
    listing = actions.add_parser("list", help="show every backup and what it is worth")
    listing.add_argument("--json", action="store_true", help="print them as JSON")
    prune = actions.add_parser("prune", help="remove backups that retention no longer asks for")
    prune.add_argument("--dry-run", action="store_true", help="only say which")
    actions.add_parser("shadow", help="make the database of SHADOW_DB_URL, or mark an empty one")
    schedule = actions.add_parser(
        "schedule", help="let the database's daily job start backups, on its own machine"
    )
    schedule.add_argument("--off", action="store_true", help="let a timer outside do it")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions.

    Returns:
        0 done (validate: valid), 1 failed (invalid), 2 could not be judged.

    Raises:
        PlumbError: What was asked cannot be done.
    """
    # A run that is ended in the ordinary way removes its files as one that fails does.
    signal.signal(signal.SIGTERM, _interrupt)
    config = with_defaults(Config.from_environment())
    actions = {
        "run": _run,
        "validate": _validate,
        "restore": _restore,
        "list": _list,
        "prune": _prune,
        "shadow": _shadow,
        "schedule": _schedule,
    }
    try:
        return actions[arguments.action](arguments, config)
    except psycopg.Error as error:
        raise PlumbError(first_line(error), error.diag.message_hint or "") from error


def with_defaults(config: Config) -> Config:
    """Return the environment with the private cluster's own directory filled in.

    Args:
        config: The checked environment; it is returned as it is where DATABASE_URL is set.
    """
    if config.values["DATABASE_URL"]:
        return config
    values = dict(config.values)
    values["BACKUP_DIR"] = values["BACKUP_DIR"] or str(config.home / "backups")
    return replace(config, values=values)


def check_key(config: Config, process_options: dict[str, Any] | None = None) -> None:
    """Refuse a GPG_KEY_ID with which no backup could be made.

    Args:
        config: The checked environment.
        process_options: How to start gpg as the account that will make them; the caller's when
            absent.

    Raises:
        PlumbError: The key is unknown to that account, or unusable.
    """
    if config.values["GPG_KEY_ID"]:
        backup_gpg.resolve_key(config.values["GPG_KEY_ID"], process_options)


def install_agent(config: Config, url: str) -> None:
    """Let the database's daily job start backups: the row that says what it starts.

    Args:
        config: The checked environment.
        url: The database's URL for the account that runs the server.

    Raises:
        PlumbError: GPG_KEY_ID cannot be used.
        psycopg.Error: The caller is no superuser.
    """
    config = with_defaults(config)
    check_key(config, service_process_options())
    passed_on = ("BACKUP_DIR", "SHADOW_DB_URL", "GPG_KEY_ID", "AUDIT_ANCHOR_DIR")
    environment = {name: config.values[name] for name in passed_on if config.values[name]}
    environment |= {name: os.environ[name] for name in ("GNUPGHOME", "LANG") if name in os.environ}
    environment["DATABASE_URL"] = url
    environment["HOME"] = service_account().pw_dir
    environment["PLUMB_HOME"] = str(config.home)
    if not config.values["SHADOW_DB_URL"]:
        make_service_directory(config.home / throwaway.DIRECTORY)
    if (config.home / "log").is_dir():
        environment["PLUMB_BACKUP_LOG"] = str(config.home / "log" / "backup.log")
    with open_session(url, "plumb backup", autocommit=True) as connection:
        connection.execute(
            statement(__package__, "install_agent"),
            [
                [sys.executable, "-m", "plumbline.cli", "backup", "run", "--validate"],
                Jsonb(environment),
            ],
        )


def prepare_private(config: Config, url: str) -> None:
    """Give the private cluster a directory for backups and an agent, so that they just happen.

    Args:
        config: The checked environment.
        url: The private cluster's database.
    """
    check_key(config, service_process_options())
    defaults = with_defaults(config)
    if not config.values["BACKUP_DIR"]:
        make_service_directory(Path(defaults.values["BACKUP_DIR"]))
    if not config.values["SHADOW_DB_URL"]:
        # Drills took place beside the live database once.
        backup_shadow.remove(private_cluster(config).url(f"{DATABASE_NAME}_shadow"))
        throwaway.remove_leftovers(config.home)
    install_agent(config, url)


def validate(
    config: Config, name: str | None, keep: bool = False
) -> tuple[str, list[dict[str, Any]]]:
    """Prove a backup and record what was found.

    Args:
        config: The checked environment.
        name: Which; the newest of BACKUP_DIR when absent.
        keep: Leave the restored copy in the shadow.

    Returns:
        valid, invalid or unknown; and the tiers.

    Raises:
        PlumbError: There is no such backup, or another run holds the lock.
    """
    backup = backup_store.find(_directory(config), name)
    anchor_place = config.values["AUDIT_ANCHOR_DIR"]
    anchors = []
    if anchor_place and any(Path(anchor_place).glob("*.jsonl")):
        from ..audit.anchors import read_anchors

        anchors = read_anchors(anchor_place)
    started_at, url, kept = datetime.now(UTC), database_url(), ""

    def make_shadow(major: int) -> NamedShadow | ThrowawayShadow:
        shadow_url = config.values["SHADOW_DB_URL"]
        return NamedShadow(shadow_url, url) if shadow_url else ThrowawayShadow(config.home, major)

    with backup_lock(url) as live, progress("proving the backup", backup_drill.TIERS) as advance:
        drill = backup_drill.Drill(backup, make_shadow, live, anchors, advance)
        try:
            tiers = [asdict(tier) for tier in drill.run()]
            if keep and drill.copy and drill.shadow:
                kept = drill.shadow.keep(drill.copy.url)
        finally:
            # What was restored is as private as the original, whole or not.
            if drill.shadow and not kept:
                drill.shadow.discard()
        _ensure_known(live, drill)
        status = fetch_value(
            live,
            "select plumb.record_validation(%s, %s, %s, %s, %s)",
            [
                backup.name,
                Jsonb(tiers),
                started_at,
                drill.restore_seconds,
                backup_drill.hostname(),
            ],
        )
    if kept:
        print(kept, file=sys.stderr)
    return status, tiers


def _ensure_known(live: psycopg.Connection, drill: backup_drill.Drill) -> None:
    """Enter a backup that the database does not know, as after a restore of an older one."""
    known = live.execute(
        "select 1 from plumb.backups where backup_name = %s", [drill.backup.name]
    ).fetchone()
    if known:
        return
    manifest = drill.manifest
    if not manifest:
        manifest = {"takenAt": datetime.fromtimestamp(0, UTC).isoformat()}
    record(live, drill.backup, manifest)


def _run(arguments: argparse.Namespace, config: Config) -> int:
    backup = make_backup(database_url(), _directory(config), config.values["GPG_KEY_ID"])
    size = backup.manifest()["sizeBytes"]
    say(f"{backup.name}: {size} bytes in {backup.path}")
    tell(backup=backup.name, sizeBytes=size)
    if not arguments.validate:
        return 0
    status, tiers = validate(config, backup.name)
    tell(status=status, tiers=tiers)
    say("\n".join(_describe(backup.name, status, tiers)))
    for line in prune(config):
        say(line)
    return EXIT_CODES[status]


def _validate(arguments: argparse.Namespace, config: Config) -> int:
    name = arguments.name or backup_store.find(_directory(config)).name
    status, tiers = validate(config, name, arguments.keep)
    if arguments.json:
        print(json.dumps({"backup": name, "status": status, "tiers": tiers}, indent=2))
    else:
        print("\n".join(_describe(name, status, tiers)))
    return EXIT_CODES[status]


def _describe(name: str, status: str, tiers: list[dict[str, Any]]) -> list[str]:
    lines = [f"{'TIER':<12}{'STATUS':<10}{'SECONDS':>8}  EVIDENCE"]
    lines += [
        f"{tier['tier']:<12}{tier['status']:<10}{tier['seconds']:>8.2f}  {tier['evidence']}"
        for tier in tiers
    ]
    return [*lines, f"Backup {name} is {status}."]


def _restore(arguments: argparse.Namespace, config: Config) -> int:
    recover(_directory(config), arguments.name, arguments.to)
    return TRUE


def _list(arguments: argparse.Namespace, _config: Config) -> int:
    with open_session(database_url(), "plumb backup", row_factory=dict_row) as connection:
        rows = connection.execute(
            "select * from plumb.backup_status where pruned_at is null"
        ).fetchall()
    if arguments.json:
        print(json.dumps(rows, indent=2, default=str))
        return 0
    if not rows:
        print("No backup yet: ./plumb backup run")
    for row in rows:
        size = "" if row["size_bytes"] is None else f"{row['size_bytes'] / 1e6:.1f} MB"
        change = row["size_change_percent"]
        trend = "" if change is None else f"{change:+}%"
        restore = (
            "" if row["restore_seconds"] is None else f"restores in {row['restore_seconds']} s"
        )
        verdict = row["validation"] if row["status"] == "finished" else row["status"]
        age = "" if row["age_hours"] is None else f"{row['age_hours']} h old"
        print(
            f"{row['backup_name']:<44}{row['tool']:<12}{verdict:<9}{age:<13}{size:>10}"
            f" {trend:<8}{restore}"
        )
        print(f"    {row['reason']}")
    return 0


def _prune(arguments: argparse.Namespace, config: Config) -> int:
    print("\n".join(prune(config, arguments.dry_run)) or "Nothing is old enough to go.")
    return 0


def prune(config: Config, is_dry: bool = False) -> list[str]:
    """Remove the backups that retention no longer asks for.

    Args:
        config: The checked environment.
        is_dry: Only say which.

    Returns:
        One line for each.
    """
    directory = _directory(config)
    lines = []
    with backup_lock(database_url()) as connection:
        for name, _ in connection.execute("select * from plumb.expired_backups()").fetchall():
            path = directory / name
            if is_dry:
                lines.append(f"would remove {path}")
                continue
            # One that lies in another directory is another machine's to remove.
            if path.is_dir() and backup_store.NAME.fullmatch(name):
                doomed = backup_store.partial_path(directory, name)
                path.rename(doomed)
                shutil.rmtree(doomed)
                connection.execute("select plumb.record_pruned_backup(%s)", [name])
                lines.append(f"removed {path}")
    return lines


def _shadow(_arguments: argparse.Namespace, config: Config) -> int:
    if not config.values["SHADOW_DB_URL"]:
        raise PlumbError("SHADOW_DB_URL is not set", "Name the database that drills may replace.")
    print(backup_shadow.prepare(config.values["SHADOW_DB_URL"], database_url()))
    return 0


def _schedule(arguments: argparse.Namespace, config: Config) -> int:
    url = database_url()
    if arguments.off:
        with open_session(url, "plumb backup") as connection:
            connection.execute("delete from plumb.backup_agent")
        print("The daily job starts nothing any more; let a timer call backup run --validate.")
        return 0
    _directory(config)
    with open_session(url, "plumb backup") as connection:
        is_here = fetch_value(
            connection,
            "select inet_server_addr() is null or host(inet_server_addr()) in ('127.0.0.1', '::1')",
        )
    if not is_here:
        raise PlumbError(
            "the database's server is another machine, which has no plumb to start",
            "Run this there, or let a timer here call ./plumb backup run --validate daily.",
        )
    install_agent(config, url)
    account = service_account().pw_name
    print(f"The daily job starts backups as the server's account (such as {account}).")
    return 0


def _directory(config: Config) -> Path:
    if not config.values["BACKUP_DIR"]:
        raise PlumbError("BACKUP_DIR is not set", "Name a directory, best on another disk.")
    return Path(os.path.abspath(config.values["BACKUP_DIR"]))  # noqa: PTH100


def _interrupt(_signal_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
