"""Checks that no name in our SQL can resolve to an object that another role created."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ...core.migrate import code_files

# These are inlined, or as short as if they were, which a search_path of their own would spoil;
# every name in their bodies is qualified instead, and pgspot checks that.
INLINED = [
    "plumb.current_time()",
    "plumb.is_read_method(p_method text)",
    "plumb.latest_due_at(p_interval interval,p_at timestamptz)",
    "plumb.is_recent(p_at timestamptz,p_age_max interval)",
    "plumb.network_key(p_network cidr,p_client text)",
    "plumb.newest_drift_score()",
    "plumb.newest_health_score()",
    "plumb.setting_interval(p_name text)",
    "plumb.setting_number(p_name text)",
    "plumb.staleness_limit(p_interval_setting text)",
]
# These commit, and no procedure that commits may carry a search_path; each sets it locally
# after every commit instead, and pgspot checks that too.
COMMITTING = [
    "plumb.repeat_job(p_job_name text)",
    "plumb.run_due_jobs(p_timeout_seconds_max integer,p_repeat_seconds integer)",
    "plumb.guard_schema(p_schema text,p_rounds_max integer)",
    "plumb.run_job(p_job_name text,p_is_forced boolean)",
]
# These run for every audited row and only inside functions that pinned the search_path, which a
# SET of their own would do again, at a microsecond each; they have no rights but their caller's.
PINNED_BY_CALLER = {
    "announce_writer",
    "append_audit",
    "audit_key",
    "audit_payload",
    "app_user",
    "block_digest",
    "block_part",
    "exact_row",
    "key_events",
    "key_number",
    "link_bytes",
    "link_digest",
    "log_of",
    "log_of_table",
    "read_line",
    "payload_digest",
    "pin_formats",
    "recorded_row",
    "row_digest",
    "row_events",
    "row_sum",
    "seal_digest",
    "set_columns",
    "strip_null_columns",
    "table_number",
    "unpin_formats",
}
# What `plumb migrate` does before it applies the first file.
PRELUDE = "set search_path = pg_catalog, pg_temp; create schema plumb; create schema retail;"


def _without_row_types(text: str) -> str:
    """Declare row variables as records: pgspot's parser knows no tables, so no row types."""
    return re.sub(r"^(\s+v_\w+) (plumb|retail)\.\w+;", r"\1 record;", text, flags=re.M)


def _as_called(path: Path) -> str:
    """Give a function the search_path that its callers give it."""
    text = _without_row_types(path.read_text())
    if path.stem not in PINNED_BY_CALLER:
        return text
    return text.replace("\nas $$", "\nset search_path = pg_catalog, pg_temp\nas $$", 1)


def findings() -> list[str]:
    """Return what pgspot finds in db/, and how it ended if it did not end well."""
    options = [f"--proc-without-search-path={name}" for name in INLINED + COMMITTING]
    with tempfile.TemporaryDirectory(prefix="plumb-pgspot-") as directory:
        paths = [Path(directory) / "0-prelude.sql"]
        paths[0].write_text(PRELUDE)
        for number, path in enumerate(code_files(), start=1):
            paths.append(Path(directory) / f"{number}-{path.name}")
            paths[-1].write_text(_as_called(path))
        pgspot = subprocess.run(
            [
                Path(sys.executable).with_name("pgspot"),
                "--append",
                "--ignore-lang=plpython3u",
                *options,
                *paths,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    found = [
        line
        for line in pgspot.stdout.splitlines()
        if line.strip() and not re.search(r"Errors: 0 Warnings: 0 Unknown: 0|\.sql: *$", line)
    ]
    if pgspot.returncode and not found:
        found = [f"pgspot ended with {pgspot.returncode}: {pgspot.stderr.strip()}"]
    return found
