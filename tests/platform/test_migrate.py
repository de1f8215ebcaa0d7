"""`plumb migrate` brings a database to this version in one transaction, or leaves it alone."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command
from plumbline.core import migrate as module
from plumbline.core.errors import PlumbError
from plumbline.core.migrate import migrate
from plumbline.core.revisions import alembic_config, head_revision
from psycopg import sql
from psycopg.conninfo import make_conninfo


def quietly(url):
    lines = []
    migrate(url, report=lines.append, demo_schema="retail")
    return lines


def dump(url, *options):
    """Return pg_dump's text without what names the run, and without the order of the locks."""
    text = subprocess.run(
        ["pg_dump", "--no-password", *options, url],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    text = re.sub(
        r"(?<=^COPY plumb\.locks )(.*?)(?=^\\\.$)",
        lambda block: "\n".join(sorted(block[0].splitlines())),
        text,
        flags=re.M | re.S,
    )
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.M)


@pytest.fixture
def create_database(cluster_url):
    """Return a function that makes an empty database and returns its URL."""
    names = []
    with psycopg.connect(cluster_url, autocommit=True) as server:

        def create(name):
            identifier = sql.Identifier(f"plumb_migrate_{name}")
            server.execute(sql.SQL("drop database if exists {} with (force)").format(identifier))
            server.execute(sql.SQL("create database {}").format(identifier))
            names.append(identifier)
            return make_conninfo(cluster_url, dbname=f"plumb_migrate_{name}")

        yield create
        for name in names:
            server.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture
def url(create_database):
    """Return the URL of an empty database."""
    return create_database("one")


@pytest.fixture
def migrated(db):
    """Return the URL of a database that is migrated already, and holds nothing else."""
    db.execute("drop schema if exists profiler cascade")
    info = db.info
    return make_conninfo(host=info.host, port=info.port, user=info.user, dbname=info.dbname)


def dump_without_view_oids(url):
    """Return what is dumped without the OIDs of our views, which each migration makes anew."""
    with psycopg.connect(url) as session:
        views = [view for (view,) in session.execute("select view_id from plumb.invariants")]
    # Rows that name them stand in another order then.
    return sorted(re.sub(rf"\t({'|'.join(map(str, views))})\b", "\tVIEW", dump(url)).splitlines())


def test_migrating_again_changes_nothing(migrated):
    quietly(migrated)
    before = dump_without_view_oids(migrated)

    quietly(migrated)

    assert dump_without_view_oids(migrated) == before


def test_an_upgrade_from_the_first_revision_equals_a_fresh_install(url, migrated):
    with module._raw_transaction(url) as (connection, raw):
        raw.execute("create schema plumb")
        command.upgrade(alembic_config(connection), "0001")

    quietly(url)

    assert dump(url, "--schema-only") == dump(migrated, "--schema-only")


def test_it_says_where_the_database_stands(url):
    assert quietly(url)[-1] == f"schema at revision {head_revision()}, code applied"

    with psycopg.connect(url) as session:
        assert session.execute("select schema_revision from plumb.releases").fetchall() == [
            (head_revision(),)
        ]


@pytest.mark.parametrize(
    ("creation", "name"),
    [
        ("create function plumb.leftover() returns int language sql as 'select 1'", "leftover()"),
        ("create materialized view plumb.leftover as select 1 as n", "plumb.leftover"),
    ],
)
def test_what_no_file_declares_is_refused_by_name(db, migrated, creation, name):
    db.execute(creation)
    before = dump(migrated)

    with pytest.raises(PlumbError, match=re.escape(name)):
        quietly(migrated)

    assert dump(migrated) == before


def test_a_users_view_on_ours_stops_it_with_its_name(db, migrated):
    db.execute("create view public.my_dashboard as select * from plumb.open_incidents")
    before = dump(migrated)

    with pytest.raises(PlumbError) as error:
        quietly(migrated)

    assert "my_dashboard" in error.value.hint
    assert dump(migrated) == before


@pytest.mark.parametrize("text", ["create view plumb.broken as select;", "selec 1"])
def test_a_broken_file_leaves_everything_as_it_was(migrated, monkeypatch, tmp_path, text):
    broken = tmp_path / "broken.sql"
    broken.write_text(text.replace("select;", "select nothing from nowhere;"))
    files = module.code_files()
    monkeypatch.setattr(module, "code_files", lambda: [*files, broken])
    monkeypatch.setattr(module, "_name", lambda path: path.name)
    before = dump(migrated)

    with pytest.raises(PlumbError, match=r"db/broken\.sql.*nothing was changed"):
        quietly(migrated)

    assert dump(migrated) == before


