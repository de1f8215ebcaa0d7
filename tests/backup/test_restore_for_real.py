"""A backup becomes a database again: on a server that has nothing, with roles, logins and jobs."""

import json
import re
import sys

import psycopg
import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.backup import store
from plumbline.cli.backup.recover import Recovery
from plumbline.cli.manual import JSON_FIELDS
from plumbline.core.errors import PlumbError
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster, tcp_url
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


@pytest.fixture(scope="module")
def empty_server():
    """Yield the superuser's URL of a server that has only what initdb makes."""
    with scratch_cluster() as cluster:
        yield tcp_url(cluster, "postgres")


@pytest.fixture
def shop_of_an_owner(backups):
    """Yield the shop's backups, with a role that logs in, owns a table and has settings."""
    db = backups.db
    name = sql.Identifier(db.info.dbname)
    db.execute("create role app_lead nologin")
    db.execute("create role app_owner login createdb password 's3cret' in role app_lead")
    db.execute("create schema app authorization app_owner")
    db.execute("create table app.item (id integer primary key, name text)")
    db.execute("alter table app.item owner to app_owner")
    db.execute("insert into app.item select n, 'item ' || n from generate_series(1, 1000) as n")
    db.execute("select plumb.audit_table('app.item')")
    db.execute("alter role app_owner set work_mem = '9MB'")
    db.execute(
        sql.SQL("alter role app_owner in database {} set search_path = app, public").format(name)
    )
    db.execute(sql.SQL("alter database {} set datestyle = 'German, DMY'").format(name))
    yield backups
    db.execute("drop owned by app_owner cascade; drop role app_owner; drop role app_lead")


def restored(server_url, name):
    return make_conninfo(server_url, dbname=name)


def test_all_of_it_comes_back_on_an_empty_server(
    shop_of_an_owner, empty_server, monkeypatch, capfd
):
    backup = shop_of_an_owner.make()
    target = restored(empty_server, "again")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("BACKUP_DIR", str(backup.path.parent))

    # A password has no place among a command's arguments.
    named = conninfo_to_dict(target)
    monkeypatch.setenv("PGPASSWORD", named.pop("password"))

    code = main(["backup", "restore", backup.name, "--to", make_conninfo(**named), "--json"])

    said = capfd.readouterr()
    printed = json.loads(said.out)
    assert ([*printed], code) == ([*JSON_FIELDS["backup restore"]], 0)
    assert any("database again made" in line for line in printed["messages"])
    # Who waits sees how far it is, and what is done last.
    for shown in ("reading the backup.*left", "restoring: indexes and constraints.*left"):
        assert re.search(shown, said.err)
    with psycopg.connect(target, autocommit=True) as session:
        assert session.execute("select count(*) from app.item").fetchone() == (1000,)
        owner = "select tableowner from pg_tables where schemaname = 'app'"
        assert session.execute(owner).fetchone() == ("app_owner",)
        assert session.execute("show datestyle").fetchone() == ("German, DMY",)
        login = "select rolcanlogin from pg_roles where rolname = 'plumb_worker'"
        assert session.execute(login).fetchone() == (True,)
        session.execute("select plumb.seal_audit()")
        assert session.execute("select * from plumb.verify_audit()").fetchall() == []
        assert session.execute("select plumb.verify() -> 'driftScore'").fetchone()[0] == 100
    with psycopg.connect(target, user="app_owner", password="s3cret") as application:
        assert application.execute("show work_mem").fetchone() == ("9MB",)
        assert application.execute("select count(*) from item").fetchone() == (1000,)
        application.execute("insert into item values (1001, 'new')")
        member = "select pg_has_role('app_lead', 'member')"
        assert application.execute(member).fetchone() == (True,)


def test_a_database_that_holds_anything_is_refused(shop_of_an_owner, empty_server):
    backup = shop_of_an_owner.make()
    with psycopg.connect(empty_server, autocommit=True) as server:
        server.execute("drop database if exists taken")
        server.execute("create database taken")
    target = restored(empty_server, "taken")
    with psycopg.connect(target) as session:
        session.execute("create table public.mine (id integer)")

    with pytest.raises(PlumbError, match="holds 1 table"):
        Recovery(backup, target, print).run()
    with psycopg.connect(target) as session:
        session.execute("select * from public.mine")


