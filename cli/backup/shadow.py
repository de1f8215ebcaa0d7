"""The shadow that SHADOW_DB_URL names: a database that a drill may drop, and that is marked so.

The mark is `alter database … set plumb.is_shadow = 'on'`, which only an owner or a superuser
sets and which no dump brings along. A drill replaces the database as a whole: a fresh one is
made and marked beside it and takes its name, so that the name never stands for an unmarked
database, whenever the drill is killed.
"""

import contextlib
import hashlib
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ...core.errors import PlumbError
from ...core.explain import first_line
from ...core.output import counted
from ...core.rows import fetch_value
from ...core.session import open_session
from ...core.statements import statement

CONNECT_SECONDS_MAX = 10
FRESH_SUFFIX = "__next"
LOCALE_OPTIONS = ("encoding", "lc_collate", "lc_ctype", "locale_provider", "icu_locale")
HINT = "./plumb backup shadow makes one, or marks an empty database."

IS_MARKED = statement(__package__, "is_marked")
# What identifies a database: the cluster's identity and its own.
IDENTITY = statement(__package__, "identity")


class NoShadow(PlumbError):
    """The drill cannot take place here; that says nothing about the backup."""


class NamedShadow:
    """The database of SHADOW_DB_URL.

    Args:
        shadow_url: SHADOW_DB_URL, as a role that may create databases and roles.
        live_url: DATABASE_URL where it can be reached.
    """

    def __init__(self, shadow_url: str, live_url: str | None) -> None:
        """Name it; nothing is touched yet."""
        self.url = shadow_url
        self._live_url = live_url
        self._is_filled = False

    @property
    def role(self) -> str:
        """The role that a copy is loaded and read by: one for each shadow."""
        digest = hashlib.sha256(_name(self.url).encode()).hexdigest()
        return f"plumb_drill_{digest[:12]}"

    def renew(self, locale: dict[str, str]) -> None:
        """Replace the database by an empty one, and drop the role of the last drill.

        Args:
            locale: The options of `create database` for that of the database that was dumped.

        Raises:
            NoShadow: It cannot be reached, is not marked, or is the live database.
        """
        name = _name(self.url)
        fresh = name + FRESH_SUFFIX
        with maintenance(self.url) as server:
            if database_exists(server, name):
                if not fetch_value(server, IS_MARKED, [name]):
                    raise NoShadow(f"database {name} is not marked as a shadow", HINT)
                if self._live_url:
                    with connect(self.url) as shadow, connect(self._live_url) as live:
                        _refuse_same(shadow, live, name)
            elif not fetch_value(server, IS_MARKED, [fresh]):
                raise NoShadow(f"there is no database {name}", HINT)
            if database_exists(server, fresh):
                if not fetch_value(server, IS_MARKED, [fresh]):
                    raise NoShadow(
                        f"database {fresh} is in the way and not marked", "Rename or drop it."
                    )
                drop_database(server, fresh)
            create_database(server, fresh, locale)
            _mark(server, fresh)
            drop_database(server, name)
            server.execute(
                sql.SQL("alter database {} rename to {}").format(
                    sql.Identifier(fresh), sql.Identifier(name)
                )
            )
            self._drop_role(server)
        self._is_filled = True

    def end_sessions(self) -> None:
        """End the sessions of a drill, so that it ends."""
        with contextlib.suppress(NoShadow, psycopg.Error), maintenance(self.url) as server:
            server.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
                [self.role],
            )

    def discard(self) -> None:
        """Leave an empty database behind, unless its server is gone."""
        with contextlib.suppress(NoShadow, psycopg.Error):
            if self._is_filled:
                self.renew({})

    def keep(self, _copy_url: str) -> str:
        """Leave the copy, without a role that can log in to it. Returns what to print about it."""
        with maintenance(self.url) as server:
            server.execute(
                sql.SQL("alter role {} nologin password null").format(sql.Identifier(self.role))
            )
        return f"The copy stays in database {_name(self.url)} until the next drill."

    def _drop_role(self, server: psycopg.Connection) -> None:
        try:
            server.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(self.role)))
        except psycopg.errors.DependentObjectsStillExist as error:
            raise NoShadow(
                f"role {self.role} has rights beyond the shadow: {error.diag.message_detail}",
                f"Take them away: drop owned by {self.role}; in that database.",
            ) from error


