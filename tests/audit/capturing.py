"""Short words for what tests of capturing from the WAL do."""


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
