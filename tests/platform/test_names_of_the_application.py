"""An application never meets our names: what it creates, drops or looks for is its own."""

import subprocess
import sys

import psycopg
import pytest
from plumbline.core.guide_path import put_guide_on_path
from plumbline.core.migrate import migrate
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

OURS = "select count(*) from pg_class where relnamespace = 'plumb'::regnamespace and relkind = 'r'"
GUIDE_TABLES = (
    "idempotency_keys",
    "incidents",
    "invariant_violations",
    "drift_scores",
    "security_events",
    "security_blocks",
    "perf_observations",
    "backup_validations",
    "health_scores",
    "executive_reports",
    "system_mode",
    "deployment_gates",
    '"AuditLog"',
    '"StockLedger"',
)
ALEMBIC = """
from alembic import command
from alembic.config import Config
config = Config()
config.set_main_option("script_location", sys.argv[1])
config.set_main_option("sqlalchemy.url", sys.argv[2])
command.revision(config, "first", rev_id="first")
command.upgrade(config, "head")
"""


@pytest.fixture
def application(db):
    """Yield a session of an application's superuser on a guarded database, by its own path."""
    name = sql.Identifier(db.info.dbname)
    db.execute(sql.SQL("alter database {} reset search_path").format(name))
    with psycopg.connect(db.info.dsn, autocommit=True) as session:
        yield session


@pytest.fixture
def on_path(db):
    """Yield a session that finds the guide's names without their schema."""
    name = sql.Identifier(db.info.dbname)
    db.execute(sql.SQL("alter database {} reset search_path").format(name))
    put_guide_on_path(db, is_wanted=True)
    with psycopg.connect(db.info.dsn, autocommit=True) as session:
        yield session


def tables(db):
    return db.execute(
        "select array_agg(c.oid::regclass::text order by c.oid) from pg_class as c"
        " inner join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname in ('plumb', 'plumb_guide', 'retail')"
    ).fetchone()[0]


def test_ddl_without_schemas_reaches_nothing_of_ours(db, application):
    before = tables(db)
    names = [
        name
        for (name,) in db.execute(
            "select format('%I', c.relname) from pg_class as c"
            " inner join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname in ('plumb', 'retail') and c.relkind in ('r', 'p', 'v')"
        )
    ]
    for name in names:
        application.execute(f"drop table if exists {name} cascade")
        application.execute(f"create table if not exists {name} (id integer)")
        application.execute(f"alter table {name} add column more text")
        application.execute(f"drop table {name}")

    assert tables(db) == before


@pytest.mark.parametrize("name", GUIDE_TABLES)
def test_the_guides_names_are_found_where_they_are_wanted(on_path, name):
    on_path.execute(f"select * from {name}")


def test_a_drop_by_the_guides_name_reaches_no_table_of_ours(db, on_path):
    before = db.execute(OURS).fetchone()
    for name in GUIDE_TABLES:
        with pytest.raises(errors.WrongObjectType):
            on_path.execute(f"drop table if exists {name} cascade")
        on_path.execute(f"drop view {name}")
    assert db.execute(OURS).fetchone() == before

    migrate(
        make_conninfo(db.info.dsn, password=db.info.password),
        report=lambda _line: None,
        demo_schema="retail",
    )
    on_path.execute("select * from incidents")


def test_alembic_of_the_application_sees_no_revision_of_ours(db, application, tmp_path):
    scripts = tmp_path / "scripts"
    init = subprocess.run(
        [sys.executable, "-m", "alembic", "init", str(scripts)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "done" in init.stdout
    parts = db.info
    target = f"postgresql+psycopg://{parts.user}:{parts.password}@{parts.host}:{parts.port}/{parts.dbname}"
    done = subprocess.run(
        [sys.executable, "-c", "import sys\n" + ALEMBIC, str(scripts), target],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert application.execute("select * from public.alembic_version").fetchall() == [("first",)]


def test_the_guides_views_give_nobody_more_than_the_tables_do(db, connect):
    reader = connect(role="plumb_reader")
    reader.execute("select * from plumb_guide.incidents")
    for name in ("system_mode", "idempotency_keys", '"AuditLog"'):
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(f"select * from plumb_guide.{name}")
    with pytest.raises(errors.InsufficientPrivilege):
        reader.execute("update plumb_guide.incidents set status = 'CLOSED'")
    operator = connect(role="plumb_operator")
    with pytest.raises(errors.InsufficientPrivilege):
        operator.execute("select override_token from plumb_guide.system_mode")
    with pytest.raises(errors.InsufficientPrivilege):
        operator.execute("update plumb_guide.system_mode set mode = 'safe' where id = 1")
    operator.execute("update plumb_guide.system_mode set override_token = 'secret' where id = 1")