def test_a_broken_first_install_leaves_an_empty_database(url, monkeypatch, tmp_path):
    before = dump(url)
    broken = tmp_path / "broken.sql"
    broken.write_text("selec 1")
    monkeypatch.setattr(module, "code_files", lambda: [broken])
    monkeypatch.setattr(module, "_name", lambda path: path.name)

    with pytest.raises(PlumbError):
        quietly(url)

    assert dump(url) == before


def test_a_lock_held_by_another_session_is_a_clear_error(migrated, connect, monkeypatch):
    monkeypatch.setattr(module, "LOCK_SECONDS_MAX", 1)
    other = connect(autocommit=False)
    other.execute("select * from plumb.open_incidents")

    with pytest.raises(PlumbError, match="lock timeout") as error:
        quietly(migrated)

    assert "Another session" in error.value.hint


def test_two_migrations_at_once_wait_for_each_other(url):
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(quietly, [url, url]))

    assert [lines[-1] for lines in results] == [
        f"schema at revision {head_revision()}, code applied"
    ] * 2


def test_without_plpython_the_core_works_and_it_says_what_is_off(url, monkeypatch):
    install = module.install_extensions

    def install_without_python(raw):
        created, absent = install(raw)
        raw.execute("drop extension if exists plpython3u")
        kept = [name for name in created if name != "plpython3u"]
        return kept, sorted({*absent, "plpython3u"})

    monkeypatch.setattr(module, "install_extensions", install_without_python)

    lines = quietly(url)

    assert any(line.startswith("without plpython3u: ") for line in lines)
    with psycopg.connect(url) as session:
        statuses = session.execute("select distinct status from plumb.check_invariants()")
        assert statuses.fetchall() == [("holds",)]
        session.execute("select plumb.run_health()")


def test_a_schema_of_somebody_else_that_has_our_name_stops_it_and_stays(url):
    with psycopg.connect(url) as session:
        session.execute("create schema retail")
        session.execute("create table retail.sales (mine text)")

    with pytest.raises(PlumbError, match='schema "retail" already exists') as error:
        quietly(url)

    assert "--schema NAME" in error.value.hint
    with psycopg.connect(url) as session:
        assert session.execute("select to_regnamespace('plumb')").fetchone() == (None,)


def test_going_back_is_refused_clearly(url):
    quietly(url)

    with (
        pytest.raises(PlumbError, match="do not go back") as error,
        module._raw_transaction(url) as (connection, _raw),
    ):
        command.downgrade(alembic_config(connection), "0001")

    assert "backup" in error.value.hint


def test_a_database_newer_than_the_code_is_left_alone(db, migrated):
    db.execute("update plumb.schema_revision set version_num = '9999'")

    with pytest.raises(PlumbError, match=r"at revision 9999.*do not go back"):
        quietly(migrated)


def test_nobody_may_create_anything_in_our_schemas(cluster_url, create_database):
    made_before = create_database("made_before")
    with psycopg.connect(made_before, autocommit=True) as session:
        session.execute("create role mallory; create role accomplice; create role third")
        try:
            session.execute("create schema plumb authorization mallory; set role mallory")
            session.execute("grant all on schema plumb to accomplice with grant option")
            session.execute("set role accomplice; grant all on schema plumb to third, public")
            session.execute("reset role")
            quietly(made_before)
            assert may_create(session) == []

            # As an installation of an earlier version may have it.
            session.execute("set role plumb_owner")
            session.execute("grant create on schema plumb, plumb_rules to third with grant option")
            session.execute("set role third; grant create on schema plumb to public; reset role")
            assert may_create(session) != []
            quietly(made_before)
            assert may_create(session) == []
        finally:
            session.execute("reset role")
            for role in ("third", "accomplice", "mallory"):
                session.execute(f"drop owned by {role}; drop role {role}")


def may_create(session):
    """Return which roles without rights may create objects in our schemas."""
    return session.execute(
        "select r.rolname, n.nspname from pg_roles as r, pg_namespace as n"
        " where r.rolname in ('mallory', 'accomplice', 'third', 'plumb_worker', 'plumb_admin')"
        " and n.nspname like 'plumb%' and has_schema_privilege(r.oid, n.oid, 'create')"
    ).fetchall()


