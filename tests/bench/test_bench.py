"""The benchmark's machinery: every variant measured in turn, ratios against the first."""

import json
from argparse import Namespace

import psycopg
import pytest
from plumbline.bench.lab import Lab, Plan, Row
from plumbline.cli import bench
from plumbline.core.errors import PlumbError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

TINY = Plan(rounds=2, seconds=1, clients=(2,))


@pytest.fixture
def lab(monkeypatch, cluster_url):
    """Yield a lab on the tests' own server; the numbers mean nothing there."""
    # The password is in the environment, where libpq looks for it.
    server = conninfo_to_dict(cluster_url) | {"password": None}
    monkeypatch.setenv("PLUMB_BENCH_URL", make_conninfo(**server))
    with bench.laboratory() as laboratory:
        yield laboratory
        laboratory.drop_databases()


def test_a_row_tells_its_median_and_the_range_of_its_ratios():
    shown = Row("guarded", 8, "tps", [90, 80, 70], [0.9, 0.8, 0.5]).as_json()

    assert shown["median"] == 80
    assert shown["ratio"] == {"median": 0.8, "min": 0.5, "max": 0.9}


def test_every_file_of_the_folder_is_a_benchmark():
    found = bench.benchmarks()

    assert {"checkout", "safe_mode_off_cost"} <= set(found)
    assert all(module.DESCRIPTION and callable(module.measure) for module in found.values())


def test_a_file_that_cannot_be_written_stops_before_measuring(tmp_path):
    with pytest.raises(PlumbError, match="cannot be written"):
        bench.run(Namespace(json=tmp_path / "none" / "b.json", only=None, quick=True))


def test_a_measurement_that_fails_leaves_the_results_of_the_last(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMB_BENCH_URL", "postgresql://127.0.0.1:1/none")
    results = tmp_path / "b.json"
    results.write_text("[]")
    with pytest.raises(PlumbError):
        bench.run(Namespace(json=results, only="checkout", quick=True))
    assert results.read_text() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(bench.benchmarks()))
def test_a_benchmark_measures_and_leaves_nothing_behind(lab: Lab, name):
    results = bench.measure(lab, [name], TINY)

    rows = results["benchmarks"][name]["rows"]
    assert all(row["values"] and min(row["values"]) > 0 for row in rows)
    assert rows[0]["ratios"] == []
    assert all(len(row["ratios"]) in (0, TINY.rounds) for row in rows)
    assert results["machine"]["cores"] > 0
    assert json.loads(json.dumps(results)) == results
    assert name in "\n".join(bench.describe(results))
    with psycopg.connect(lab.server_url) as connection:
        left = "select 1 from pg_database where datname like 'plumb_bench%'"
        assert connection.execute(left).fetchone() is None


@pytest.mark.slow
def test_a_failing_transaction_fails_the_benchmark(lab: Lab, tmp_path):
    script = tmp_path / "broken.sql"
    script.write_text("select 1 / 0;\n")
    url = lab.create_database("broken", lambda url: None)

    with pytest.raises(PlumbError, match="pgbench failed"):
        lab.pgbench(url, str(script), 1, 1)
