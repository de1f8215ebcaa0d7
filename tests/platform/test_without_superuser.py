"""A role that is no superuser guards its database: what it cannot have is named, the rest works."""

import subprocess
from collections.abc import Iterator

import psycopg
import pytest
from plumbline.cli.attach.catalog import read_tables
from plumbline.cli.doctor import database
from plumbline.cli.uninstall import uninstall
from plumbline.core.cluster import Cluster
from plumbline.core.errors import PlumbError
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster
from psycopg import errors

# Shaped like the administrators that managed services hand out (RDS and Cloud SQL alike), and like
# an owner with no more than its database. A name is no plain identifier.
INSTALLERS = {
    "owner": "nocreaterole",
    "rds": "createrole createdb in role rds_superuser",
    "azure": "createrole createdb replication in role azure_pg_admin",
    "supabase": "createrole createdb replication bypassrls"
    " in role pg_monitor, pg_signal_backend, pg_read_all_data",
    "neon-owner": "createrole createdb replication bypassrls in role neon_superuser",
}
# What the service gives all of them, and what it keeps in their databases for itself.
SERVICES = """
    create role rds_superuser in role pg_monitor, pg_signal_backend;
    create role azure_pg_admin in role pg_monitor, pg_signal_backend, pg_read_all_settings;
    create role neon_superuser in role pg_read_all_data, pg_write_all_data, pg_monitor;
"""
OF_THE_SERVICE = """
    create schema auth;
    create table auth.users (id integer primary key, email text, encrypted_password text);
    grant usage on schema auth to public;
    grant select on auth.users to public;
    create function auth.look() returns event_trigger language plpgsql as 'begin end';
    create event trigger of_the_service on ddl_command_end execute function auth.look();
    alter database db_supabase set search_path = "$user", public, extensions;
"""
APPLICATION = """
    create schema sales;
    create table sales.orders (id integer primary key, total integer, status text);
    insert into sales.orders select n, n, 'OPEN' from generate_series(1, 20) as n;
    create view sales.wrong_orders as
    select id as subject, 'a negative total' as explanation from sales.orders where total < 0;
"""
GUARD = """
    select plumb.change_setting('guarded_schemas', 'sales');
    select plumb.audit_table('sales.orders');
    select plumb.declare_invariant('ORDERS', 'sales.wrong_orders', 'P1', 'No total is negative.');
    select plumb.watch_table('ORDERS', 'sales.orders', 'id');
    select plumb.change_setting('safe_mode_auto_enabled', 'false');
"""


def url_of(server: Cluster, name: str) -> str:
    return server.url(f"db_{name}", user=name)


def dump(server: Cluster, name: str) -> str:
    program = str(server.programs / "pg_dump")
    done = subprocess.run(
        [program, url_of(server, name)], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if "restrict" not in line)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Cluster, dict[str, str]]]:
    """Yield a server, and the dump of each database before it was guarded."""
    # pg_cron lives in another database of it, and not everybody may see the server's settings.
    with scratch_cluster() as made:
        dumps = {}
        with psycopg.connect(made.url("postgres"), autocommit=True) as admin:
            admin.execute(SERVICES)
            for name, attributes in INSTALLERS.items():
                admin.execute(f'create role "{name}" login {attributes}')
                admin.execute(f'create database "db_{name}" owner "{name}"')
        with psycopg.connect(made.url("db_supabase"), autocommit=True) as admin:
            admin.execute(OF_THE_SERVICE)
        for name in INSTALLERS:
            with psycopg.connect(url_of(made, name), autocommit=True) as session:
                session.execute(APPLICATION)
            dumps[name] = dump(made, name)
            migrate(url_of(made, name), report=lambda _line: None)
            with psycopg.connect(url_of(made, name), autocommit=True) as session:
                session.execute(GUARD)
        yield made, dumps


@pytest.fixture(params=INSTALLERS)
def app(server, request) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url_of(server[0], request.param), autocommit=True) as session:
        yield session


def one(session: psycopg.Connection, query: str) -> object:
    row = session.execute(query).fetchone()
    return row[0] if row else None


def test_the_doctor_finds_the_code_as_it_was_translated(server, app):
    found = {
        finding.subject: finding for finding in database.look(url_of(server[0], app.info.user))
    }

    assert found["functions"].status == "ok", found["functions"]
    assert found["capabilities"].status == "warning"


def test_a_violation_is_found_scored_and_cleared(app):
    app.execute("update sales.orders set total = -1 where id = 3")
    assert one(app, "select plumb.verify() ->> 'result'") == "violated"
    assert one(app, "select count(*) from plumb.open_incidents where scope = 'ORDERS'") == 1

    app.execute("update sales.orders set total = 3 where id = 3")

    assert one(app, "select plumb.verify() ->> 'result'") == "holds"
    assert one(app, "select count(*) from plumb.open_incidents where scope = 'ORDERS'") == 0


def test_safe_mode_refuses_writes_and_ends(app):
    app.execute("select plumb.engage_safe_mode('a test', 'ops')")
    with pytest.raises(errors.ReadOnlySqlTransaction):
        app.execute("insert into sales.orders values (100, 1)")
    app.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    app.execute("select plumb.disengage_safe_mode('s3cret', 'ops')")

    app.execute("insert into sales.orders values (100, 1)")
    app.execute("delete from sales.orders where id = 100")