def test_a_restored_dump_works(db, migrated, create_database):
    db.execute("insert into retail.products (sku, name) values ('TEA', 'Tea')")
    db.execute("insert into retail.stock (product_id, quantity) values (1, -1)")
    db.execute("select * from plumb.check_invariants()")
    db.execute("select plumb.engage_safe_mode('before the dump', 'ops')")
    copy = create_database("copy")

    subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", copy],
        input=dump(migrated),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    with psycopg.connect(copy, autocommit=True) as session:
        session.execute("set search_path = ''")
        violated = session.execute(
            "select invariant from plumb.check_invariants() where status = 'violated'"
        ).fetchall()
        assert ("NO_NEGATIVE_STOCK",) in violated
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            session.execute("insert into retail.products (sku, name) values ('CUP', 'Cup')")
    quietly(copy)
    assert dump(copy, "--schema-only") == dump(migrated, "--schema-only")


def test_an_ordinary_user_is_told_what_he_lacks(url, cluster_url, give_password):
    with psycopg.connect(cluster_url, autocommit=True) as server:
        server.execute("drop role if exists plumb_test_nobody")
        server.execute("create role plumb_test_nobody login")
        give_password(server, "plumb_test_nobody")
        try:
            with pytest.raises(PlumbError, match="may not create a schema") as error:
                quietly(make_conninfo(url, user="plumb_test_nobody"))
        finally:
            server.execute("drop role plumb_test_nobody")

    assert "plumb_test_nobody" in str(error.value)


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(PlumbError) as error:
        quietly("postgresql://postgres@127.0.0.1:1/nowhere")

    assert "DATABASE_URL" in error.value.hint


def set_path(url, path):
    with psycopg.connect(url, autocommit=True) as session:
        name = sql.Identifier(session.info.dbname)
        session.execute(
            sql.SQL("alter database {} set search_path = {}").format(name, sql.SQL(path))
        )


def shown_path(url):
    with psycopg.connect(url) as session:
        return session.execute("show search_path").fetchone()[0]


def test_the_search_path_of_a_guarded_database_is_left_alone(url):
    before = shown_path(url)
    quietly(url)
    assert shown_path(url) == before

    set_path(url, "shop, public")
    quietly(url)
    assert shown_path(url) == "shop, public"


def test_the_names_that_earlier_versions_put_on_the_path_go(url):
    set_path(url, "shop, public, retail, plumb")
    quietly(url)
    assert shown_path(url) == "shop, public"

    set_path(url, '"$user", public, retail, plumb')
    quietly(url)
    with psycopg.connect(url) as session:
        settings = session.execute(
            "select count(*) from pg_db_role_setting as s"
            " where s.setrole = 0 and s.setdatabase ="
            " (select d.oid from pg_database as d where d.datname = current_database())"
        ).fetchone()
    assert settings == (0,)


def test_the_guides_names_come_last_once_where_they_are_wanted(url):
    set_path(url, "shop, public")
    for _ in range(2):
        migrate(url, report=lambda _line: None, has_guide_names=True, demo_schema="retail")

    assert shown_path(url) == "shop, public, plumb_guide"


def test_the_environments_intervals_reach_the_jobs(url, monkeypatch):
    monkeypatch.setenv("HEALTH_INTERVAL_MS", "60000")
    quietly(url)

    with psycopg.connect(url) as session:
        assert session.execute("select plumb.setting('health_interval_ms')").fetchone() == (
            "60000",
        )


def test_an_empty_variable_gives_the_setting_its_default_again(url, monkeypatch):
    monkeypatch.setenv("HEALTH_INTERVAL_MS", "60000")
    quietly(url)
    monkeypatch.setenv("HEALTH_INTERVAL_MS", "")
    quietly(url)

    with psycopg.connect(url) as session:
        assert session.execute("select plumb.setting('health_interval_ms')").fetchone() == (
            "300000",
        )


def test_an_interval_that_cron_cannot_express_stops_it_with_its_name_and_value(url, monkeypatch):
    monkeypatch.setenv("HEALTH_INTERVAL_MS", "420000")

    with pytest.raises(PlumbError, match=r"420000 ms \(while reading HEALTH_INTERVAL_MS\)"):
        quietly(url)
