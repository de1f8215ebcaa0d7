"""The drill: a backup is worth what a restore of it proves, tier by tier.

Each tier leaves a status, its seconds and a sentence of evidence. The first that cannot be
passed ends the climb, except that the tiers that read the restored copy are independent of each
other: what is wrong with a backup should be told at once.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from ...core.errors import PlumbError
from ...core.pipeline import PipelineError, Stage, run_pipeline
from ...core.programs import address, client_program, last_words
from ..audit import verifier as audit_verifier
from ..audit.acceptance import divide
from . import gpg as backup_gpg
from . import shadow as backup_shadow
from . import store as backup_store
from .archive import Archive, Entry

RESTORE_JOBS = 2
EVIDENCE_NAMES_MAX = 5
# Archive entries that would act by themselves in the copy, or reach out of it.
LEFT_OUT = ("EVENT TRIGGER", "SUBSCRIPTION", "PUBLICATION")
ABOUT = ("COMMENT", "ACL", "SECURITY LABEL")
WITH_ITS_OWN = ("EXTENSION", "SCHEMA", "FUNCTION")
# What pg_restore says when the trouble is the shadow's and not the backup's.
SHADOWS_FAULT = (
    "No space left on device",
    "server closed the connection",
    "terminating connection",
    "could not connect",
    "connection to server",
)


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


@dataclass
class Drill:
    """One drill over one backup.

    Args:
        backup: What is tried.
        shadow_url: SHADOW_DB_URL; empty: nothing is restored.
        live: A session on the live database, where it can be reached.
        live_url: Its URL.
        anchors: Anchors kept outside, as plumb.describe_anchor() makes them.
    """

    backup: backup_store.Backup
    shadow_url: str
    live: psycopg.Connection | None = None
    live_url: str | None = None
    anchors: list[dict] = field(default_factory=list)
    tiers: list[Tier] = field(default_factory=list)
    restore_seconds: float | None = None
    is_shadow_filled: bool = False
    manifest: dict = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The dump's file."""
        return self.backup.path / Path(self.manifest["file"]).name

    def run(self) -> list[Tier]:
        """Climb as far as the backup carries."""
        if not self._try("checksum", self._checksum):
            return self.tiers
        with tempfile.TemporaryDirectory(prefix="plumb-drill-") as scratch:
            if not self._try("decrypted", self._decrypted):
                if self.tiers[-1].status == "unknown" and "was ended by" in self.tiers[-1].evidence:
                    self._note("restored", "unknown", "it was not tried")
                return self.tiers
            listing = Path(scratch) / "contents"
            if not self.shadow_url:
                self._note("restored", "unknown", "SHADOW_DB_URL is not set")
                return self.tiers
            if not self._try("restored", lambda: self._restored(listing)):
                return self.tiers
        with backup_shadow.open_shadow(self.shadow_url) as shadow:
            shadow.execute("set default_transaction_read_only = on")
            self._try("amcheck", lambda: self._amcheck(shadow))
            self._try("row_counts", lambda: self._row_counts(shadow))
            violations: dict[str, int] = {}
            self._try("invariants", lambda: self._invariants(shadow, violations))
            self._try("audit", lambda: self._audit(shadow))
            self._try("drift", lambda: self._drift(violations))
        return self.tiers

    def _try(self, name: str, tier: Callable[[], tuple[str, str]]) -> bool:
        started = time.monotonic()
        try:
            status, evidence = tier()
        except backup_shadow.NoShadow as error:
            status, evidence = "unknown", str(error)
        except (OSError, psycopg.Error, PlumbError, ValueError, KeyError) as error:
            status, evidence = "failed", str(error).strip() or type(error).__name__
        self._note(name, status, evidence, time.monotonic() - started)
        return status in ("passed", "skipped")

    def _note(self, name: str, status: str, evidence: str, seconds: float = 0) -> None:
        self.tiers.append(Tier(name, status, round(seconds, 3), evidence[:1000]))

    def _checksum(self) -> tuple[str, str]:
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

    def _recorded(self) -> dict | None:
        if self.live is None:
            return None
        row = self.live.execute(
            "select manifest from plumb.backups where backup_name = %s and status = 'finished'",
            [self.backup.name],
        ).fetchone()
        return row[0] if row else None

    def _decrypted(self) -> tuple[str, str]:
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
        self.entries = list(archive.entries.values())
        return verdict

    def _decrypt(self, take: Callable[[bytes], None]) -> tuple[str, str]:
        decrypter = self._decrypter()
        try:
            (errors,) = run_pipeline([decrypter], take)
        except PipelineError as error:
            if error.is_killed:
                return "unknown", str(error)
            return backup_gpg.judge(error.words, False, self.manifest["keyIds"])
        return backup_gpg.judge(last_words(errors), True, self.manifest["keyIds"])

    def _decrypter(self) -> Stage:
        return Stage(backup_gpg.decrypt_command(str(self.file)), backup_gpg.environment())

    def _restored(self, listing: Path) -> tuple[str, str]:
        backup_shadow.renew(self.shadow_url, self.live_url)
        missing_roles = backup_shadow.ensure_roles(self.shadow_url, self.manifest["roles"])
        left_out = self._filter(listing)
        target, environment = address(self.shadow_url)
        # What the copy does while it is loaded must wake nobody.
        environment["PGOPTIONS"] = "-c session_replication_role=replica"
        command = [
            client_program("pg_restore", self.manifest["serverVersion"] // 10000),
            "--exit-on-error",
            "--no-password",
            f"--use-list={listing}",
            f"--dbname={target}",
        ]
        started = time.monotonic()
        self.is_shadow_filled = True
        try:
            if self.manifest["encryptedTo"]:
                restorer = Stage(command, environment, reads_all=False)
                run_pipeline([self._decrypter(), restorer])
            else:
                command += [f"--jobs={RESTORE_JOBS}", str(self.file)]
                run_pipeline([Stage(command, environment)])
        except PipelineError as error:
            if error.is_killed or any(words in error.words for words in SHADOWS_FAULT):
                raise backup_shadow.NoShadow(f"it could not be restored here: {error}") from error
            raise
        self.restore_seconds = round(time.monotonic() - started, 3)
        evidence = f"in {self.restore_seconds:.1f} s into a fresh database"
        if missing_roles:
            evidence += f"; created roles {_some(missing_roles)}"
        if left_out:
            evidence += f"; left out {_some(left_out)}"
        return "passed", evidence

    def _filter(self, listing: Path) -> list[str]:
        """Take out of the contents what must not, or cannot, come to life in the copy."""
        available = backup_shadow.available_extensions(self.shadow_url)
        functions = self.manifest["pythonFunctions"] if "plpython3u" not in available else []
        kept, left_out = [], set()
        for entry in self.entries:
            if reason := _why_left_out(entry, available, functions):
                left_out.add(reason)
            else:
                kept.append(entry.dump_id)
        listing.write_text("".join(f"{dump_id};\n" for dump_id in kept), encoding="utf-8")
        return sorted(left_out)

    def _amcheck(self, shadow: psycopg.Connection) -> tuple[str, str]:
        try:
            with shadow.transaction():
                shadow.execute("set transaction read write")
                shadow.execute("create extension if not exists amcheck")
        except psycopg.errors.FeatureNotSupported as error:
            return "unknown", f"the shadow's server has no amcheck: {error.diag.message_primary}"
        (schema,) = shadow.execute(
            "select extnamespace::regnamespace::text from pg_extension where extname = 'amcheck'"
        ).fetchone()
        broken = []
        indexes = shadow.execute(
            "select i.indexrelid::regclass::text from pg_index as i join pg_class as c"
            " on c.oid = i.indexrelid join pg_am as a on a.oid = c.relam"
            " where a.amname = 'btree' and c.relkind = 'i' and c.relpersistence = 'p'"
            " and i.indisvalid order by 1"
        ).fetchall()
        for (index,) in indexes:
            try:
                shadow.execute(f"select {schema}.bt_index_check(%s, true)", [index])
            except psycopg.Error as error:
                broken.append(f"{index}: {error.diag.message_primary}")
        tables = shadow.execute(
            "select c.oid::regclass::text from pg_class as c where c.relkind in ('r', 'm', 't')"
            " and c.relpersistence = 'p' and c.oid >= 16384 order by 1"
        ).fetchall()
        for (table,) in tables:
            found = shadow.execute(
                f"select msg from {schema}.verify_heapam(%s::regclass) limit 1", [table]
            ).fetchone()
            if found:
                broken.append(f"{table}: {found[0]}")
        if broken:
            return "failed", _some(broken)
        return "passed", f"{len(indexes)} indexes, each row of {len(tables)} tables"

    def _row_counts(self, shadow: psycopg.Connection) -> tuple[str, str]:
        expected = self.manifest["rowCounts"]
        # Format 1 counted those of inheriting tables too.
        only = "" if self.manifest["format"] == 1 else "only "
        found: dict[str, int | None] = {}
        for table in expected:
            query = "select 'select count(*) from ' || %s::text || to_regclass(%s)::text"
            (count,) = shadow.execute(query, [only, table]).fetchone()
            found[table] = shadow.execute(count).fetchone()[0] if count else None
        wrong = [
            f"{table} has {'no table' if found[table] is None else found[table]},"
            f" the {'dump holds no rows of it' if count is None else f'snapshot had {count}'}"
            for table, count in sorted(expected.items())
            if (count is None or found[table] != count) and not table.startswith("cron.")
        ]
        if wrong:
            return "failed", _some(wrong)
        rows = sum(count or 0 for count in found.values())
        return "passed", f"{len(expected)} tables, {rows} rows, as in the dump's snapshot"

    def _invariants(
        self, shadow: psycopg.Connection, violations: dict[str, int]
    ) -> tuple[str, str]:
        shadow.execute("set search_path = retail, plumb, public")
        broken = []
        names = shadow.execute("select name from plumb.invariants where is_enabled order by name")
        for (name,) in names.fetchall():
            rows = shadow.execute(
                "select subject, explanation, count(*) over () from plumb.read_violations(%s)"
                " limit 1",
                [name],
            ).fetchall()
            violations[name] = rows[0][2] if rows else 0
            if rows:
                then = self.manifest["violations"].get(name)
                broken.append(
                    f"{name}: {rows[0][2]} (such as {rows[0][1]}); when it was taken: {then}"
                )
        if broken:
            return "failed", _some(broken)
        if not violations:
            return "unknown", "no invariant is declared"
        return "passed", f"all {len(violations)} hold on the restored copy"

    def _audit(self, shadow: psycopg.Connection) -> tuple[str, str]:
        expected = self.manifest["newestSeal"]
        if expected is None:
            return "skipped", "nothing was sealed when it was taken"
        newest = shadow.execute(
            "select seal_id, encode(seal_hash, 'hex') from plumb.seals"
            " order by seal_id desc limit 1"
        ).fetchone()
        if newest is None or newest != (expected["sealId"], expected["sealHash"]):
            return "failed", (
                f"its newest seal is {newest[0] if newest else 'missing'},"
                f" the snapshot's was {expected['sealId']}"
            )
        findings, accepted = divide(
            map(vars, audit_verifier.verify(shadow)), self.manifest.get("acceptedFindings", [])
        )
        if findings:
            return "failed", f"{len(findings)} findings, the first: {findings[0]}"
        restored = dict(
            shadow.execute("select seal_id, encode(seal_hash, 'hex') from plumb.seals").fetchall()
        )
        compared = []
        for whose, seals in (("live", self._live_seals(newest[0])), ("anchored", self._anchored())):
            differing = [
                seal for seal, found in seals.items() if restored.get(seal, found) != found
            ]
            if differing:
                return "failed", f"seal {differing[0]} is not the {whose} one"
            if seals:
                compared.append(f"{len(seals)} {whose}")
        held = f", equal to {' and '.join(compared)} seals" if compared else ""
        number = len(accepted)
        known = f", {number} accepted finding{'s'[: number > 1]}" if accepted else ""
        return "passed", f"{len(restored)} seals verified row by row{held}{known}"

    def _live_seals(self, newest: int) -> dict[int, str]:
        if self.live is None:
            return {}
        query = "select seal_id, encode(seal_hash, 'hex') from plumb.seals where seal_id <= %s"
        return dict(self.live.execute(query, [newest]).fetchall())

    def _anchored(self) -> dict[int, str]:
        return {anchor["sealId"]: anchor["sealHash"] for anchor in self.anchors}

    def _drift(self, violations: dict[str, int]) -> tuple[str, str]:
        expected = self.manifest["violations"]
        wrong = [
            f"{name}: {violations.get(name, 'not declared')} instead of {count}"
            for name, count in sorted(expected.items())
            if violations.get(name) != count
        ]
        if wrong:
            return "failed", f"it is not what was dumped: {_some(wrong)}"
        score = self.manifest["driftScore"]
        return "passed", (
            "violations are those of the snapshot, whose drift score was"
            f" {'unknown' if score is None else score}"
        )


def hostname() -> str:
    """Return the name of the machine that a drill ran on."""
    return os.uname().nodename


def _some(things: list[str]) -> str:
    shown = ", ".join(things[:EVIDENCE_NAMES_MAX])
    more = len(things) - EVIDENCE_NAMES_MAX
    return f"{shown} and {more} more" if more > 0 else shown


def _why_left_out(entry: Entry, available: set[str], functions: list[str]) -> str:
    """Return what an entry of the contents is, if the copy must do without it."""
    kind, schema, name = entry.kind, entry.schema, entry.tag
    if kind in ABOUT:
        # A comment on one of them goes with it.
        kind = next((k for k in (*LEFT_OUT, *WITH_ITS_OWN) if name.startswith(f"{k} ")), "")
        name = name.removeprefix(f"{kind} ")
    reason = ""
    if kind.startswith(LEFT_OUT):
        reason = f"{kind.lower()}s"
    elif kind == "EXTENSION" and (name == "pg_cron" or name not in available):
        reason = name
    elif "cron" in (schema, name if kind == "SCHEMA" else ""):
        reason = "pg_cron"
    elif any(f"{schema} {name}".startswith(f"{function}(") for function in functions):
        reason = "plpython3u functions"
    return reason
