"""The drill: restores a backup and checks the copy, tier by tier.

Each tier leaves a status, its seconds and a sentence of evidence. The first that cannot be
passed ends the drill, except that the tiers that read the restored copy are independent of each
other: what is wrong with a backup should be reported at once.

What was dumped is other people's code as much as data: it is loaded and read by a role that can do
nothing outside its copy, and only for so long.
"""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from ...core.errors import PlumbError
from ...core.pipeline import OutOfTimeError, PipelineError, Stage, run_pipeline
from ...core.programs import client_program, last_words
from ...core.progress import Advance, say_nothing
from ...core.statements import statement
from . import gpg as backup_gpg
from . import store as backup_store
from . import tiers as asked
from .archive import Archive, Entry
from .copy import Copy, furnish
from .restore import Restore
from .shadow import NoShadow, connect

# Code in the copy could take for ever; no restore that is worth having takes longer.
SECONDS_MAX = 12 * 3600
# checksum, decrypted, restored, and five that ask the copy.
TIERS = 8


@dataclass
class Tier:
    """What one tier found.

    Args:
        tier: Its name.
        status: passed, failed, unknown (could not be judged) or skipped (does not apply).
        seconds: How long it took.
        evidence: What was seen.
    """

    tier: str
    status: str
    seconds: float
    evidence: str


class Shadow(Protocol):
    """Where a drill may restore something."""

    @property
    def url(self) -> str:
        """An empty database once it is renewed, as a role that may create roles there."""

    @property
    def role(self) -> str:
        """The role without rights."""

    def renew(self, locale: dict[str, str]) -> None:
        """Make it empty."""

    def end_sessions(self) -> None:
        """End what the drill does in it."""

    def keep(self, copy_url: str, /) -> str:
        """Leave the copy to look at; say where it is."""

    def discard(self) -> None:
        """Remove what was restored."""


