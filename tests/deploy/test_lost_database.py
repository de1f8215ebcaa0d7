"""What a deployment does when its database is lost for good."""

import psycopg
import pytest
from plumbline.cli.deploy import deployment as deploy_module
from plumbline.core.errors import PlumbError
from psycopg import sql


@pytest.fixture
def impatient(hurried, service, monkeypatch):
    """Yield a deployment in this process that waits for a lost database hardly at all."""
    monkeypatch.setattr(deploy_module, "RECONNECT_SECONDS_MAX", 0.2)
    monkeypatch.setattr(deploy_module, "ROLLBACK_PATIENCE_SECONDS", 0.2)
    url = f"{hurried.info.dsn} password={hurried.info.password}"
    return deploy_module.Deployment(service.rollback, url, service.url)


def closing(psql, db):
    """Return a shell command after which nobody reaches the database."""
    name = db.info.dbname
    outside = psql.replace(f"-d {name}", "-d postgres")
    return (
        f"{outside} -c 'alter database {name} allow_connections false'"
        f' -c "select pg_terminate_backend(pid, 5000) from pg_stat_activity'
        f" where application_name = 'plumb deploy' and datname = '{name}'\""
    )


@pytest.fixture
def opened_again(db, cluster_url):
    yield
    with psycopg.connect(cluster_url, autocommit=True) as outside:
        name = sql.Identifier(db.info.dbname)
        outside.execute(sql.SQL("alter database {} allow_connections true").format(name))


def test_what_is_applied_when_the_database_is_lost_for_good_is_said(
    impatient, psql, db, opened_again, service, history
):
    with pytest.raises(PlumbError, match="may be applied and is not watched") as raised:
        impatient.deploy("v2", closing(psql, db), 90, 2, 0.1)

    assert raised.value.exit_code == 2
    assert "--recover" in raised.value.hint
    assert not service.rolled_back.exists()
    assert history() == [("v2", "applying")]


def test_a_rollback_does_not_wait_for_the_database(
    impatient, psql, db, opened_again, service, history, capsys
):
    apply = f"{closing(psql, db)}; exit 1"

    assert impatient.deploy("v2", apply, 90, 2, 0.1) == 1

    assert service.rolled_back.exists()
    assert "the database does not know it" in capsys.readouterr().out
    assert history() == [("v2", "applying")]
