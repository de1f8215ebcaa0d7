"""Figures that a health score is made of, good ones and bad ones."""

ALL_BROKEN = "update plumb.drift_weights set first_penalty = 60, max_penalty = 60"


def score(db):
    return db.execute("select score, grade, cap_reason from plumb.score_health()").fetchone()


def report_traffic(db, requests, errors=0, p95_ms=100.0):
    db.execute(
        "insert into plumb.perf_observations (source, route, request_count, error_count, p95_ms,"
        " window_started_at, window_seconds)"
        " values ('test', '*', %s, %s, %s, plumb.current_time() - interval '1 minute', 60)",
        [requests, errors, p95_ms],
    )


def record_backup(db, age, status="valid"):
    db.execute(
        "insert into plumb.backup_validations (backup_name, status, taken_at, started_at)"
        " values (%s, %s, plumb.current_time() - %s::interval, plumb.current_time())",
        [f"backup of {age} ago", status, age],
    )


def make_stock_negative(db):
    db.execute("insert into retail.products (sku, name) values ('NAIL', 'Nails')")
    db.execute("insert into retail.stock (product_id, quantity) values (1, -1)")
