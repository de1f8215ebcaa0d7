"""The extensions that Plumbline uses where the server offers them."""

import psycopg
from psycopg import sql

from .rows import fetch_value

OPTIONAL_EXTENSIONS = {
    "amcheck": "checks of indexes for corruption are off",
    "plpython3u": (
        "backups, memory trend and reading of the server's log are off;"
        " ./plumb scheduler delivers the alerts"
    ),
    "pg_stat_statements": "slow query detection is off",
    "pg_cron": "./plumb scheduler runs the jobs",
}
HAS_SCHEMA = (
    "select bool_or(schema is not null) from pg_available_extension_versions where name = %s"
)


def install_extensions(raw: psycopg.Connection) -> tuple[list[str], list[str]]:
    """Create what this server offers.

    Args:
        raw: A connection to the database.

    Returns:
        The names of what was created, and of what the server does not offer.
    """
    rows = raw.execute(
        "select name from pg_available_extensions where name = any(%s)",
        [list(OPTIONAL_EXTENSIONS)],
    )
    available = {name for (name,) in rows}
    # pg_cron lives in one database per cluster and refuses to be created in any other.
    # Who may not know in which one finds it in none.
    home = "select max(setting) from pg_settings where name = 'cron.database_name'"
    if fetch_value(raw, home) != raw.info.dbname:
        available.discard("pg_cron")
    if "pg_stat_statements" not in _preloaded(raw):
        available.discard("pg_stat_statements")
    has_public = fetch_value(raw, "select to_regnamespace('public') is not null")
    schema = sql.Identifier("public" if has_public else "plumb")
    there = {name for (name,) in raw.execute("select e.extname from pg_extension as e")}
    for name in sorted(available):
        # Those that have a schema of their own say so in their control file.
        is_bound = fetch_value(raw, HAS_SCHEMA, [name])
        where = sql.SQL("" if is_bound else "schema {}").format(schema)
        command = sql.SQL("create extension if not exists {} {}")
        try:
            with raw.transaction():
                raw.execute(command.format(sql.Identifier(name), where))
        except psycopg.errors.InsufficientPrivilege:
            available.discard(name)
    return sorted(available - there), sorted(set(OPTIONAL_EXTENSIONS) - available)


def _preloaded(raw: psycopg.Connection) -> str:
    """Return what the server loads; nothing where this role may not know."""
    try:
        with raw.transaction():
            names: str = fetch_value(raw, "select current_setting('shared_preload_libraries')")
            return names
    except psycopg.errors.InsufficientPrivilege:
        return ""
