"""Hands the variables of the environment to the settings and destinations of a database."""

import os

import psycopg

# Destination, and the variables that hold its address and its key.
ALERT_VARIABLES = (
    ("pagerduty", None, "PAGERDUTY_ROUTING_KEY"),
    ("slack", "SLACK_WEBHOOK_URL", None),
    ("webhook", "ALERT_WEBHOOK_URL", "ALERT_WEBHOOK_SECRET"),
    ("executive", "EXECUTIVE_WEBHOOK_URL", "EXECUTIVE_WEBHOOK_SECRET"),
)
WEBHOOK_VARIABLES = (
    ("pagerduty", "PAGERDUTY_WEBHOOK_SECRET"),
    ("slack", "SLACK_SIGNING_SECRET"),
)


def apply_environment(raw: psycopg.Connection) -> None:
    """Hand variables such as INVARIANT_INTERVAL_MS to the settings of the same name.

    An absent variable leaves the setting as it is; an empty one gives it its default again.
    """
    for (name,) in raw.execute("select name from plumb.settings").fetchall():
        value = os.environ.get(name.upper())
        if value is not None:
            try:
                raw.execute("select plumb.change_setting(%s, %s)", [name, value or None])
            except psycopg.Error as error:
                error.add_note(f"while reading {name.upper()}")
                raise


def connect_destinations(raw: psycopg.Connection) -> None:
    """Hand the alert variables to their destinations.

    An absent variable leaves the destination as it is; an empty one disconnects it.
    """
    for destination, url_name, secret_name in ALERT_VARIABLES:
        values = [os.environ.get(name) if name else None for name in (url_name, secret_name)]
        main = values[0] if url_name else values[1]
        if main:
            raw.execute(
                "select plumb.connect_destination(%s, %s, %s)",
                [destination, values[0] or "", values[1] or ""],
            )
        elif main is not None:
            raw.execute("select plumb.disconnect_destination(%s)", [destination])
    for destination, name in WEBHOOK_VARIABLES:
        secret = os.environ.get(name)
        if secret is not None:
            raw.execute("select plumb.receive_acknowledgements(%s, %s)", [destination, secret])
