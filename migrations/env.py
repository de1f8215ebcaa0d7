"""Runs the revisions on the connection that `plumb migrate` hands over, in its transaction."""

from alembic import context
from plumbline.core.errors import PlumbError

context.configure(
    connection=context.config.attributes["connection"],
    # Not Alembic's own name, by which tools would take it for the application's.
    version_table="schema_revision",
    version_table_schema="plumb",
    transactional_ddl=True,
)
target = str(context.get_revision_argument() or "nothing")
current = context.get_context().get_current_revision()
# Revisions are numbered, so a lower one is an older one.
if current and (target == "nothing" or target < current):
    raise PlumbError(
        f"the database is at revision {current}, {target} was asked for: schemas do not go back",
        "Use the version that made it, or restore a backup from before.",
    )
context.run_migrations()
