"""Short words for what tests of capturing from the WAL do."""

import re

import psycopg

READS_LOG = re.compile(
    r"audit_log|audit_intake|row_history|row_as_of|row_changes|log_of|seal_audit|run_seal|check_audit"
    r"|changes\(|undo_|restore_row|verify_audit"
)
AUDITS = re.compile(r"(?<!un)(?<!re)audit_table\(((?:[^()']|'[^']*')*)\)")
# Whoever else reads what the log shows has no right to read the WAL.
CAPTURES = """
    do $$ begin
        if
            current_setting('is_superuser')::boolean
            and current_setting('transaction_isolation') = 'read committed'
            and not current_setting('transaction_read_only')::boolean
        then
            perform plumb.capture_audit();
        end if;
    end $$
"""


class CapturingCursor(psycopg.Cursor):
    """Lets tables be captured, and reads the WAL before a query reads the log, as the job does."""

    def execute(self, query, *arguments, **options):
        """Run a query."""
        if READS_LOG.search(str(query)):
            super().execute(CAPTURES)
        if isinstance(query, str) and "capture =>" not in query:
            query = AUDITS.sub(r"audit_table(\1, capture => 'wal')", query)
        return super().execute(query, *arguments, **options)


def capture(db):
    """Read the WAL as the job does, until there is nothing more."""
    while True:
        db.execute("update audit_capture set read_seconds = 0")
        message, has_more = db.execute("select * from run_capture()").fetchone()
        if not has_more:
            return message


def rows_of(db, relation, columns="op, record_key, old_row, new_row"):
    """Return what the log says of a table, read from the WAL and sealed, in its order."""
    capture(db)
    db.execute("select seal_audit()")
    return db.execute(
        f"select {columns} from audit_log where relation = %s"
        " and op not in ('BASELINE', 'SNAPSHOT', 'DDL') order by position",
        [relation],
    ).fetchall()


def events(db):
    """Return what of the tables a person must know."""
    return db.execute(
        "select kind, relation, object from audit_findings where cleared_at is null"
        " order by 1, 2, 3"
    ).fetchall()
