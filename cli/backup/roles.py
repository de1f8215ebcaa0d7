"""Roles belong to a server and stand in no dump: they are kept beside it and made again.

What is written about them holds the hashes of their passwords, so it is a file of its own, as
private as the dump and encrypted like it, and not a part of the manifest.
"""

import contextlib
from typing import Any

import psycopg
from psycopg import sql

from ...core.rows import fetch_value
from ...core.statements import statement

ATTRIBUTES = ("superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls")


def describe(session: psycopg.Connection) -> dict[str, Any]:
    """Return the server's roles with all that belongs to them, as JSON.

    Args:
        session: A session on the database that is dumped; password hashes are left out where it
            may not read them.
    """
    described: dict[str, Any] = fetch_value(session, statement(__package__, "server_roles"))
    described["passwords"] = {}
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege), session.transaction():
        described["passwords"] = fetch_value(session, statement(__package__, "role_passwords"))
    return described


def create(session: psycopg.Connection, described: dict[str, Any]) -> list[str]:
    """Make the roles that a server lacks; those that it has stay as they are.

    Args:
        session: A superuser's session on the server.
        described: What describe() returned.

    Returns:
        The names of the roles that were made.
    """
    there = {name for (name,) in session.execute("select rolname from pg_catalog.pg_roles")}
    made = [role for role in described["roles"] if role["name"] not in there]
    for role in made:
        words = [attribute if role[attribute] else f"no{attribute}" for attribute in ATTRIBUTES]
        words.append(f"connection limit {int(role['connection_limit'])}")
        name = sql.Identifier(role["name"])
        session.execute(sql.SQL("create role {} {}").format(name, sql.SQL(" ".join(words))))
        for option, value in (
            ("password", described["passwords"].get(role["name"])),
            ("valid until", role["valid_until"]),
        ):
            if value is not None:
                session.execute(sql.SQL("alter role {} {} {}").format(name, sql.SQL(option), value))
        if role["description"]:
            session.execute(sql.SQL("comment on role {} is {}").format(name, role["description"]))
    names = {role["name"] for role in made}
    for membership in described["memberships"]:
        # A role that was there keeps the memberships that its server gave it.
        if membership["member"] in names:
            session.execute(
                sql.SQL("grant {} to {}{}").format(
                    sql.Identifier(membership["role"]),
                    sql.Identifier(membership["member"]),
                    sql.SQL(" with admin option" if membership["admin"] else ""),
                )
            )
    return sorted(names)


def apply_settings(session: psycopg.Connection, described: dict[str, Any], made: list[str]) -> None:
    """Set what `alter database … set` and `alter role … set` had set.

    Args:
        session: A superuser's session on the restored database.
        described: What describe() returned.
        made: The roles that create() made; only theirs are set for the whole server.
    """
    database = sql.Identifier(session.info.dbname)
    for entry in described["settings"]:
        role = entry["role"] and sql.Identifier(entry["role"])
        if entry["ofDatabase"]:
            target = sql.SQL("role {} in database {}").format(role, database) if role else None
            target = target or sql.SQL("database {}").format(database)
        elif entry["role"] in made:
            target = sql.SQL("role {}").format(role)
        else:
            continue
        for setting in entry["settings"]:
            name, _, value = setting.partition("=")
            # A list is kept as it is written after the equals sign.
            session.execute(
                sql.SQL("select pg_catalog.set_config({}, {}, false)").format(name, value)
            )
            session.execute(
                sql.SQL("alter {} set {} from current").format(
                    target, sql.SQL(".").join(map(sql.Identifier, name.split(".")))
                )
            )
            session.execute(
                sql.SQL("reset {}").format(sql.SQL(".").join(map(sql.Identifier, name.split("."))))
            )
