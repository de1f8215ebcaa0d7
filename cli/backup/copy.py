"""Prepares an empty database for a copy: a role without rights, and the extensions it needs.

All of this happens before anything of the dump is there, for nothing that a superuser does in a
database is safe from the code of those who made its objects. Afterwards only the role enters it:
it is a member of nothing, owns nothing elsewhere, and may only create objects in this database.
"""

import contextlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ...core.rows import fetch_value
from ...core.statements import statement
from .archive import Entry
from .shadow import NoShadow, connect

CONNECTIONS_MAX = 8
# Extensions that PostgreSQL trusts the owner of a database to install are created; of the others
# only these: they hold types, operators and triggers that tables are made of, and none
# reaches a file, a network or another database for a role without rights.
HARMLESS = frozenset((
    "address_standardizer", "address_standardizer_data_us", "amcheck", "autoinc", "bloom",
    "dict_xsyn", "earthdistance", "h3", "h3_postgis", "hll", "insert_username", "intagg", "ip4r",
    "moddatetime", "periods", "pg_bigm", "pg_hashids", "pg_stat_statements", "pg_uuidv7",
    "pgrouting", "postgis", "postgis_raster", "postgis_sfcgal", "postgis_tiger_geocoder",
    "postgis_topology", "prefix", "refint", "roaringbitmap", "rum", "semver", "temporal_tables",
    "uint", "unit", "vector", "xml2",
))  # fmt: skip
WITH_SCHEMA = re.compile(r' WITH SCHEMA (?:"((?:[^"]|"")+)"|([a-z_][a-z0-9_$]*));')
BUILT_IN_SCHEMAS = ("pg_catalog", "public")


@dataclass
class Copy:
    """A database that is ready for a copy.

    Args:
        url: How the role without rights enters it.
        done: The numbers of entries that need no restoring any more.
        left_out: By the number of the entry, what it does without and why.
        of_extensions: Schema and name of the tables and sequences of its extensions that a dump
            brings rows for.
    """

    url: str
    done: set[int] = field(default_factory=set)
    left_out: dict[int, str] = field(default_factory=dict)
    of_extensions: set[tuple[str, str]] = field(default_factory=set)


def furnish(url: str, role: str, entries: Iterable[Entry], roles: Iterable[str]) -> Copy:
    """Make the role and the extensions.

    Args:
        url: The empty database, as a role that may create roles; best as a superuser.
        role: The name of the role without rights; there is none of that name.
        entries: The dump's contents.
        roles: The roles of the server that was dumped; policies name some.

    Raises:
        NoShadow: The URL's role may not do this.
    """
    entries = list(entries)
    with connect(url) as admin:
        try:
            password = _create_role(admin, role)
            copy = Copy(make_conninfo(url, user=role, password=password))
            if any(entry.kind == "POLICY" for entry in entries):
                _create_missing_roles(admin, roles)
            for entry in entries:
                if entry.kind == "EXTENSION":
                    _create_extension(admin, role, entry, entries, copy)
            _create_amcheck(admin, role)
        except psycopg.errors.InsufficientPrivilege as error:
            raise NoShadow(
                f"no role without rights can be made for the copy: {error.diag.message_primary};"
                " the role of SHADOW_DB_URL needs CREATEDB and CREATEROLE"
            ) from error
    # It is entered only by the role from here on.
    with connect(copy.url) as session:
        _ensure_powerless(session)
    return copy


def _create_role(admin: psycopg.Connection, role: str) -> str:
    name, password = sql.Identifier(role), secrets.token_hex(32)
    verifier = admin.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    admin.execute(
        sql.SQL("create role {} login noinherit connection limit {} password {}").format(
            name, CONNECTIONS_MAX, verifier
        )
    )
    _speak_english(admin, name)
    if _is_superuser(admin):
        admin.execute(sql.SQL("alter schema public owner to {}").format(name))
    else:
        # Else it could neither give it schemas nor end its sessions.
        admin.execute(sql.SQL("grant {} to current_user").format(name))
        admin.execute(sql.SQL("grant all on schema public to {}").format(name))
    admin.execute(
        sql.SQL("grant connect, create, temporary on database {} to {}").format(
            sql.Identifier(admin.info.dbname), name
        )
    )
    return password


