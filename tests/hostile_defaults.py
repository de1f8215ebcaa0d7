"""Defaults of a database that would change what a statement means or how long it may take."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

DEFAULTS = (
    "statement_timeout = '300ms'",
    "lock_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '50ms'",
    "idle_session_timeout = '200ms'",
    "default_transaction_read_only = on",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_deferrable = on",
    "row_security = off",
    "search_path = ''",
    "client_encoding = 'LATIN1'",
    "standard_conforming_strings = off",
    "quote_all_identifiers = on",
    "transform_null_equals = on",
    "bytea_output = 'escape'",
    "DateStyle = 'German, DMY'",
    "IntervalStyle = 'iso_8601'",
    "TimeZone = 'Pacific/Chatham'",
    "extra_float_digits = -15",
    "xmlbinary = 'hex'",
    "xmloption = 'document'",
    "array_nulls = off",
    "session_replication_role = 'replica'",
    "default_toast_compression = 'lz4'",
    "plan_cache_mode = 'force_generic_plan'",
    "lc_messages = 'C'",
    "lc_numeric = 'C'",
    "check_function_bodies = off",
    "plpgsql.variable_conflict = 'use_variable'",
)


@contextmanager
def hostile_defaults(session: psycopg.Connection) -> Iterator[None]:
    """Set all of them for a session's database; the session itself keeps its own."""
    name = sql.Identifier(session.info.dbname)
    for default in DEFAULTS:
        session.execute(sql.SQL("alter database {} set " + default).format(name))
    try:
        yield
    finally:
        session.execute(sql.SQL("alter database {} reset all").format(name))


# What else a session may set for itself; what ends it or its writes is left out.
OF_A_SESSION = (
    *(default for default in DEFAULTS if "timeout" not in default and "read_only" not in default),
    "plpgsql.extra_errors = 'all'",
    "plpgsql.check_asserts = off",
    "restrict_nonsystem_relation_kind = 'view, foreign-table'",
    "constraint_exclusion = on",
    "plumb.audit_attaching = 'on'",
    "plumb.audit_dismantling = 'on'",
    "plumb.audit_truncating = 'own.part'",
    "plumb.\"current_time\" = '2001-01-01'",
)


def set_all(session: psycopg.Connection) -> None:
    """Set for a session of any role what it may set."""
    # Its settings are known once it has run.
    session.execute("do language plpgsql 'begin end'")
    known = session.execute("select lower(name) from pg_settings where context = 'user'")
    names = {name for (name,) in known}
    for setting in OF_A_SESSION:
        if setting.partition(" ")[0].lower() in names or setting.startswith("plumb."):
            session.execute(f"set {setting}")
