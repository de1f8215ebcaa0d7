"""Restores a dump as a role without rights, and names what only a superuser could create.

First the definitions, one after the other: what fails for want of rights and holds no data is
left out and named, with all that depends on it. Then rows, indexes and constraints, several at a
time, of which none may fail. What is left, such as triggers and the rows of materialized views, is
treated as the definitions are.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...core.errors import PlumbError
from ...core.pipeline import PipelineError, Stage, run_pipeline
from ...core.programs import address
from .archive import Entry
from .copy import Copy
from .shadow import NoShadow

JOBS = 2
# Far more than pg_restore says of a dump in which everything fails.
WORDS_BYTES_MAX = 256 * 1024**2
# Entries that would act by themselves in the copy, reach out of it, or are a superuser's.
NEVER = {
    "EVENT TRIGGER": "event triggers",
    "PUBLICATION": "publications",
    "PUBLICATION TABLE": "publications",
    "PUBLICATION TABLES IN SCHEMA": "publications",
    "SUBSCRIPTION": "subscriptions",
    "SUBSCRIPTION TABLE": "subscriptions",
    "FOREIGN DATA WRAPPER": "foreign servers",
    "SERVER": "foreign servers",
    "USER MAPPING": "foreign servers",
    "SECURITY LABEL": "security labels",
}
ABOUT = ("COMMENT", "SECURITY LABEL", "ACL")
# Without these, data would be missing.
WITH_DATA = (
    "SCHEMA", "TABLE", "TABLE DATA", "TABLE ATTACH", "SEQUENCE", "SEQUENCE SET",
    "SEQUENCE OWNED BY", "BLOB", "BLOBS", "BLOB METADATA",
)  # fmt: skip
# None of these may fail; what proves data belongs to them.
STRICT = (
    *WITH_DATA, "INDEX", "INDEX ATTACH", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT",
)  # fmt: skip
# What the server answers a role without rights. The texts are those of lc_messages = C.
FOR_WANT_OF_RIGHTS = re.compile(
    r"could not execute query: ERROR:  (?:permission denied|must be (?:superuser|owner)"
    r"|only superuser|query would be affected by row-level security)",
    re.IGNORECASE,
)
# What pg_restore says when the problem is the shadow's and not the backup's.
SHADOWS_FAULT = (
    "No space left on device",
    "server closed the connection",
    "terminating connection",
    "could not connect",
    "connection to server",
)
OF_ENTRY = re.compile(r"^pg_restore: from TOC entry (\d+);")
ERROR = re.compile(r"^pg_restore: error: (.*)$")
ERRORS_IGNORED = re.compile(r"^pg_restore: warning: errors ignored on restore: (\d+)$")


@dataclass
class Restore:
    """One restore.

    Args:
        program: pg_restore of the dump's version.
        feeders: The programs whose output is the dump; none when it is the file.
        file: The dump's file, where it is not encrypted.
        entries: The dump's contents.
        copy: The database, furnished; what is left out is added to it.
        seconds_left: Returns how long it may take yet.
    """

    program: str
    feeders: Callable[[], Sequence[Stage]]
    file: Path | None
    entries: dict[int, Entry]
    copy: Copy
    seconds_left: Callable[[], float]
    failed: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Restore it.

        Raises:
            NoShadow: It cannot be judged here; the message says why.
            PlumbError: It cannot be restored.
        """
        self._leave_out(_never(self.entries.values()) | self._rows_without_a_table())
        self._load_one_by_one(["--section=pre-data"], lambda _entry: True)
        self._load_strictly(["--section=data", "--section=post-data"])
        self._load_one_by_one(
            ["--section=data", "--section=post-data"], lambda entry: entry.kind not in STRICT
        )

    def _leave_out(self, reasons: dict[int, str]) -> None:
        """Leave entries out, and what holds no data and depends on them."""
        left_out = self.copy.left_out
        left_out |= reasons
        is_growing = True
        while is_growing:
            is_growing = False
            for entry in self.entries.values():
                if entry.dump_id in left_out or entry.dump_id in self.copy.done:
                    continue
                needed = self._missing(entry)
                if needed is not None and entry.kind not in WITH_DATA:
                    left_out[entry.dump_id] = left_out[needed]
                    is_growing = True

    def _rows_without_a_table(self) -> dict[int, str]:
        """Return the rows of those tables and sequences of extensions that the copy lacks."""
        makers = {"TABLE DATA": "TABLE", "SEQUENCE SET": "SEQUENCE"}
        made = {(entry.kind, entry.schema, entry.tag) for entry in self.entries.values()}
        return {
            entry.dump_id: "rows of extensions"
            for entry in self.entries.values()
            if entry.kind in makers
            and (makers[entry.kind], entry.schema, entry.tag) not in made
            and (entry.schema, entry.tag) not in self.copy.of_extensions
        }

    def _missing(self, entry: Entry) -> int | None:
        """Return what was left out of what an entry needs."""
        return next((n for n in entry.depends_on if n in self.copy.left_out), None)

    def _load_one_by_one(self, sections: list[str], wanted: Callable[[Entry], bool]) -> None:
        try:
            # Only so it says which entry an error is about.
            self._load([*sections, "--verbose"], wanted)
        except PipelineError as error:
            self._judge(error)

    def _load_strictly(self, sections: list[str]) -> None:
        options = [*sections, "--exit-on-error"]
        if self.file:
            options.append(f"--jobs={JOBS}")
        try:
            self._load(options, lambda entry: entry.kind in STRICT)
        except PipelineError as error:
            _blame_the_shadow(error.words)
            raise

    def _load(self, options: list[str], wanted: Callable[[Entry], bool]) -> None:
        target, environment = address(self.copy.url)
        # Its words are read.
        environment["LC_ALL"] = "C"
        skipped = self.copy.left_out.keys() | self.copy.done
        kept = [
            entry.dump_id
            for entry in self.entries.values()
            if entry.dump_id not in skipped and wanted(entry)
        ]
        with tempfile.NamedTemporaryFile("w", prefix="plumb-drill-") as listing:
            listing.write("".join(f"{dump_id};\n" for dump_id in kept))
            listing.flush()
            command = [
                self.program, *options, "--no-owner", "--no-acl", "--no-tablespaces",
                "--no-password", f"--use-list={listing.name}", f"--dbname={target}",
            ]  # fmt: skip
            if self.file:
                stages = [Stage([*command, str(self.file)], environment)]
            else:
                stages = [*self.feeders(), Stage(command, environment, reads_all=False)]
            try:
                run_pipeline(stages, seconds_max=self.seconds_left())
            except PipelineError as error:
                if error.is_killed or error.stage is not stages[-1]:
                    raise NoShadow(f"it could not be restored here: {error}") from error
                raise

    def _judge(self, error: PipelineError) -> None:
        """Leave out what failed for want of rights; raise for anything else."""
        error.errors.seek(0)
        said = error.errors.read(WORDS_BYTES_MAX).decode(errors="replace")
        failures, is_understood = _failures(said)
        for dump_id, message in failures:
            entry = self.entries.get(dump_id)
            _blame_the_shadow(message)
            if entry is None:
                raise PlumbError(f"pg_restore: {message}")
            needed = self._missing(entry)
            if needed is not None and entry.kind in WITH_DATA:
                raise NoShadow(
                    f"{_title(entry)} cannot be restored without"
                    f" {self.copy.left_out[needed]}: {message}"
                )
            if needed is not None:
                self._leave_out({dump_id: self.copy.left_out[needed]})
            elif entry.kind not in WITH_DATA and FOR_WANT_OF_RIGHTS.search(message):
                self._leave_out({dump_id: f"{_title(entry)} (only a superuser may create it)"})
            else:
                raise PlumbError(f"pg_restore: {_title(entry)}: {message}")
        if not is_understood:
            raise PlumbError(f"pg_restore: {failures[-1][1]}" if failures else str(error))


