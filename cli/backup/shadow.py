"""The shadow: a database that a drill may throw away, and that says so itself.

The mark is `alter database … set plumb.is_shadow = 'on'`, which only an owner or a superuser
sets and which no dump brings along. A drill replaces the database as a whole: a fresh one is
made and marked beside it and takes its name, so that the name never stands for an unmarked
database, whenever the drill is killed.
"""

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ...core.errors import PlumbError
from ...core.explain import first_line

CONNECT_SECONDS_MAX = 10
FRESH_SUFFIX = "__next"
HINT = "./plumb backup shadow makes one, or marks an empty database."

IS_MARKED = """
    select exists (
        select from pg_db_role_setting as s, unnest(s.setconfig) as c
        where s.setrole = 0
            and s.setdatabase = (select d.oid from pg_database as d where d.datname = %s)
            and c = 'plumb.is_shadow=on'
    )
"""
# What makes a database somebody's: the cluster's identity and its own.
IDENTITY = """
    select (select system_identifier from pg_control_system()),
        (select oid from pg_database where datname = current_database())
"""


class NoShadow(PlumbError):
    """The shadow cannot be used; nothing in it was touched."""


def prepare(shadow_url: str, live_url: str) -> str:
    """Create and mark the shadow; mark one that exists only if it is empty.

    Args:
        shadow_url: SHADOW_DB_URL.
        live_url: DATABASE_URL, which it must not be.

    Returns:
        What was done.

    Raises:
        NoShadow: It is the live database, or holds somebody's tables.
    """
    name = _name(shadow_url)
    with _maintenance(shadow_url) as server:
        if server.execute(IS_MARKED, [name]).fetchone()[0]:
            return f"{name} is a shadow already"
        if not _exists(server, name):
            _create(server, name)
            return f"{name} was created and marked as a shadow"
        with _connect(shadow_url) as shadow, _connect(live_url) as live:
            _refuse_same(shadow, live, name)
            tables = shadow.execute(
                "select count(*) from pg_class as c join pg_namespace as n"
                " on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm')"
                " and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
            ).fetchone()[0]
        if tables:
            raise NoShadow(
                f"database {name} holds {tables} tables; a drill would drop them",
                f"If it may go: alter database {name} set plumb.is_shadow = 'on';",
            )
        _mark(server, name)
    return f"{name} was empty and is marked as a shadow now"


def renew(shadow_url: str, live_url: str | None) -> None:
    """Replace the shadow by an empty one.

    Args:
        shadow_url: SHADOW_DB_URL.
        live_url: DATABASE_URL where it can be reached.

    Raises:
        NoShadow: It cannot be reached, is not marked, or is the live database.
    """
    name = _name(shadow_url)
    fresh = name + FRESH_SUFFIX
    with _maintenance(shadow_url) as server:
        if _exists(server, name):
            if not server.execute(IS_MARKED, [name]).fetchone()[0]:
                raise NoShadow(f"database {name} is not marked as a shadow", HINT)
            if live_url:
                with _connect(shadow_url) as shadow, _connect(live_url) as live:
                    _refuse_same(shadow, live, name)
        elif not server.execute(IS_MARKED, [fresh]).fetchone()[0]:
            raise NoShadow(f"there is no database {name}", HINT)
        if _exists(server, fresh):
            if not server.execute(IS_MARKED, [fresh]).fetchone()[0]:
                raise NoShadow(
                    f"database {fresh} is in the way and not marked", "Rename or drop it."
                )
            _drop(server, fresh)
        _create(server, fresh)
        _drop(server, name)
        server.execute(
            sql.SQL("alter database {} rename to {}").format(
                sql.Identifier(fresh), sql.Identifier(name)
            )
        )


def empty(shadow_url: str) -> None:
    """Leave an empty shadow behind, unless its server is gone."""
    with contextlib.suppress(NoShadow):
        renew(shadow_url, None)


def ensure_roles(shadow_url: str, roles: list[str]) -> list[str]:
    """Create the roles that the dump's objects belong to; nobody can log in as them.

    Returns:
        Those that were missing.
    """
    with _connect(shadow_url) as shadow:
        known = {name for (name,) in shadow.execute("select rolname from pg_roles")}
        missing = [role for role in roles if role not in known]
        for role in missing:
            shadow.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
    return missing


def available_extensions(shadow_url: str) -> set[str]:
    """Return the extensions that the shadow's server has."""
    with _connect(shadow_url) as shadow:
        return {name for (name,) in shadow.execute("select name from pg_available_extensions")}


def open_shadow(shadow_url: str) -> psycopg.Connection:
    """Open a session in the shadow."""
    return _connect(shadow_url)


def _connect(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS_MAX,
            application_name="plumb backup drill",
        )
    except psycopg.Error as error:
        raise NoShadow(
            f"the shadow's server cannot be used: {first_line(error)}",
            "Does SHADOW_DB_URL name a running server?",
        ) from error


@contextlib.contextmanager
def _maintenance(shadow_url: str) -> Iterator[psycopg.Connection]:
    parts = conninfo_to_dict(shadow_url)
    parts["dbname"] = "postgres"
    with _connect(make_conninfo(**parts)) as server:
        yield server


def _name(shadow_url: str) -> str:
    name = str(conninfo_to_dict(shadow_url).get("dbname") or "")
    if not name or name in ("postgres", "template0", "template1"):
        raise NoShadow(
            f"SHADOW_DB_URL names database '{name}', which no drill may drop",
            "Name one of its own.",
        )
    return name


def _refuse_same(shadow: psycopg.Connection, live: psycopg.Connection, name: str) -> None:
    if shadow.execute(IDENTITY).fetchone() == live.execute(IDENTITY).fetchone():
        raise NoShadow(
            f"SHADOW_DB_URL and DATABASE_URL are the same database, {name}",
            "Name another database; a drill replaces it.",
        )


def _exists(server: psycopg.Connection, name: str) -> bool:
    query = "select exists (select from pg_database where datname = %s)"
    return server.execute(query, [name]).fetchone()[0]


def _create(server: psycopg.Connection, name: str) -> None:
    identifier = sql.Identifier(name)
    server.execute(sql.SQL("create database {} template template0").format(identifier))
    server.execute(sql.SQL("revoke connect on database {} from public").format(identifier))
    _mark(server, name)


def _mark(server: psycopg.Connection, name: str) -> None:
    server.execute(
        sql.SQL("alter database {} set plumb.is_shadow = 'on'").format(sql.Identifier(name))
    )


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
