"""What counting 100,000 distinct clients costs: the same admission with limits and without."""

import psycopg

from ..core.migrate import migrate
from ..core.statements import statement
from .lab import Lab, Plan, Row

DESCRIPTION = "admissions of requests from 100,000 clients, limits on against off"

# All that the script may ask for are there from the beginning, as on a busy day.
FILL = statement(__package__, "fill_counters")


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare admissions that are counted with those that are not.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    variants = {
        "limits off": lab.create_database("limits_off", _fill_without_limits),
        "limits on": lab.create_database("limits_on", _fill),
    }
    return lab.compare(variants, "rate_limiter.sql", plan)


def _fill(url: str) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    with psycopg.connect(url) as connection:
        connection.execute(FILL)
        # The limit itself must stay out of the way: a refusal is another path.
        connection.execute("update plumb.rate_limits set requests_max = 1000000000")
        connection.execute("grant usage on schema plumb to retail_app")
        connection.execute("grant execute on function plumb.admit_request to retail_app")


def _fill_without_limits(url: str) -> None:
    _fill(url)
    with psycopg.connect(url) as connection:
        connection.execute("select plumb.change_setting('rate_limits_enabled', 'false')")
