"""A shop, a directory for its backups, a shadow to restore them into, and a keyring of its own."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from plumbline.cli import backup
from plumbline.cli.backup import shadow as backup_shadow
from plumbline.cli.backup import store as backup_store
from plumbline.cli.backup import throwaway
from plumbline.cli.backup.dump import make_backup
from plumbline.core.config import Config
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Backups:
    """Makes and tries backups as the command does."""

    def __init__(
        self, db: psycopg.Connection, directory: Path, home: Path, url: str, shadow_url: str
    ) -> None:
        """Name everything; nothing is made yet."""
        self.db = db
        self.directory = directory
        self.home = home
        self.url = url
        self.shadow_url = shadow_url
        self.key_id = ""

    @property
    def config(self) -> Config:
        """The environment that the command would find."""
        return Config.from_environment(
            {
                "BACKUP_DIR": str(self.directory),
                "SHADOW_DB_URL": self.shadow_url,
                "GPG_KEY_ID": self.key_id,
                "PLUMB_HOME": str(self.home),
            }
        )

    def make(self, *dump_options: str) -> backup_store.Backup:
        return make_backup(self.url, self.directory, self.key_id, dump_options)

    def validate(self, made: backup_store.Backup | None = None) -> tuple[str, dict[str, str]]:
        status, tiers = backup.validate(self.config, made.name if made else None, keep=True)
        # Shown when a test fails.
        print(*tiers, sep="\n")
        return status, {tier["tier"]: tier["status"] for tier in tiers}

    def open_incidents(self) -> list[tuple]:
        return self.db.execute(
            "select scope from plumb.incidents"
            " where source = 'backup' and status <> 'RESOLVED' order by 1"
        ).fetchall()


@pytest.fixture
def backups(
    shop: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Backups]:
    # psycopg's own libpq may be newer than pg_dump's, and say what that has never heard of.
    known = ("host", "port", "user", "password", "dbname")
    parts = {
        name: value for name, value in conninfo_to_dict(shop.info.dsn).items() if name in known
    }
    url = make_conninfo(**parts)
    shadow_name = f"{parts['dbname']}_shadow"
    shadow_url = make_conninfo(**(parts | {"dbname": shadow_name}))
    monkeypatch.setenv("DATABASE_URL", url)
    # The server's account has to reach it, and the path of a socket in it has to be short.
    with tempfile.TemporaryDirectory(prefix="plumb-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        yield Backups(shop, tmp_path / "backups", Path(home), url, shadow_url)
        throwaway.remove_leftovers(Path(home))
    for name in (shadow_name, shadow_name + backup_shadow.FRESH_SUFFIX):
        shop.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )
    role = backup_shadow.NamedShadow(shadow_url, None).role
    shop.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))


@pytest.fixture
def shadow(backups: Backups) -> str:
    """Return the URL of a database that is marked as a shadow."""
    backup_shadow.prepare(backups.shadow_url, backups.url)
    return backups.shadow_url


@pytest.fixture
def make_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[callable]:
    """Yield a function that makes a key pair in a keyring that only this test reads."""
    # The path of gpg-agent's socket has to be short.
    with tempfile.TemporaryDirectory(prefix="gpg-") as home:
        monkeypatch.setenv("GNUPGHOME", home)

        def make(address: str) -> str:
            options = ("--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "")
            subprocess.run(
                ["gpg", *options, "--quick-generate-key", address, "default", "default", "never"],
                check=True,
                capture_output=True,
            )
            return address

        yield make
        subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)
