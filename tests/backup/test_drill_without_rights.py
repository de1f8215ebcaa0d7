"""A drill has no rights to lose: what only a superuser can create is left out and named."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from plumbline.cli import backup
from plumbline.cli.backup import drill as backup_drill
from plumbline.cli.backup import shadow as backup_shadow
from plumbline.cli.backup import store as backup_store
from plumbline.cli.backup import throwaway
from plumbline.cli.backup.archive import Archive
from plumbline.cli.backup.shadow import NamedShadow
from plumbline.core.errors import PlumbError
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# All belong to a superuser; none but the table holds data.
SUPERUSERS_OWN = """
    create schema app;
    create table app.t (id integer primary key, name text);
    insert into app.t values (1, 'a');
    create function app.leakproof(integer) returns boolean immutable leakproof language sql
    as 'select true';
    create function app.in_c() returns language_handler language c
    as '$libdir/plpgsql', 'plpgsql_call_handler';
    create function app.quiet() returns integer language sql set session_replication_role = replica
    as 'select 1';
    create view app.through as select app.quiet() as q, id from app.t;
    create view app.through_a_view as select * from app.through;
    create function app.in_python() returns trigger language plpython3u as 'return None';
    create trigger t after insert on app.t for each row execute function app.in_python();
    create index on app.t (id) where app.leakproof(id);
    create operator class app.ops for type integer using btree as
    operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >,
    function 1 btint4cmp(integer, integer);
    create index on app.t (id app.ops);
    create materialized view app.secret as select rolname, rolpassword from pg_authid;
    create foreign data wrapper nowhere;
    create server far foreign data wrapper nowhere;
    create foreign table app.away (id integer) server far;
    create text search template app.template (lexize = dsimple_lexize);
    comment on function app.quiet() is 'left out with it';
    grant select on app.through to public;
