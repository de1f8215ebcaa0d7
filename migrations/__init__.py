"""Alembic environment: tables, types, indexes and roles; never a function body."""