def prepare(shadow_url: str, live_url: str) -> str:
    """Create and mark the shadow; mark one that exists only if it is empty.

    Args:
        shadow_url: SHADOW_DB_URL.
        live_url: DATABASE_URL, which it must not be.

    Returns:
        What was done.

    Raises:
        NoShadow: It is the live database, or holds tables of others.
    """
    name = _name(shadow_url)
    with maintenance(shadow_url) as server:
        if fetch_value(server, IS_MARKED, [name]):
            return f"{name} is a shadow already"
        if not database_exists(server, name):
            create_database(server, name, {})
            _mark(server, name)
            return f"{name} was created and marked as a shadow"
        with connect(shadow_url) as shadow, connect(live_url) as live:
            _refuse_same(shadow, live, name)
            tables = fetch_value(shadow, statement(__package__, "count_tables"))
        if tables:
            raise NoShadow(
                f"database {name} holds {counted(tables, 'table')};"
                " a drill would drop what it holds",
                f"If it may go: alter database {name} set plumb.is_shadow = 'on';",
            )
        _mark(server, name)
    return f"{name} was empty and is marked as a shadow now"


def remove(shadow_url: str) -> None:
    """Drop a database that is marked as a shadow, if it is there."""
    name = _name(shadow_url)
    with maintenance(shadow_url) as server:
        if fetch_value(server, IS_MARKED, [name]):
            drop_database(server, name)


def connect(url: str) -> psycopg.Connection:
    """Open a session of a drill, in which no name is looked up outside pg_catalog.

    Raises:
        NoShadow: The server accepts no session.
    """
    try:
        return open_session(
            url, "plumb backup drill", autocommit=True, connect_timeout=CONNECT_SECONDS_MAX
        )
    except psycopg.Error as error:
        raise NoShadow(
            f"the shadow's server cannot be used: {first_line(error)}",
            "Does SHADOW_DB_URL name a running server?",
        ) from error


@contextlib.contextmanager
def maintenance(url: str) -> Iterator[psycopg.Connection]:
    """Yield a session in the server's database postgres, as the role of a URL."""
    with connect(make_conninfo(url, dbname="postgres")) as server:
        yield server


def create_database(server: psycopg.Connection, name: str, locale: dict[str, str]) -> None:
    """Create an empty database that only its owner may enter.

    Args:
        server: A session of the role that is to own it.
        name: Its name.
        locale: The options of `create database` for its locale; the server's own when it has
            no such locale.
    """
    statement = sql.SQL("create database {} template template0").format(sql.Identifier(name))
    options = [
        sql.SQL(f"{option} {{}}").format(str(locale[option]))
        for option in LOCALE_OPTIONS
        if option in locale
    ]
    try:
        server.execute(sql.SQL(" ").join([statement, *options]))
    except (
        psycopg.errors.InvalidParameterValue,
        psycopg.errors.WrongObjectType,
        psycopg.errors.FeatureNotSupported,
    ):
        server.execute(statement)
    server.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))


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


def database_exists(server: psycopg.Connection, name: str) -> bool:
    """Return whether a server has a database of this name."""
    query = "select exists (select from pg_database where datname = %s)"
    return bool(fetch_value(server, query, [name]))


def _mark(server: psycopg.Connection, name: str) -> None:
    try:
        server.execute(
            sql.SQL("alter database {} set plumb.is_shadow = 'on'").format(sql.Identifier(name))
        )
    except psycopg.errors.InsufficientPrivilege as error:
        user = server.info.user
        raise NoShadow(
            f"role {user} may not mark database {name} as a shadow",
            f"As a superuser there: grant set on parameter plumb.is_shadow to {user};",
        ) from error


def drop_database(server: psycopg.Connection, name: str) -> None:
    """Drop a database and end its sessions, if it is there."""
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
