"""What the role that installs Plumbline may do, and the SQL for a role that is no superuser.

The SQL is written for a superuser, who makes roles of our own. Without one, the roles that cannot
be made are all the installing role itself, and what only a superuser may do is left out: it is
listed in the view plumb.capabilities, with what takes its place.
"""

import re
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from .errors import PlumbError
from .rows import fetch_row, fetch_value
from .statements import statement

# Groups that a role with CREATEROLE makes; nothing belongs to them.
GROUPS = ("plumb_reader", "plumb_auditor", "plumb_operator", "plumb_admin")
MEMBERSHIPS = (
    ("plumb_reader", "plumb_auditor"),
    ("plumb_reader", "plumb_operator"),
    ("plumb_operator", "plumb_admin"),
)
# What owns, runs, reads or logs in for us: without a superuser the installing role itself.
OWN = (
    "plumb_owner",
    "plumb_worker",
    "plumb_inspector",
    "plumb_replicator",
    "plumb_api",
    "retail_app",
)
# What these do to roles a superuser alone may, and an installation without one has nothing of it.
LEFT_OUT = ("roles", "0022_inspector", "0037_worker", "0047_inspected_relations")
FOR_SUPERUSERS = re.compile(
    r"^ *comment on role (?:'(?:[^']|'')*'|[^';])*;"
    r"|^ *grant (plumb|pg)_\w+ to \w+;"
    # It would hold for all that the installing role makes, ours or not.
    r"|^alter default privileges for role plumb_owner revoke execute on functions from public;"
    r"|^set session_replication_role = replica$"
    r"|^set local session_replication_role = \w+;",
    re.MULTILINE,
)
EVENT_TRIGGERS = re.compile(
    r"^(drop|create|alter) event trigger [^;]*;|^select plumb\.attach_event_trigger\([^;]*;",
    re.MULTILINE,
)
REVOKED = re.compile(r"^( *revoke\b[^;]*?\bfrom\s+)(\w+(?:\s*,\s*\w+)*)\s*;", re.MULTILINE)
# A name that stands in SQL as it is, also within a string or a comment.
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$-]{0,62}")


@dataclass(frozen=True)
class Privileges:
    """What an installing role may do.

    Args:
        role: Its name.
        is_superuser: Whether it may do everything.
        may_trigger_events: Whether it may create event triggers.
        own_roles: The roles of ours that it stands in for.
    """

    role: str
    is_superuser: bool = True
    may_trigger_events: bool = True
    own_roles: tuple[str, ...] = field(default=())

    def leaves_out(self, name: str) -> bool:
        """Return whether a file is for a superuser only.

        Args:
            name: The file's name without its ending.
        """
        return not self.is_superuser and name in LEFT_OUT

    def translate(self, text: str) -> str:
        """Return SQL as this role can run it.

        Args:
            text: SQL that is written for a superuser.
        """
        if self.is_superuser:
            return text
        text = FOR_SUPERUSERS.sub("", text)
        if not self.may_trigger_events:
            text = EVENT_TRIGGERS.sub("", text)
        text = REVOKED.sub(self._keep_own_rights, text)
        names = "|".join(self.own_roles)
        quoted = '"' + self.role + '"'
        text = re.sub(rf"'({names})'(?=::regrole)", f"'{quoted}'", text)
        text = re.sub(rf"to_regrole\('({names})'\)", f"to_regrole('{quoted}')", text)
        text = re.sub(rf"'({names})'", f"'{self.role}'", text)
        return re.sub(rf"\b({names})\b", quoted, text)

    def _keep_own_rights(self, match: re.Match[str]) -> str:
        """Take nothing from the installing role itself, to which everything belongs."""
        others = [name for name in re.split(r"[\s,]+", match[2]) if name not in self.own_roles]
        return f"{match[1]}{', '.join(others)};" if others else ""


