"""Lets a database be guarded without the demo shop, and the shop be in any schema."""

from typing import Any

from alembic import op
from plumbline.migrations import execute_sql_beside

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file, and keep in mind where an earlier revision put the shop."""
    execute_sql_beside(__file__)
    config = op.get_context().config
    schema = config.attributes.get("demo_schema") if config else None
    if schema:
        raw: Any = op.get_bind().connection.driver_connection
        raw.execute("insert into plumb.demo (schema_name) values (%s)", [schema])
