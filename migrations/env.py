"""Runs the revisions on the connection that `plumb migrate` hands over, in its transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="plumb",
    transactional_ddl=True,
)
context.run_migrations()