def _blame_the_shadow(said: str) -> None:
    """Raise if it is not the backup that cannot be restored."""
    if any(words in said for words in SHADOWS_FAULT):
        raise NoShadow(f"the shadow's server could not take it: {said}")


def _never(entries: Iterable[Entry]) -> dict[int, str]:
    """Return what no copy gets, by the number of the entry."""
    reasons = {}
    for entry in entries:
        kind, name = entry.kind, entry.tag
        if kind in ABOUT:
            # What is said about one of them goes with it, wherever its owner is another.
            kind = next((k for k in (*NEVER, "EXTENSION") if name.startswith(f"{k} ")), kind)
        if kind in NEVER:
            reasons[entry.dump_id] = NEVER[kind]
        elif entry.kind == "COMMENT" and (kind == "EXTENSION" or name == "SCHEMA public"):
            reasons[entry.dump_id] = "comments on what the copy does not own"
    return reasons


def _failures(said: str) -> tuple[list[tuple[int, str]], bool]:
    """Return what failed, by number of entry, and whether pg_restore went on to its end.

    A dump can hold lines that look like these. It can only make its own restore fail by that:
    each error is preceded by the true entry, and their number has to be right.
    """
    failures, entry, ignored = [], 0, -1
    for line in said.splitlines():
        if found := OF_ENTRY.match(line):
            entry = int(found[1])
        elif found := ERROR.match(line):
            failures.append((entry, found[1]))
        elif found := ERRORS_IGNORED.match(line):
            ignored = int(found[1])
    return failures, ignored == len(failures) > 0


def _title(entry: Entry) -> str:
    schema = f"{entry.schema}." if entry.schema else ""
    return f"{entry.kind.lower()} {schema}{entry.tag}"
