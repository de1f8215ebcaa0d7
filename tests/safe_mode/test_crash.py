"""Safe mode after a crash of the server is what the last committed switch said."""

import psycopg
import pytest
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster
from psycopg import errors

ENGAGE = "select plumb.engage_safe_mode('a test', 'ops')"
RELEASE = "update plumb.system_mode set mode = 'normal'"
WRITE = "insert into retail.customers (name) values ('Bob')"


@pytest.fixture
def cluster():
    """Yield a cluster of its own, migrated."""
    with scratch_cluster() as cluster:
        cluster.ensure_database("shop")
        migrate(cluster.url("shop"), report=lambda _line: None, demo_schema="retail")
        yield cluster


def crash(cluster):
    cluster.stop("immediate")
    cluster.start()


def session(cluster, **options):
    return psycopg.connect(cluster.url("shop"), **options)


def is_refused(cluster):
    with session(cluster, autocommit=True) as writer:
        try:
            writer.execute(WRITE)
        except errors.ReadOnlySqlTransaction:
            return True
    return False


@pytest.mark.slow
def test_a_crash_loses_no_switch_and_makes_none(cluster):
    switch = session(cluster)
    switch.execute(ENGAGE)
    crash(cluster)
    assert not is_refused(cluster), "it was not committed"

    with session(cluster) as switch:
        switch.execute(ENGAGE)
    crash(cluster)
    assert is_refused(cluster)

    back = session(cluster)
    back.execute(RELEASE)
    crash(cluster)
    assert is_refused(cluster), "the release was not committed"

    with session(cluster) as switch:
        switch.execute(RELEASE)
    assert not is_refused(cluster)
    with session(cluster) as switch:
        switch.execute(ENGAGE)
    crash(cluster)
    assert is_refused(cluster), "the lowered flag came back"
