"""The history of jobs is bounded by number too, and reading the last run costs no walk."""

import pytest

KEPT = """
    select string_agg(message, ' ' order by started_at)
    from plumb.job_runs where job_name = %s and result = %s
"""


@pytest.fixture
def record(db):
    """Return a function that records runs of a job, each a minute after the one before."""

    def insert(job_name, result, count):
        db.execute(
            "insert into plumb.job_runs (job_name, started_at, finished_at, result, message)"
            " select %s, t.at, t.at, %s, n from generate_series(1, %s) as n,"
            " lateral (select plumb.current_time() - interval '1 hour'"
            " + make_interval(mins => n)) as t (at)",
            [job_name, result, count],
        )

    return insert


def kept(db, job_name, result):
    return db.execute(KEPT, [job_name, result]).fetchone()[0]


def test_the_newest_successes_of_each_job_are_kept(db, record):
    db.execute("select change_setting('job_successes_max', '2')")
    record("seal", "succeeded", 5)
    record("backup", "succeeded", 1)

    report = db.execute("select prune_history()").fetchone()[0]

    assert "surplus runs: 3" in report
    assert kept(db, "seal", "succeeded") == "4 5"
    assert kept(db, "backup", "succeeded") == "1"


def test_failures_are_kept_by_a_limit_of_their_own(db, record):
    db.execute("select change_setting('job_successes_max', '1')")
    db.execute("select change_setting('job_failures_max', '3')")
    record("seal", "failed", 4)
    record("seal", "succeeded", 4)

    db.execute("select prune_history()")

    assert kept(db, "seal", "failed") == "2 3 4"
    assert kept(db, "seal", "succeeded") == "4"


def test_a_run_that_goes_on_is_never_deleted(db, record):
    db.execute("select change_setting('job_successes_max', '0')")
    record("seal", "running", 1)

    db.execute("select prune_history()")

    assert kept(db, "seal", "running") == "1"


def test_one_pruning_takes_no_more_than_its_limit(db, record):
    db.execute("select change_setting('job_successes_max', '0')")
    db.execute("select change_setting('prune_rows_max', '2')")
    record("seal", "succeeded", 5)

    db.execute("select prune_history()")

    assert kept(db, "seal", "succeeded") == "3 4 5"


def test_the_last_run_of_a_rare_job_is_found_without_walking_through_the_others(db, record):
    record("backup", "succeeded", 1)
    record("seal", "succeeded", 5000)
    db.execute("analyze plumb.job_runs")

    plan = "\n".join(
        line for (line,) in db.execute("explain (analyze) select * from plumb.cron_status")
    )

    assert "job_runs_job_name_job_run_id_idx" in plan
    assert "Rows Removed by Filter" not in plan[plan.index("job_runs_job_name_job_run_id_idx") :]