def test_a_damaged_backup_touches_nothing(shop_of_an_owner, empty_server):
    backup = shop_of_an_owner.make()
    dump = backup.path / backup.manifest()["file"]
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)

    with pytest.raises(PlumbError, match="damaged"):
        Recovery(backup, restored(empty_server, "damaged"), print).run()
    with psycopg.connect(empty_server) as server:
        there = "select count(*) from pg_database where datname = 'damaged'"
        assert server.execute(there).fetchone() == (0,)


def test_the_servers_own_databases_are_refused(shop_of_an_owner, empty_server):
    backup = shop_of_an_owner.make()
    with pytest.raises(PlumbError, match="the server's own"):
        Recovery(backup, empty_server, print).run()


def test_roles_that_a_server_has_stay_as_they_are(shop_of_an_owner, empty_server):
    with psycopg.connect(empty_server, autocommit=True) as server:
        server.execute(
            "do $$ begin create role app_owner nologin;"
            " exception when duplicate_object then alter role app_owner nologin; end $$"
        )
    Recovery(shop_of_an_owner.make(), restored(empty_server, "kept"), print).run()

    with psycopg.connect(empty_server, autocommit=True) as server:
        login = "select rolcanlogin from pg_roles where rolname = 'app_owner'"
        assert server.execute(login).fetchone() == (False,)


def test_an_encrypted_backup_keeps_no_role_in_the_clear(shop_of_an_owner, empty_server, make_key):
    shop_of_an_owner.key_id = make_key("ops@example.com")
    backup = shop_of_an_owner.make()

    names = {path.name for path in backup.path.iterdir()}
    assert "roles.json.gpg" in names
    assert "roles.json" not in names
    assert b"SCRAM" not in (backup.path / "roles.json.gpg").read_bytes()
    Recovery(backup, restored(empty_server, "decrypted"), print).run()


def test_a_role_without_login_or_membership_is_made_whole_by_a_migration(db):
    db.execute("alter role plumb_worker nologin; revoke plumb_reader from plumb_api")
    migrate(
        make_conninfo(db.info.dsn, password=db.info.password),
        report=lambda _line: None,
        demo_schema="retail",
    )

    assert db.execute(
        "select r.rolcanlogin, pg_has_role('plumb_api', 'plumb_reader', 'member')"
        " from pg_roles as r where r.rolname = 'plumb_worker'"
    ).fetchone() == (True, True)


def test_an_extension_that_is_on_record_and_not_there_is_created(db):
    db.execute("insert into plumb.installed_extensions values ('amcheck') on conflict do nothing")
    db.execute("drop extension amcheck")

    migrate(
        make_conninfo(db.info.dsn, password=db.info.password),
        report=lambda _line: None,
        demo_schema="retail",
    )

    there = "select count(*) from pg_extension where extname = 'amcheck'"
    assert db.execute(there).fetchone() == (1,)


def test_what_rules_refer_to_is_looked_up_by_name_in_a_copy(db):
    """The numbers of the original mean other relations there."""
    kept = "select invariant, places from rules order by 1"
    watched = (
        "select invariant, relation, key_column, view_column from invariant_watches order by 1"
    )
    named = "select name, view_name, view_id::regclass::text from invariants order by 1"
    before = [db.execute(query).fetchall() for query in (kept, watched, named)]
    assert before[0] != []
    db.execute("update invariants set view_origin = 'another/1', view_id = 'incidents'::regclass")
    db.execute("update invariant_watches set relation_id = 'incidents'::regclass, key_number = 1")
    db.execute(
        "update rules set places = (select jsonb_object_agg(key, value ||"
        " jsonb_build_object('oid', 'plumb.invariant_checks'::regclass::oid::bigint))"
        " from jsonb_each(places))"
    )

    db.execute("create table public.another (id integer)")

    assert [db.execute(query).fetchall() for query in (kept, watched, named)] == before


def test_an_extension_is_created_while_a_rule_cannot_be_read(db):
    """Its script may not replace what is not its own."""
    db.execute("update rules set rendered = rendered || '{\"query\": \"\"}', fault = 'was gone'")

    db.execute("create extension citext")
    db.execute("create extension pg_buffercache")

    db.execute("create table public.another (id integer)")
    assert db.execute("select fault from rules where fault is not null").fetchall() == []


def test_every_file_of_a_backup_has_its_sum(shop_of_an_owner):
    backup = shop_of_an_owner.make()
    sums = (backup.path / store.SUMS).read_text()
    for path in backup.path.iterdir():
        assert path.name == store.SUMS or path.name in sums
