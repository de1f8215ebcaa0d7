"""Checkouts per second with the audit log, against none, unchained ones and other extensions.

Of those, pgaudit logs statements and no rows, and table_log keeps rows; neither chains anything.
Ours is sealed meanwhile, and what is captured is read from the WAL as well, on the same cores;
`captured, unread` is the writers' share of it. The CPU time of a checkout is that of the server,
sealing and pgbench together.
"""

from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "checkouts: bare, with unchained jsonb audits by hand, ours with sealing, others"
SEAL = "select plumb.run_seal()"
CAPTURE = "select plumb.run_capture(), plumb.run_seal()"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare the shops.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    variants = {
        "bare": shops.bare(lab),
        "unchained": shops.unchained(lab),
        "unchained rows": shops.unchained_rows(lab),
        "audited": shops.audited(lab),
        **shops.captured(lab),
        **shops.others(lab),
    }
    beside = {"audited": SEAL, "captured": CAPTURE}
    return lab.compare(variants, "checkout.sql", plan, beside)