def _speak_english(admin: psycopg.Connection, role: sql.Identifier) -> None:
    """Let the server talk English to a role: what it cannot do is recognised by what is said."""
    language = fetch_value(admin, "show lc_messages")
    if language.startswith(("C", "POSIX", "en")):
        return
    try:
        admin.execute(sql.SQL("alter role {} set lc_messages = 'C'").format(role))
    except psycopg.errors.InsufficientPrivilege as error:
        user = admin.info.user
        raise NoShadow(
            f"what the server says in {language} cannot be judged",
            f'grant set on parameter lc_messages to "{user}";',
        ) from error


def _is_superuser(admin: psycopg.Connection) -> bool:
    query = "select rolsuper from pg_roles where rolname = current_user"
    return bool(fetch_value(admin, query))


def _create_missing_roles(admin: psycopg.Connection, roles: Iterable[str]) -> None:
    known = {name for (name,) in admin.execute("select rolname from pg_roles")}
    for role in roles:
        if role not in known:
            admin.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))


def _create_extension(
    admin: psycopg.Connection, role: str, entry: Entry, entries: list[Entry], copy: Copy
) -> None:
    name = entry.tag
    why = _why_not(admin, name)
    if why:
        copy.left_out[entry.dump_id] = f"extension {name} ({why})"
        return
    found = WITH_SCHEMA.search(entry.definition)
    schema = (found[1] or "").replace('""', '"') or found[2] if found else "public"
    if schema not in BUILT_IN_SCHEMAS:
        admin.execute(
            sql.SQL("create schema if not exists {} authorization {}").format(
                sql.Identifier(schema), sql.Identifier(role)
            )
        )
        copy.done |= {e.dump_id for e in entries if e.kind == "SCHEMA" and e.tag == schema}
    try:
        admin.execute(
            sql.SQL("create extension if not exists {} schema {}").format(
                sql.Identifier(name), sql.Identifier(schema)
            )
        )
    except psycopg.Error as error:
        copy.left_out[entry.dump_id] = f"extension {name} ({error.diag.message_primary})"
        return
    copy.done.add(entry.dump_id)
    # A dump brings the rows of the tables that an extension declares its users' own.
    tables = admin.execute(
        statement(__package__, "extension_tables"),
        [name],
    ).fetchall()
    for *table, kind in tables:
        what = sql.SQL("sequence" if kind == "S" else "table")
        copy.of_extensions.add(tuple(table))
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            admin.execute(
                sql.SQL("grant all on {} {} to {}").format(
                    what, sql.Identifier(*table), sql.Identifier(role)
                )
            )


def _why_not(admin: psycopg.Connection, name: str) -> str:
    """Return why an extension of the dump is not created."""
    row = admin.execute(
        statement(__package__, "is_trusted"),
        [name],
    ).fetchone()
    if row is None:
        return "the shadow's server has none"
    return "" if row[0] or name in HARMLESS else "it could reach out of the copy"


def _create_amcheck(admin: psycopg.Connection, role: str) -> None:
    """Create amcheck, out of the dump's way, unless the dump brought it, and let the role call it.

    The tier reports whether it is there.
    """
    query = "select 1 from pg_extension where extname = 'amcheck'"
    if not admin.execute(query).fetchone():
        schema = sql.Identifier(f"plumb_drill_{secrets.token_hex(4)}")
        try:
            with admin.transaction():
                admin.execute(sql.SQL("create schema {}").format(schema))
                admin.execute(sql.SQL("create extension amcheck schema {}").format(schema))
                admin.execute(
                    sql.SQL("grant usage on schema {} to {}").format(schema, sql.Identifier(role))
                )
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported):
            return
    functions = admin.execute(statement(__package__, "amcheck_functions")).fetchall()
    for (function,) in functions:
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            admin.execute(
                sql.SQL("grant execute on function {} to {}").format(
                    sql.SQL(function), sql.Identifier(role)
                )
            )


def _ensure_powerless(session: psycopg.Connection) -> None:
    """Refuse to load anything as a role that can do more than it should."""
    found = session.execute(statement(__package__, "is_powerless")).fetchone()
    if found != (True,):
        raise NoShadow("the role that a copy is loaded by has rights that it should not have")
