"""Opens the sessions of commands, whatever is set for the database, its server or the role.

A `statement_timeout` of the database would end what takes long, another isolation, encoding or
`search_path` would change what a statement means. The jobs' role has settings of its own for that
(plumb.worker_settings); a command logs in as whom its user names, and sets its session itself.
"""

import re
from typing import Any

import psycopg
from psycopg.rows import scalar_row

from .statements import statement

# In this order: what follows relies on the first two.
SETTINGS = {
    "search_path": "pg_catalog, pg_temp",
    "statement_timeout": "0",
    # What is waited for longer is not coming.
    "lock_timeout": "'60s'",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": "'read committed'",
    "default_transaction_deferrable": "off",
    "jit": "off",
    "row_security": "on",
    "standard_conforming_strings": "on",
    "default_tablespace": "''",
    "default_table_access_method": "heap",
    "quote_all_identifiers": "off",
    "transform_null_equals": "off",
    "array_nulls": "on",
    "exit_on_error": "off",
    "bytea_output": "'hex'",
    "DateStyle": "'ISO, MDY'",
    "IntervalStyle": "'postgres'",
    "extra_float_digits": "1",
}
SETUP = "; ".join(f"set {name} = {value}" for name, value in SETTINGS.items())
# From this version on there is a limit for transactions as well.
TRANSACTION_TIMEOUT_VERSION = 170_000

UTF8_HINT = (
    "Guard a copy: create database NEW template template0 encoding 'UTF8' locale 'C.UTF-8'; then"
    " pg_dump OLD | psql NEW"
)


def open_session(
    url: str, application_name: str, *, autocommit: bool = False, **options: Any
) -> psycopg.Connection[Any]:
    """Connect, and set everything that changes what a statement means or how long it may take.

    Args:
        url: A libpq URL.
        application_name: How the session calls itself in pg_stat_activity.
        autocommit: Whether each statement is a transaction of its own.
        **options: More of libpq's parameters.

    Raises:
        psycopg.Error: The server accepts no session.
    """
    connection = _connect(url, application_name, options)
    given = connection.info.options
    if not re.search(r"\brole\s*=", given) and _is_demoted(connection):
        # Only what a session begins with is what `reset role` goes back to.
        connection.close()
        connection = _connect(url, application_name, options | {"options": f"{given} -c role=none"})
    try:
        connection.execute(SETUP)
        if connection.info.server_version >= TRANSACTION_TIMEOUT_VERSION:
            connection.execute("set transaction_timeout = 0")
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return connection


def _is_demoted(connection: psycopg.Connection[Any]) -> bool:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute(statement(__package__, "is_demoted")).fetchone())


def _connect(url: str, application_name: str, options: dict[str, Any]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        url,
        autocommit=True,
        application_name=application_name,
        client_encoding="UTF8",
        **options,
    )


def encoding_fault(connection: psycopg.Connection) -> str:
    """Return why a database's encoding cannot hold what Plumbline writes, or nothing."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding == "UTF8":
        return ""
    return f"database {connection.info.dbname} is encoded in {encoding}, and Plumbline needs UTF8"
