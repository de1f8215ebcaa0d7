"""An archiver that fails is found by what waits for it; it takes a server of its own."""

import psycopg
import pytest
from plumbline.core.migrate import migrate
from plumbline.core.scratch import SETTINGS, scratch_cluster

pytestmark = pytest.mark.slow

ARCHIVING = {"archive_mode": "on", "archive_command": "false"}


@pytest.fixture(scope="module")
def archiving_db():
    """Yield a superuser's session on a server whose archive_command fails."""
    with scratch_cluster(SETTINGS | ARCHIVING) as cluster:
        cluster.ensure_database("archived")
        migrate(cluster.url("archived"), report=lambda _line: None, demo_schema="retail")
        with psycopg.connect(cluster.url("archived"), autocommit=True) as session:
            yield session


def look(session):
    return session.execute(
        "select c.status, c.why from plumb.check_wal_archiving() as c"
    ).fetchone()


def test_wal_that_cannot_be_archived_is_found_until_it_can(archiving_db):
    archiving_db.execute("create table public.written ()")
    archiving_db.execute("select pg_switch_wal()")
    later = "select set_config('plumb.current_time', (now() + interval '2 minutes')::text, false)"
    archiving_db.execute(later)
    status, why = look(archiving_db)
    assert status == "warning"
    assert " waits, last archived none" in why

    archiving_db.execute("alter system set archive_command = 'true'")
    archiving_db.execute("select pg_reload_conf()")
    for _ in range(1500):
        if look(archiving_db)[0] == "ok":
            break
        archiving_db.execute("select pg_sleep(0.1)")
    assert look(archiving_db)[0] == "ok"
