"""Every SQLSTATE of our own, and what it means: the one list that code, HTTP and docs follow."""

SQLSTATES = {
    "PL001": "What was named does not exist.",
    "PL002": "An argument makes no sense.",
    "PL003": "pg_cron cannot keep this interval.",
    "PL004": "It runs already, or another session holds what it needs.",
    "PL005": "It is not in a state in which this is possible.",
    "PL006": "The server could not write or send what was asked for.",
    "PL007": "Code of others changed the session while a relation of theirs was read.",
    "PL008": "A signature is missing, wrong or too old.",
}

# PostgreSQL's own, as Plumbline uses them.
STANDARD_SQLSTATES = {
    "23514": "A commit would violate an enforced invariant.",
    "25006": "Safe mode is engaged, or the session is read only.",
    "40001": "Another transaction was faster; the whole transaction may be tried again.",
    "40P01": "A deadlock ended the transaction; it may be tried again.",
    "55000": "What is append-only cannot be changed.",
    "55P03": "A lock was not free in time; it may be tried again.",
}
