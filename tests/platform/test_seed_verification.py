"""The guide's psql lines work word for word, in a session that knows nothing of schemas."""

import subprocess

import pytest

DRIFT_SCORE = "SELECT score FROM drift_scores ORDER BY created_at DESC LIMIT 1"
INCIDENTS = "SELECT * FROM incidents WHERE status NOT IN ('RESOLVED','CLOSED')"
TOKEN = "UPDATE system_mode SET override_token = 'your-secret' WHERE id = 1"
TABLES = """
idempotency_keys incidents invariant_violations drift_scores security_events security_blocks
perf_observations backup_validations health_scores executive_reports system_mode deployment_gates
"""


@pytest.fixture
def psql(db):
    """Return a function that runs one command through the real psql."""
    info = db.info
    url = f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"

    def run(command):
        return subprocess.run(
            ["psql", url, "-XAtc", command], capture_output=True, text=True, check=True, timeout=30
        ).stdout.strip()

    return run


def test_the_open_incidents(db, psql):
    assert psql(INCIDENTS) == ""
    db.execute("select open_incident('test', 'x', 'P2', 'something is wrong')")

    assert "something is wrong" in psql(INCIDENTS)


def test_the_drift_score(db, psql):
    assert psql(DRIFT_SCORE) == ""
    db.execute("select * from check_invariants()")

    assert psql(DRIFT_SCORE) == "100.00"


def test_the_override_token(psql):
    assert psql(TOKEN) == "UPDATE 1"
    assert psql("select has_override_token from safe_mode") == "t"


def test_every_table_of_the_guide_is_there(db):
    for table in TABLES.split():
        db.execute(f"select count(*) from {table}")


def test_an_applications_own_names_win(db, psql):
    db.execute("create table public.incidents (note text)")

    assert psql("SELECT * FROM incidents") == ""
    with pytest.raises(subprocess.CalledProcessError):
        psql(INCIDENTS)
