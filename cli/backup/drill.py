"""The drill: a backup is worth what a restore of it proves, tier by tier.

Each tier leaves a status, its seconds and a sentence of evidence. The first that cannot be
passed ends the climb, except that the tiers that read the restored copy are independent of each
other: what is wrong with a backup should be told at once.
"""

import contextlib
import hashlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg

from ...core.errors import PlumbError
from ...core.programs import address, client_program, last_words
from ..audit import verifier as audit_verifier
from . import gpg as backup_gpg
from . import shadow as backup_shadow
from . import store as backup_store

RESTORE_JOBS = 2
EVIDENCE_NAMES_MAX = 5
# Archive entries that would act by themselves in the copy, or reach out of it.
LEFT_OUT = ("EVENT TRIGGER", "SUBSCRIPTION", "PUBLICATION")
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

    @property
    def file(self) -> Path:
        """The dump's file."""
        return self.backup.path / Path(self.manifest["file"]).name

    def run(self) -> list[Tier]:
        """Climb as far as the backup carries."""
        if not self._try("checksum", self._checksum):
            return self.tiers
        with tempfile.TemporaryDirectory(prefix="plumb-drill-") as scratch:
            listing = Path(scratch) / "contents"
            if not self._try("decrypted", lambda: self._decrypted(listing)):
                return self.tiers
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

    @contextlib.contextmanager
    def _dump(self) -> Iterator[tuple[IO[bytes], subprocess.Popen | None, IO[bytes]]]:
        """Yield the dump in the clear as a stream, with the process that decrypts it."""
        with tempfile.TemporaryFile() as errors:
            if not self.manifest["encryptedTo"]:
                with self.file.open("rb") as file:
                    yield file, None, errors
                return
            process = subprocess.Popen(
                backup_gpg.decrypt_command(str(self.file)),
                env=backup_gpg.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            try:
                yield process.stdout, process, errors
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
                process.stdout.close()

    def _decrypted(self, listing: Path) -> tuple[str, str]:
        """Read the whole dump in the clear once, and keep its table of contents."""
        hasher = hashlib.sha256()
        program = client_program("pg_restore", self.manifest["serverVersion"] // 10000)
        with self._dump() as (source, decrypter, errors), listing.open("wb") as contents:
            lister = subprocess.Popen(
                [program, "--list"],
                stdin=subprocess.PIPE,
                stdout=contents,
                stderr=subprocess.DEVNULL,
            )
            # It stops reading after the contents; the digest goes on to the end.
            is_listening = True
            while chunk := source.read(backup_store.CHUNK_BYTES):
                hasher.update(chunk)
                if is_listening:
                    try:
                        lister.stdin.write(chunk)
                    except BrokenPipeError:
                        is_listening = False
            with contextlib.suppress(BrokenPipeError):
                lister.stdin.close()
            is_listed = lister.wait() == 0
            verdict = "skipped", "it is not encrypted"
            if decrypter:
                is_decrypted = decrypter.wait() == 0
                verdict = backup_gpg.judge(
                    last_words(errors), is_decrypted, self.manifest["keyIds"]
                )
            if verdict[0] not in ("passed", "skipped"):
                return verdict
        if hasher.hexdigest() != self.manifest["dumpSha256"]:
            return "failed", "what it decrypts to is not the dump that was made"
        if not is_listed:
            return "failed", "its table of contents cannot be read"
        return verdict

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
        if self.manifest["encryptedTo"]:
            self._restore_stream(command, environment)
        else:
            self._restore_file([*command, f"--jobs={RESTORE_JOBS}", str(self.file)], environment)
        self.restore_seconds = round(time.monotonic() - started, 3)
        evidence = f"in {self.restore_seconds:.1f} s into a fresh database"
        if missing_roles:
            evidence += f"; created roles {_some(missing_roles)}"
        if left_out:
            evidence += f"; left out {_some(left_out)}"
        return "passed", evidence

    def _restore_file(self, command: list[str], environment: dict[str, str]) -> None:
        with tempfile.TemporaryFile() as errors:
            done = subprocess.run(
                command, env=environment, stdout=errors, stderr=errors, check=False
            )
            if done.returncode:
                raise _restore_error(last_words(errors))

    def _restore_stream(self, command: list[str], environment: dict[str, str]) -> None:
        with self._dump() as (source, decrypter, _), tempfile.TemporaryFile() as errors:
            restorer = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=errors, stderr=errors
            )
            feeder = threading.Thread(target=_feed, args=(source, restorer.stdin))
            feeder.start()
            restorer.wait()
            if restorer.returncode and decrypter.poll() is None:
                decrypter.kill()
            feeder.join()
            if restorer.returncode:
                raise _restore_error(last_words(errors))

    def _filter(self, listing: Path) -> list[str]:
        """Take out of the contents what must not, or cannot, come to life in the copy."""
        available = backup_shadow.available_extensions(self.shadow_url)
        functions = self.manifest["pythonFunctions"] if "plpython3u" not in available else []
        kept, left_out = [], []
        for line in listing.read_text(encoding="utf-8").splitlines():
            reason = _why_left_out(line, available, functions)
            if reason:
                left_out.append(reason)
                line = f";{line}"  # noqa: PLW2901
            kept.append(line)
        listing.write_text("\n".join(kept) + "\n", encoding="utf-8")
        return sorted(set(left_out))

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
        found: dict[str, int | None] = {}
        for table in expected:
            exists = shadow.execute("select to_regclass(%s)", [table]).fetchone()[0]
            query = f"select count(*) from {table}".encode()
            found[table] = shadow.execute(query).fetchone()[0] if exists else None
        wrong = [
            f"{table} has {'no table' if found[table] is None else found[table]},"
            f" the snapshot had {count}"
            for table, count in sorted(expected.items())
            if found[table] != count and not table.startswith("cron.")
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
        findings = audit_verifier.verify(shadow)
        if findings:
            return "failed", f"{len(findings)} findings, the first: {vars(findings[0])}"
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
        return "passed", f"{len(restored)} seals verified row by row{held}"

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


def _feed(source: IO[bytes], sink: IO[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError, ValueError), sink:
        while chunk := source.read(backup_store.CHUNK_BYTES):
            sink.write(chunk)


def _restore_error(said: str) -> PlumbError:
    """Tell a backup that cannot be restored from a shadow that cannot take it."""
    if any(words in said for words in SHADOWS_FAULT):
        return backup_shadow.NoShadow(f"the shadow's server could not take it: {said}")
    return PlumbError(f"pg_restore: {said}")


def _some(things: list[str]) -> str:
    shown = ", ".join(things[:EVIDENCE_NAMES_MAX])
    more = len(things) - EVIDENCE_NAMES_MAX
    return f"{shown} and {more} more" if more > 0 else shown


def _why_left_out(line: str, available: set[str], functions: list[str]) -> str:
    """Return what an entry of the contents is, if the copy must do without it.

    An entry reads `17; 3079 16385 EXTENSION - pg_cron` or `…; … FUNCTION plumb f() owner`.
    """
    if line.startswith(";") or "; " not in line:
        return ""
    entry = line.split("; ", 1)[1].split(" ", 2)[-1]
    for kind in LEFT_OUT:
        if entry.startswith((f"{kind} ", f"COMMENT - {kind} ", f"ACL - {kind} ")):
            return kind.lower() + "s"
    words = entry.replace("COMMENT - ", "").replace("ACL - ", "").split()
    if words[:2] == ["EXTENSION", "-"] or words[:1] == ["EXTENSION"]:
        extension = words[2] if words[1] == "-" else words[1]
        if extension == "pg_cron" or extension not in available:
            return extension
    if "SCHEMA cron" in entry or " cron " in f" {entry} ":
        return "pg_cron"
    for function in functions:
        if f" {function}(" in f" {entry.replace('FUNCTION ', ' ')}":
            return "plpython3u functions"
    return ""
