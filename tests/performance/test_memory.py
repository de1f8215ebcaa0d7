"""Growth is called a leak only when enough samples lie on a line that rises."""

import pytest


@pytest.fixture
def samples(db):
    """Return a function that records a sample each half hour of the last six hours."""

    def record(megabytes):
        for number, size in enumerate(megabytes):
            db.execute(
                "insert into plumb.memory_samples (server_bytes, host_available_bytes,"
                " host_total_bytes, sampled_at)"
                " values (%s, 1, 2, now() - make_interval(mins => %s))",
                [round(size * 2**20), 25 * (len(megabytes) - number)],
            )

    return record


def test_steady_growth_is_a_leak(samples, look):
    samples([100 + 20 * n for n in range(14)])

    found = look("memory")
    assert found["status"] == "critical"
    assert "MB/h (fit 1.00)" in found["why"]


def test_few_samples_are_no_verdict(samples, look):
    samples([100, 200, 400])

    assert look("memory")["status"] == "unknown"
    assert "too few" in look("memory")["why"]


def test_scattered_samples_are_noise(samples, look):
    samples([100, 300, 90, 280, 120, 310, 100, 290, 110, 320, 95, 300, 105, 330])

    assert look("memory")["status"] == "ok"


def test_falling_memory_is_no_leak(samples, look):
    samples([400 - 20 * n for n in range(14)])

    assert look("memory")["status"] == "ok"


def test_the_operating_system_is_asked(db):
    assert db.execute("select plumb.sample_memory()").fetchone() == (True,)
    server, available, total = db.execute(
        "select server_bytes, host_available_bytes, host_total_bytes from plumb.memory_samples"
    ).fetchone()

    assert 2**20 < server < total
    assert 0 < available <= total


def test_memory_that_a_session_takes_shows(db, connect):
    read = "select server_bytes from plumb.py_read_memory()"
    before = db.execute(read).fetchone()[0]
    greedy = connect()
    greedy.execute("set work_mem = '200MB'")
    greedy.execute("begin")
    greedy.execute(
        "declare c scroll cursor with hold for select n, repeat('x', 500)"
        " from generate_series(1, 60000) as n order by 2, 1"
    )
    greedy.execute("fetch 1 from c")

    assert db.execute(read).fetchone()[0] > before + 20 * 2**20


def test_what_is_old_goes(db, samples, later):
    samples([100, 200])
    db.execute(
        "insert into plumb.statement_observations (queryid, query, calls, mean_ms, total_ms,"
        " verdict, observed_at) values (1, 'select', 1, 1, 1, 'usual', now())"
    )
    later("400 days")
    db.execute("select plumb.prune_history()")

    assert db.execute("select count(*) from plumb.memory_samples").fetchone() == (0,)
    assert db.execute("select count(*) from plumb.statement_observations").fetchone() == (0,)
