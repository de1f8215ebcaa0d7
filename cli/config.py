"""Placeholder until the entry point lands: where the guarded database is."""

import os

from plumbline.cli.errors import PlumbError


def database_url() -> str:
    """Return DATABASE_URL, or complain."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise PlumbError("DATABASE_URL is not set", "export DATABASE_URL=postgresql://…")
    return url