class Drill:
    """One drill over one backup.

    Args:
        backup: What is tried.
        make_shadow: Returns where it is restored, for a major version of the server.
        live: A session on the live database, where it can be reached.
        anchors: Anchors kept outside, as plumb.describe_anchor() makes them.
        advance: Receives how many tiers are done, and which is next.
        seconds_max: How long it may take.
    """

    def __init__(
        self,
        backup: backup_store.Backup,
        make_shadow: Callable[[int], Shadow],
        live: psycopg.Connection | None = None,
        anchors: Sequence[Mapping[str, Any]] = (),
        advance: Advance = say_nothing,
        seconds_max: float = SECONDS_MAX,
    ) -> None:
        """Prepare it; nothing is read yet."""
        self.backup = backup
        self.tiers: list[Tier] = []
        self.restore_seconds: float | None = None
        self.manifest: dict[str, Any] = {}
        self.shadow: Shadow | None = None
        self.copy: Copy | None = None
        self._make_shadow = make_shadow
        self._live = live
        self._anchors = anchors
        self._seconds_max = seconds_max
        self._advance = advance
        self._deadline = time.monotonic() + seconds_max
        self._entries: dict[int, Entry] = {}
        self._lacks_key = False

    @property
    def file(self) -> Path:
        """The dump's file."""
        return self.backup.path / Path(self.manifest["file"]).name

    @property
    def _major(self) -> int:
        return int(self.manifest["serverVersion"]) // 10000

    def run(self) -> list[Tier]:
        """Go as far as the backup carries."""
        if not self._try("checksum", self._checksum):
            return self.tiers
        if not self._try("decrypted", self._decrypted):
            if self.tiers[-1].status == "unknown" and not self._lacks_key:
                # A key that is elsewhere is expected; a drill that was disturbed is not.
                self.tiers.append(Tier("restored", "unknown", 0, "it was not tried"))
            return self.tiers
        watch = threading.Timer(self._seconds_left(), self._end_sessions)
        watch.daemon = True
        watch.start()
        try:
            if self._try("restored", self._restored):
                self._ask()
        finally:
            watch.cancel()
        return self.tiers

    def _ask(self) -> None:
        violations: dict[str, int] = {}
        manifest = self.manifest
        tiers: tuple[tuple[str, Callable[[psycopg.Connection], asked.Verdict]], ...] = (
            ("amcheck", asked.check_heap_and_indexes),
            ("row_counts", lambda copy: asked.compare_row_counts(copy, manifest)),
            ("invariants", lambda copy: asked.check_invariants(copy, manifest, violations)),
            (
                "audit",
                lambda copy: asked.verify_audit(copy, manifest, self._live, self._anchors),
            ),
            ("drift", lambda _copy: asked.compare_violations(manifest, violations)),
        )
        for name, tier in tiers:
            self._try(name, partial(self._in_copy, tier))

    def _in_copy(self, tier: Callable[[psycopg.Connection], asked.Verdict]) -> asked.Verdict:
        if self.copy is None:
            raise NoShadow("nothing was restored")
        # A session for each: code in the copy may have changed what a session is set to.
        with connect(self.copy.url) as copy:
            copy.execute("set default_transaction_read_only = on")
            return tier(copy)

    def _try(self, name: str, tier: Callable[[], asked.Verdict]) -> bool:
        started = time.monotonic()
        self._advance(len(self.tiers), name)
        try:
            status, evidence = tier()
        except (NoShadow, OutOfTimeError) as error:
            status, evidence = "unknown", str(error)
        except (OSError, psycopg.Error, PlumbError, ValueError, KeyError) as error:
            status, evidence = "failed", str(error).strip() or type(error).__name__
        if status in ("failed", "unknown") and not self._seconds_left():
            status, evidence = "unknown", f"the drill took longer than {self._seconds_max:g} s"
        seconds = round(time.monotonic() - started, 3)
        self.tiers.append(Tier(name, status, seconds, evidence[:1000]))
        return status in ("passed", "skipped")

    def _seconds_left(self) -> float:
        return max(0, self._deadline - time.monotonic())

    def _end_sessions(self) -> None:
        if self.shadow:
            self.shadow.end_sessions()

    def _checksum(self) -> asked.Verdict:
        self.manifest = self.backup.manifest()
        if self.manifest["name"] != self.backup.name:
            return "failed", f"its manifest is that of {self.manifest['name']}"
        recorded = self._recorded()
        found, size = backup_store.digest(self.file)
        for whose, expected in (("its manifest", self.manifest), ("the database", recorded)):
            if expected and expected["sha256"] != found:
                return "failed", (
                    f"{whose} says SHA-256 {expected['sha256'][:16]}… of {expected['sizeBytes']}"
                    f" bytes; the file is {found[:16]}… of {size}"
                )
        if recorded and recorded.get("takenAt") != self.manifest["takenAt"]:
            return "failed", (
                f"the database knows it as of {recorded.get('takenAt')},"
                f" its manifest says {self.manifest['takenAt']}"
            )
        known = "" if recorded else "; the database knows no backup of this name"
        return "passed", f"SHA-256 {found[:16]}… of {size} bytes{known}"

    def _recorded(self) -> dict[str, Any] | None:
        if self._live is None:
            return None
        row = self._live.execute(
            "select manifest from plumb.backups where backup_name = %s and status = 'finished'",
            [self.backup.name],
        ).fetchone()
        return row[0] if row else None

    def _decrypted(self) -> asked.Verdict:
        """Read the whole dump in the clear once, and keep its table of contents."""
        hasher = hashlib.sha256()
        archive = Archive(counts_rows=False)
        complaint = ""

        def take(chunk: bytes) -> None:
            nonlocal complaint
            hasher.update(chunk)
            try:
                archive.feed(chunk)
            except ValueError as error:
                complaint = complaint or str(error)

        verdict = "skipped", "it is not encrypted"
        if self.manifest["encryptedTo"]:
            verdict = self._decrypt(take)
        else:
            with self.file.open("rb") as file:
                while chunk := file.read(backup_store.CHUNK_BYTES):
                    take(chunk)
        if verdict[0] not in ("passed", "skipped"):
            return verdict
        if hasher.hexdigest() != self.manifest["dumpSha256"]:
            return "failed", "what it decrypts to is not the dump that was made"
        if complaint or not archive.has_contents:
            return "failed", f"its contents cannot be read: {complaint or 'it ends too early'}"
        self._entries = archive.entries
        return verdict

    def _decrypt(self, take: Callable[[bytes], None]) -> asked.Verdict:
        try:
            (errors,) = run_pipeline(self._decrypter(), take, seconds_max=self._seconds_left())
        except PipelineError as error:
            if error.is_killed:
                return "unknown", str(error)
            verdict = backup_gpg.judge(error.words, False, self.manifest["keyIds"])
            self._lacks_key = verdict[0] == "unknown"
            return verdict
        return backup_gpg.judge(last_words(errors), True, self.manifest["keyIds"])

    def _decrypter(self) -> list[Stage]:
        return [Stage(backup_gpg.decrypt_command(str(self.file)), backup_gpg.environment())]

    def _restored(self) -> asked.Verdict:
        shadow = self.shadow = self._make_shadow(self._major)
        try:
            shadow.renew(self.manifest.get("locale", {}))
        except psycopg.errors.InsufficientPrivilege as error:
            raise NoShadow(
                f"the shadow cannot be replaced: {error.diag.message_primary}; the role of"
                " SHADOW_DB_URL needs CREATEDB and CREATEROLE"
            ) from error
        self.copy = furnish(shadow.url, shadow.role, self._entries.values(), self.manifest["roles"])
        restore = Restore(
            client_program("pg_restore", self._major),
            self._decrypter,
            None if self.manifest["encryptedTo"] else self.file,
            self._entries,
            self.copy,
            self._seconds_left,
        )
        started = time.monotonic()
        restore.run()
        self.restore_seconds = round(time.monotonic() - started, 3)
        _open_forced_policies(self.copy)
        evidence = f"in {self.restore_seconds:.1f} s into a fresh database"
        left_out = sorted(set(self.copy.left_out.values()))
        if left_out:
            evidence += f"; left out {asked.some(left_out)}"
        return "passed", evidence


def _open_forced_policies(copy: Copy) -> None:
    """Let the copy's owner read every row, also where row security is forced on owners."""
    with connect(copy.url) as session:
        tables = session.execute(statement(__package__, "forced_policies")).fetchall()
        for table in tables:
            session.execute(
                sql.SQL("alter table {} no force row level security").format(sql.Identifier(*table))
            )


def hostname() -> str:
    """Return the name of the machine that a drill ran on."""
    return os.uname().nodename
