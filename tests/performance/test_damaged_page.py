"""A page that something else than PostgreSQL changed is found when it is read, on a real disk."""

import psycopg
import pytest
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster

pytestmark = pytest.mark.slow

# Somewhere in the rows of the first page, far behind its header.
DAMAGED_AT = 8000


@pytest.fixture
def cluster():
    with scratch_cluster() as cluster:
        cluster.ensure_database("damaged")
        migrate(cluster.url("damaged"), report=lambda _line: None, demo_schema="retail")
        yield cluster


def found(session):
    session.execute("select plumb.run_perf()")
    check = session.execute(
        "select status, value::integer from plumb.database_checks"
        " where check_name = 'checksum_failures'"
    ).fetchone()
    incidents = session.execute(
        "select scope, priority from plumb.open_incidents where scope = 'checksum_failures'"
    ).fetchall()
    return check, incidents


def test_a_damaged_page_is_an_incident_until_it_is_repaired(cluster):
    with psycopg.connect(cluster.url("damaged"), autocommit=True) as session:
        session.execute("create table public.ledger as select generate_series(1, 100) as n")
        assert found(session) == (("ok", 0), [])
        path = session.execute("select pg_relation_filepath('public.ledger')").fetchone()[0]
    cluster.stop()
    with (cluster.data / path).open("r+b") as file:
        file.seek(DAMAGED_AT)
        byte = file.read(1)[0]
        file.seek(DAMAGED_AT)
        file.write(bytes([byte ^ 0xFF]))
    cluster.start()

    with psycopg.connect(cluster.url("damaged"), autocommit=True) as session:
        with pytest.raises(psycopg.errors.DataCorrupted, match="invalid page in block 0"):
            session.execute("select count(*) from public.ledger")
        assert found(session) == (("critical", 1), [("checksum_failures", "P1")])

        session.execute("truncate public.ledger")
        session.execute("select pg_stat_reset()")
        assert found(session) == (("ok", 0), [])
