"""Says which revisions of the schema this version has, and configures Alembic to apply them."""

from functools import cache
from importlib.resources import files

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory

from .privileges import Privileges
from .rows import fetch_value

FOLDER = str(files("plumbline.migrations"))


@cache
def _scripts() -> ScriptDirectory:
    # The files do not change while a process runs.
    return ScriptDirectory(FOLDER)


def head_revision() -> str:
    """Return the newest revision that this version has."""
    return _scripts().get_current_head() or ""


def pending_revisions(connection: psycopg.Connection) -> list[str]:
    """Return the revisions that are not applied yet, in their order.

    Args:
        connection: A session in the database that will be migrated.
    """
    applied = None
    if fetch_value(connection, "select to_regclass('plumb.schema_revision') is not null"):
        applied = fetch_value(connection, "select max(version_num) from plumb.schema_revision")
    revisions = (script.revision for script in _scripts().walk_revisions())
    return sorted(name for name in revisions if applied is None or name > applied)


def alembic_config(
    connection: object, shop: str | None = None, rights: Privileges | None = None
) -> Config:
    """Return what Alembic needs to apply revisions.

    Args:
        connection: SQLAlchemy's connection, inside the transaction of the migration.
        shop: The schema of the demo shop, None without it.
        rights: What the installing role may do; None for a superuser.
    """
    config = Config()
    config.set_main_option("script_location", FOLDER)
    config.attributes["connection"] = connection
    config.attributes["demo_schema"] = shop
    config.attributes["privileges"] = rights
    return config