def examine(raw: psycopg.Connection) -> Privileges:
    """Find out what the connected role may do, and make the roles that it can make.

    Args:
        raw: A connection in a transaction.

    Raises:
        PlumbError: It may not install, or another role did.
    """
    role, is_superuser, may_create_roles = fetch_row(
        raw,
        statement(__package__, "installing_role"),
    )
    if is_superuser:
        return Privileges(role)
    if not PLAIN_NAME.fullmatch(role):
        raise PlumbError(
            f"role '{role}' cannot install without being a superuser: its name has other signs"
            " than small letters, digits, underlines and hyphens",
            "Install as a role with a plainer name.",
        )
    if not fetch_value(raw, "select has_database_privilege(current_database(), 'create')"):
        raise PlumbError(
            f"role '{role}' may not create a schema in database {raw.info.dbname}",
            f'An administrator runs: grant create on database {raw.info.dbname} to "{role}";',
        )
    known = _known_roles(raw)
    if known:
        # What was granted to whom stays, whatever roles the server has by now.
        return Privileges(
            role,
            is_superuser=False,
            may_trigger_events=_may_trigger_events(raw),
            # A later version may have another role of its own.
            own_roles=tuple({*OWN, *known}),
        )
    there = {name for (name,) in raw.execute("select rolname::text from pg_roles")}
    if may_create_roles:
        for name in GROUPS:
            if name not in there:
                raw.execute(sql.SQL("create role {} nologin").format(sql.Identifier(name)))
                there.add(name)
        for group, member in MEMBERSHIPS:
            _grant_membership(raw, group, member)
    missing = [name for name in GROUPS if name not in there]
    return Privileges(
        role,
        is_superuser=False,
        may_trigger_events=_may_trigger_events(raw),
        own_roles=(*OWN, *missing),
    )


def _known_roles(raw: psycopg.Connection) -> tuple[str, ...]:
    if not fetch_value(raw, "select to_regclass('plumb.installation') is not null"):
        return ()
    return tuple(fetch_value(raw, "select i.own_roles from plumb.installation as i"))


def record(raw: psycopg.Connection, rights: Privileges) -> None:
    """Note with what rights the code is applied, for what must not miss what they lack.

    Args:
        raw: A connection in the transaction of the migration, after the revisions.
        rights: Those of the installing role.
    """
    raw.execute(
        statement(__package__, "record_rights"),
        [rights.is_superuser, rights.may_trigger_events, list(rights.own_roles)],
    )


def revoke_from_public(raw: psycopg.Connection, rights: Privileges) -> None:
    """Take the right to create in our schemas from all, and what a function is born with.

    A default privilege takes the latter already where a superuser installed.

    Args:
        raw: A connection in the transaction of the migration, after the code was applied.
        rights: Those of the installing role.
    """
    raw.execute(statement(__package__, "revoke_creation"))
    if not rights.is_superuser:
        raw.execute(statement(__package__, "revoke_from_public"))


def _grant_membership(raw: psycopg.Connection, group: str, member: str) -> None:
    query = "select pg_has_role(%s, %s, 'member')"
    if fetch_value(raw, query, [member, group]):
        return
    try:
        with raw.transaction():
            raw.execute(
                sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(member))
            )
    except psycopg.errors.InsufficientPrivilege:
        # Another role made them, and decides.
        return


def _may_trigger_events(raw: psycopg.Connection) -> bool:
    """Try it, for some services allow it to a role that is no superuser."""
    try:
        with raw.transaction(force_rollback=True):
            raw.execute(statement(__package__, "try_event_trigger"))
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def refuse_other_installer(raw: psycopg.Connection) -> None:
    """Refuse a role that did not install what is there: nothing of it would belong to that role.

    Args:
        raw: A connection to the database.

    Raises:
        PlumbError: Another role installed it; the message names it.
    """
    owner = fetch_value(
        raw,
        statement(__package__, "installer"),
    )
    is_superuser = raw.info.parameter_status("is_superuser") == "on"
    name = raw.info.dbname
    if owner is None or owner.strip('"') == ("plumb_owner" if is_superuser else raw.info.user):
        return
    if owner == "plumb_owner":
        raise PlumbError(
            f"a superuser installed Plumbline in database {name}, and '{raw.info.user}' is none",
            "Let DATABASE_URL name a superuser.",
        )
    raise PlumbError(
        f"role {owner} installed Plumbline in database {name}, not '{raw.info.user}'",
        f"Let DATABASE_URL name {owner}, or uninstall as that role and install anew.",
    )


def lacks(raw: psycopg.Connection) -> list[str]:
    """Return what the installing role cannot have, each with what takes its place.

    Args:
        raw: A connection to the migrated database.
    """
    rows = raw.execute(statement(__package__, "lacks")).fetchall()
    return [f"without {capability}: {instead}" for capability, instead in rows]
