"""Homes and clusters of their own for what is about to be killed, filled or refused."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from plumbline.core.cluster import Cluster
from plumbline.core.host import free_port
from plumbline.core.scratch import scratch_cluster
from psycopg.conninfo import conninfo_to_dict, make_conninfo


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Yield a directory that the service account can enter; pytest's own are closed to it."""
    parent = Path(tempfile.mkdtemp(prefix="plumb-test-"))
    parent.chmod(0o755)
    yield parent / "home"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="module")
def environment(home) -> dict[str, str]:
    """Return an environment in which `up` builds everything under `home`, on free ports."""
    kept = {
        name: value
        for name, value in os.environ.items()
        # With what counts the statements that run, see cli/test/coverage.py.
        if name in ("PATH", "HOME", "LANG") or name.startswith("COVERAGE_")
    }
    return kept | {
        "PLUMB_HOME": str(home),
        "PLUMB_DB_PORT": str(free_port()),
        "PORT": str(free_port()),
    }


@pytest.fixture(scope="module")
def shared_cluster() -> Iterator[Cluster]:
    with scratch_cluster() as made:
        yield made


@pytest.fixture
def cluster(shared_cluster) -> Iterator[Cluster]:
    """Yield a running cluster; its port and settings are put back afterwards."""
    settings = shared_cluster.data / "postgresql.conf"
    text, port = settings.read_text(), shared_cluster.port
    shared_cluster.start()
    yield shared_cluster
    if settings.read_text() != text:
        shared_cluster.stop()
        settings.write_text(text)
    shared_cluster.port = port


@pytest.fixture
def plain_url(db) -> str:
    """Return the test's database as any libpq reads it, without what this session's own adds."""
    known = conninfo_to_dict(db.info.dsn)
    return make_conninfo("", **{n: known[n] for n in ("host", "port", "user", "dbname")})