def test_every_job_runs_and_the_log_verifies(app):
    app.execute("call plumb.run_due_jobs()")

    failed = app.execute(
        "select r.job_name, r.message from plumb.job_runs as r where r.result <> 'succeeded'"
    ).fetchall()
    assert failed == []
    assert app.execute("select * from plumb.verify_audit()").fetchall() == []
    assert one(app, "select count(*) from plumb.open_findings where priority in ('P1', 'P2')") == 0


def test_a_change_behind_the_triggers_is_found(app):
    app.execute("alter table sales.orders disable trigger all")
    app.execute("update sales.orders set status = 'STOLEN' where id = 4")
    app.execute("alter table sales.orders enable trigger all")

    app.execute("select plumb.run_audit_check(true)")

    found = app.execute("select f.* from plumb.open_findings as f").fetchall()
    assert any("row_differs" in row and "sales.orders" in row and "4" in row for row in found), (
        found
    )
    app.execute("update sales.orders set status = 'OPEN' where id = 4")


@pytest.mark.parametrize("app", ["supabase"], indirect=True)
def test_what_the_service_keeps_for_itself_is_not_proposed(app):
    tables = {table.name: table for table in read_tables(app, None)}

    assert tables["sales.orders"].is_business
    assert not tables["auth.users"].is_business


def test_without_event_triggers_the_catalog_is_compared(app):
    if one(app, "select plumb.has_event_triggers()"):
        pytest.skip("this role may create event triggers")
    app.execute("create table sales.fresh (id integer primary key)")
    app.execute("alter table sales.orders rename column status to state")
    app.execute("alter table sales.orders add column extra integer")

    app.execute("call plumb.run_job('catalog', true)")

    guarded = "select obeys_safe_mode from plumb.guarded where relation = 'sales.fresh'"
    assert one(app, guarded) is True
    app.execute("insert into sales.orders values (200, 1, 'OPEN', 2)")
    app.execute("select plumb.seal_audit()")
    logged = "select new_row ->> 'state' from plumb.audit_log where record_key = '200'"
    assert one(app, logged) == "OPEN"


def test_what_cannot_be_had_is_named_with_what_takes_its_place(app):
    lacks = dict(
        app.execute(
            "select capability, instead from plumb.capabilities where not is_available"
        ).fetchall()
    )

    assert {"event triggers", "plpython3u", "jobs by pg_cron", "roles of its own"} <= set(lacks)
    assert all(lacks.values())
    assert "./plumb scheduler" in lacks["jobs by pg_cron"]


def test_nobody_else_may_do_anything_with_it(app):
    granted = app.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a"
        " inner join pg_namespace as n on n.oid = p.pronamespace"
        " where n.nspname in ('plumb', 'plumb_rules', 'plumb_guide') and a.grantee = 0"
    ).fetchall()
    assert granted == []
    assert one(app, "select has_schema_privilege('public', 'plumb', 'usage')") is False


def test_the_installing_role_is_left_as_it_was(app):
    name = app.info.user
    assert one(app, f"select rolcanlogin from pg_roles where rolname = '{name}'") is True
    assert (
        app.execute(
            "select s.setconfig from pg_db_role_setting as s"
            " inner join pg_roles as r on r.oid = s.setrole where r.rolname = current_user"
        ).fetchall()
        == []
    )
    assert (
        app.execute(
            "select d.defaclobjtype from pg_default_acl as d where d.defaclnamespace = 0"
        ).fetchall()
        == []
    )


@pytest.mark.parametrize("app", ["owner", "supabase"], indirect=True)
def test_migrating_again_changes_nothing(server, app):
    migrate(url_of(server[0], app.info.user), report=lambda _line: None)

    assert one(app, "select plumb.verify() ->> 'result'") == "holds"
    assert one(app, "select count(*) from plumb.invariants") == 1


def test_another_role_or_a_superuser_does_not_take_it_over(server):
    with pytest.raises(PlumbError, match="installed Plumbline in database"):
        migrate(server[0].url("db_owner"), report=lambda _line: None)


def test_a_role_that_may_create_no_schema_is_told_what_to_run(server):
    cluster = server[0]
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute("create role clerk login")
    with pytest.raises(PlumbError, match="may not create a schema") as refused:
        migrate(cluster.url("postgres", user="clerk"), report=lambda _line: None)
    assert "grant create on database" in refused.value.hint


def test_it_can_be_taken_out_again(server, app):
    cluster, dumps = server
    app.execute("drop table if exists sales.fresh")
    app.execute("delete from sales.orders where id > 20")
    name = app.info.user

    assert uninstall(url_of(cluster, name), lambda _line: None) == 0

    assert one(app, "select to_regnamespace('plumb') is null") is True
    triggers = "select count(*) from pg_trigger where starts_with(tgname, 'plumb')"
    assert one(app, triggers) == 0
    assert dumps[name].count("CREATE TABLE") == dump(cluster, name).count("CREATE TABLE")