"""


def evidence(db: psycopg.Connection, tier: str) -> str:
    return db.execute(
        "select t ->> 'evidence' from plumb.backup_validations"
        " cross join jsonb_array_elements(tiers) as t where t ->> 'tier' = %s"
        " order by started_at desc limit 1",
        [tier],
    ).fetchone()[0]


def test_what_only_a_superuser_may_create_is_left_out_with_what_needs_it(backups, shadow):
    backups.db.execute(SUPERUSERS_OWN)

    status, _ = backups.validate(backups.make())

    assert status == "valid"
    with psycopg.connect(shadow) as copy:
        assert copy.execute("select * from app.t").fetchall() == [(1, "a")]
        assert copy.execute("select to_regclass('app.through_a_view')").fetchone() == (None,)
        owners = copy.execute(
            "select distinct pg_get_userbyid(relowner) ~ '^plumb_drill' from pg_class"
            " where relnamespace::regnamespace::text in ('app', 'retail', 'plumb')"
        ).fetchall()
    assert owners == [(True,)]
    assert "left out" in evidence(backups.db, "restored")


def test_a_table_of_a_type_that_only_a_superuser_may_create_is_unknown(backups, shadow):
    backups.db.execute(
        "create type public.odd;"
        "create function public.odd_in(cstring) returns odd immutable strict language internal"
        " as 'int4in'; create function public.odd_out(odd) returns cstring immutable strict"
        " language internal as 'int4out';"
        "create type public.odd (input = odd_in, output = odd_out, like = integer);"
        "create table public.odds (o odd); insert into odds values ('1')"
    )

    status, tiers = backups.validate(backups.make())

    assert (status, tiers["restored"]) == ("unknown", "unknown")
    assert "table public.odds cannot be restored without" in evidence(backups.db, "restored")


def test_a_table_that_cannot_be_restored_for_another_reason_fails(backups, shadow):
    backups.db.execute(
        "create function public.never(integer) returns boolean language sql"
        " as $$select current_database() !~ 'shadow'$$"
    )
    backups.db.execute("create table public.n (id integer check (never(id)))")
    backups.db.execute("insert into n values (1)")

    status, tiers = backups.validate(backups.make())

    assert (status, tiers["restored"]) == ("invalid", "failed")
    assert 'COPY failed for table "n"' in evidence(backups.db, "restored")


def test_a_backup_of_the_first_format_can_still_be_tried(backups, shadow):
    backups.db.execute("create table public.parent (id integer); insert into parent values (1)")
    backups.db.execute("create table public.child () inherits (parent)")
    backups.db.execute("insert into child values (2), (3)")
    made = backups.make()
    manifest = made.manifest()
    for new in ("locale", "acceptedFindings"):
        manifest.pop(new, None)
    manifest["rowCounts"]["public.parent"] = 3
    manifest |= {"format": 1, "pythonFunctions": ["plumb py_start_backup"]}
    (made.path / "manifest.json").write_text(json.dumps(manifest))

    assert backups.validate(made)[0] == "valid"


@pytest.mark.parametrize(
    ("attributes", "outcome"),
    [("createdb createrole", ("valid", "passed")), ("createdb", ("unknown", "unknown"))],
)
def test_a_shadow_without_a_superuser(backups, give_password, attributes, outcome):
    backups.db.execute(f"create role keeper login {attributes}")
    give_password(backups.db, "keeper")
    password = os.environ.get("PGPASSWORD", "")
    backups.shadow_url = make_conninfo(backups.shadow_url, user="keeper", password=password)
    try:
        with pytest.raises(PlumbError, match="may not mark"):
            backup_shadow.prepare(backups.shadow_url, backups.url)
        backups.db.execute("grant set on parameter plumb.is_shadow to keeper")
        backup_shadow.prepare(backups.shadow_url, backups.url)

        status, tiers = backups.validate(backups.make())

        assert (status, tiers["restored"]) == outcome
        if status == "valid":
            assert tiers["amcheck"] == "unknown"
        else:
            assert "needs CREATEDB and CREATEROLE" in evidence(backups.db, "restored")
    finally:
        name = conninfo_to_dict(backups.shadow_url)["dbname"]
        backups.db.execute(f"drop database if exists {name} with (force)")
        backups.db.execute(f"drop role if exists {NamedShadow(backups.shadow_url, None).role}")
        backups.db.execute("drop owned by keeper; drop role keeper")


def test_a_shadow_that_speaks_another_language_and_cannot_be_asked_is_unknown(
    backups, give_password
):
    db = backups.db
    db.execute("create role keeper login createdb createrole")
    give_password(db, "keeper")
    password = os.environ.get("PGPASSWORD", "")
    backups.shadow_url = make_conninfo(backups.shadow_url, user="keeper", password=password)
    try:
        db.execute("alter role keeper set lc_messages = 'de_DE.utf8'")
        db.execute("grant set on parameter plumb.is_shadow to keeper")
        backup_shadow.prepare(backups.shadow_url, backups.url)
        made = backups.make()
        assert backups.validate(made)[0] == "unknown"
        assert "de_DE.utf8 cannot be judged" in evidence(db, "restored")

        db.execute("grant set on parameter lc_messages to keeper")
        assert backups.validate(made)[0] == "valid"
    except errors.InvalidParameterValue:
        pytest.skip("needs the locale de_DE.utf8")
    finally:
        name = conninfo_to_dict(backups.shadow_url)["dbname"]
        db.execute(f"drop database if exists {name} with (force)")
        db.execute(f"drop role if exists {NamedShadow(backups.shadow_url, None).role}")
        db.execute("drop owned by keeper; drop role keeper")


def test_a_role_of_a_shadow_that_has_rights_elsewhere_is_refused(backups, shadow):
    role = NamedShadow(shadow, None).role
    backups.db.execute(f"create role {role}; grant select on retail.sales to {role}")
    try:
        status, tiers = backups.validate(backups.make())
    finally:
        backups.db.execute(f"drop owned by {role}")

    assert (status, tiers["restored"]) == ("unknown", "unknown")
    assert "has rights beyond the shadow" in evidence(backups.db, "restored")


def test_code_in_a_copy_that_never_ends_is_ended(backups, shadow, connect):
    backups.db.execute(
        "create function public.slow(integer) returns integer immutable language plpgsql as"
        " $$ begin if current_database() ~ 'shadow' then perform pg_sleep(600); end if;"
        " return 1; end $$; create table public.s (id integer); insert into s values (1)"
    )
    backups.db.execute("create index on s ((public.slow(id)))")
    made = backups.make()
    named = NamedShadow(backups.shadow_url, backups.url)
    started = time.monotonic()

    drill = backup_drill.Drill(made, lambda _: named, connect(), seconds_max=30)
    tiers = {tier.tier: tier.status for tier in drill.run()}
    named.discard()

    assert tiers == {"checksum": "passed", "decrypted": "skipped", "restored": "unknown"}
    assert "longer than 30 s" in drill.tiers[-1].evidence
    assert time.monotonic() - started < 200


def start_drill(backups) -> subprocess.Popen:
    environment = os.environ | {
        "DATABASE_URL": backups.url,
        "BACKUP_DIR": str(backups.directory),
        "PLUMB_HOME": str(backups.home),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "plumbline.cli", "backup", "validate"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def server_processes(backups) -> list[str]:
    found = subprocess.run(
        ["pgrep", "-f", str(backups.home / throwaway.DIRECTORY)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.stdout.split()


def test_a_throwaway_cluster_is_gone_afterwards(backups):
    backups.shadow_url = ""
    made = backups.make()

    status, tiers = backup.validate(backups.config, made.name)

    assert (status, tiers[2]["status"]) == ("valid", "passed"), tiers
    assert list((backups.home / throwaway.DIRECTORY).iterdir()) == []
    assert server_processes(backups) == []


def test_what_a_killed_drill_left_behind_is_removed_by_the_next(backups):
    backups.db.execute(
        "create function public.slow(integer) returns boolean language sql as"
        " $$select current_database() ~ '^plumb' or pg_sleep(600) is not null$$"
    )
    backups.db.execute("create table public.s (id integer check (public.slow(id)))")
    backups.db.execute("insert into s values (1)")
    backups.make()
    drill = start_drill(backups)
    while not server_processes(backups):
        assert drill.poll() is None
        time.sleep(0.1)
    # One that runs is not touched.
    throwaway.remove_leftovers(backups.home)
    assert server_processes(backups) != []
    drill.send_signal(signal.SIGKILL)
    drill.wait()

    throwaway.remove_leftovers(backups.home)

    assert list((backups.home / throwaway.DIRECTORY).iterdir()) == []
    assert server_processes(backups) == []


def test_a_machine_that_cannot_run_a_cluster_is_no_fault_of_the_backup(backups):
    backups.shadow_url = ""
    (backups.home / throwaway.DIRECTORY).write_text("in the way")

    status, tiers = backups.validate(backups.make())

    assert (status, tiers["restored"]) == ("unknown", "unknown")
    assert "no cluster for the drill can be made here" in evidence(backups.db, "restored")


def test_a_damaged_table_of_contents_is_told(backups, shadow):
    made = backups.make()
    dump = made.path / "database.dump"
    content = dump.read_bytes()
    for damaged in (content[:5000], b"PGDMP" + bytes(5000), b"", content[:40] + b"\xff" * 99):
        dump.write_bytes(damaged)
        sha256, size = backup_store.digest(dump)
        manifest = made.manifest() | {"sha256": sha256, "sizeBytes": size, "dumpSha256": sha256}
        (made.path / "manifest.json").write_text(json.dumps(manifest))
        backups.db.execute("delete from plumb.backups")

        assert backups.validate(made)[1] == {"checksum": "passed", "decrypted": "failed"}


def test_no_archive_however_damaged_does_more_than_be_refused(backups):
    content = (backups.make().path / "database.dump").read_bytes()
    chance = random.Random(7)
    refused = 0
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(chance.randrange(1, 20)):
            damaged[chance.randrange(min(len(damaged), 200_000))] = chance.randrange(256)
        archive = Archive()
        try:
            for start in range(0, len(damaged), 65_536):
                archive.feed(bytes(damaged[start : start + 65_536]))
            archive.close()
        except ValueError:
            refused += 1
    assert refused > 10
