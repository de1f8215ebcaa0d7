"""Whatever an owner attaches to its tables, a backup and its drill run nothing of it with rights.

Each attachment calls own.payload() with its name, which tries to rise, and writes down as whom it
ran and which of the tries succeeded. All are there at once.
"""

import re

import psycopg
import pytest
from plumbline.cli.backup import shadow as backup_shadow
from plumbline.cli.backup.copy import furnish
from plumbline.cli.backup.throwaway import ThrowawayShadow
from psycopg.conninfo import conninfo_to_dict

# What only somebody with rights can do, in the copy, in its cluster or on its machine.
TRIES = [
    "set role postgres",
    "set session authorization postgres",
    "alter role mallory superuser",
    "alter role current_user createrole",
    "alter role current_user with bypassrls",
    "create role riser",
    "create database risen",
    "grant pg_execute_server_program to current_user",
    "grant pg_read_all_data to current_user",
    "copy (select 1) to '/tmp/plumb-risen'",
    "copy (select 1) to program 'id >/tmp/plumb-risen'",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('.')",
    "select lo_import('/etc/passwd')",
    "create extension dblink",
    "create extension postgres_fdw",
    "create extension file_fdw",
    "create extension adminpack",
    "create extension plpython3u",
    "create extension pg_cron",
    "create language plpython3u",
    "create function own.c() returns integer language c as 'plpgsql', 'plpgsql_call_handler'",
    "create subscription s connection 'dbname=plumb_test' publication p",
    "create event trigger e on ddl_command_end execute function own.tg()",
    "alter system set log_statement = 'all'",
    "select pg_reload_conf()",
    "select 1 / count(*) from pg_stat_activity"
    " where usename !~ 'drill' and pg_terminate_backend(pid)",
    "set session_replication_role = replica",
    "set session_preload_libraries = 'x'",
    "do $$ begin execute format('alter database %I is_template true', current_database()); end $$",
    "do $$ begin execute format('alter database %I reset all', current_database()); end $$",
    "select set_config('role', 'postgres', false)",
    "drop schema information_schema cascade",
    "create table pg_catalog.risen (id integer)",
    "insert into pg_auth_members values (0, 10, 10, true)",
]

PAYLOAD = """
    create table own.seen (what text, who name, session_who name, place name, is_super boolean);
    create table own.tries (try text);
    create table own.risen (what text, try text);
    create function own.payload(p_what text) returns void language plpgsql as $$
    declare
        v_is_super boolean;
        v_try text;
    begin
        select rolsuper into v_is_super from pg_catalog.pg_roles where rolname = current_user;
        if v_is_super and current_setting('transaction_read_only') = 'on' then
            raise exception 'the payload of % ran as %', p_what, current_user;
        elsif v_is_super then
            execute 'alter role mallory superuser';
        end if;
        if current_setting('transaction_read_only') = 'off' then
            insert into own.seen
            values (p_what, current_user, session_user, current_database(), v_is_super);
            for v_try in select t.try from own.tries as t loop
                begin
                    execute v_try;
                    insert into own.risen values (p_what, v_try);
                exception when others then
                    -- One that succeeds is what the test looks for.
                    perform 1;
                end;
            end loop;
        end if;
    end $$;
    create function own.i(integer, text) returns integer language plpgsql immutable as $$
    begin perform own.payload($2); return $1; end $$;
    create function own.b(integer, text) returns boolean language plpgsql immutable as $$
    begin perform own.payload($2); return true; end $$;
    create function own.tg() returns trigger language plpgsql as $$
    begin perform own.payload('trigger'); return new; end $$;
"""

# Each is about a table own.%I of two rows, named after it.
ATTACHMENTS = {
    "index": "create index on own.index ((id + own.i(1, 'index')))",
    "predicate": "create index on own.predicate (id) where own.b(1, 'predicate')",
    "statistics": "create statistics own.stat on (id + own.i(1, 'statistics')),"
    " (id * own.i(2, 'statistics')) from own.statistics",
    "check": "alter table own.check add check (own.b(id, 'check'))",
    "domain": "create domain own.code as integer check (own.b(value, 'domain'));"
    "alter table own.domain alter id type own.code",
    "generated": "alter table own.generated add g integer"
    " generated always as (own.i(id, 'generated')) stored",
    "default": "alter table own.default add d integer default own.i(1, 'default')",
    "partition": "create table own.whole (id integer)"
    " partition by range ((own.i(id, 'partition')));"
    "create table own.part partition of own.whole for values from (0) to (9);"
    "insert into own.whole values (1)",
    "trigger": "create trigger t before insert on own.trigger for each row"
    " execute function own.tg(); alter table own.trigger enable always trigger t",
    "rule": "create rule r as on insert to own.rule do also select own.payload('rule')",
    "policy": "create policy p on own.policy using (own.b(id, 'policy'));"
    "alter table own.policy enable row level security;"
    "alter table own.policy force row level security",
    "view": "create view own.looking as select own.i(id, 'view') from own.view",
    "matview": "create materialized view own.kept as select own.i(id, 'matview') from own.matview",
    "exclusion": "alter table own.exclusion add exclude using btree"
    " ((own.i(id, 'exclusion')) with =)",
    "cast": "create type own.mood as enum ('sad'); create function own.tell(own.mood) returns text"
    " language sql as 'select own.payload(''cast'')::text';"
    "create cast (own.mood as text) with function own.tell(own.mood) as implicit;"
    "alter table own.cast add m own.mood default 'sad'",
    "overload": "create function public.count(own.overload) returns bigint language sql"
    " as 'select own.payload(''overload'')::text::bigint';"
    "create function public.format(text, text, text) returns text language sql"
    " as 'select own.payload(''overload'')::text'",
}


@pytest.fixture
def mallory(backups, connect):
    """Yield a session of a role that owns schema own, with all attachments, and nothing else."""
    db = backups.db
    db.execute("create role mallory login")
    db.execute("create schema own authorization mallory; grant create on schema public to mallory")
    session = connect(user="mallory")
    session.execute(PAYLOAD)
    for name, attachment in ATTACHMENTS.items():
        session.execute(f"create table own.{name} (id integer); insert into own.{name} values (1)")
        session.execute(f"insert into own.{name} values (2)")
        session.execute(attachment)
    session.execute("truncate own.seen")
    with session.cursor() as cursor:
        # Not before: what mallory can do is not in question.
        cursor.executemany("insert into own.tries values (%s)", [(t,) for t in TRIES])
    yield session
    session.close()
    db.execute("alter role mallory nosuperuser")
    db.execute("drop owned by mallory cascade")
    db.execute("drop role mallory")


def is_superuser(db: psycopg.Connection) -> bool:
    return db.execute("select rolsuper from pg_roles where rolname = 'mallory'").fetchone()[0]


def test_the_payload_would_rise_if_a_superuser_planned_a_query(backups, mallory):
    backups.db.execute("set default_transaction_read_only = on")
    try:
        with pytest.raises(psycopg.Error, match="the payload of index ran as"):
            backups.db.execute("select count(*) from own.index")
    finally:
        backups.db.execute("set default_transaction_read_only = off")


def test_making_a_backup_runs_nothing_of_an_owners(backups, mallory):
    made = backups.make()

    assert not is_superuser(backups.db)
    assert backups.db.execute("select * from own.seen").fetchall() == []
    counts = made.manifest()["rowCounts"]
    counted = {name.replace('"', ""): rows for name, rows in counts.items()}
    assert {name: counted[f"own.{name}"] for name in ATTACHMENTS} == dict.fromkeys(ATTACHMENTS, 2)


# Those that run while rows are loaded, indexes are built and views are refreshed.
RUN_BY_A_RESTORE = {
    "index", "predicate", "check", "domain", "generated", "partition", "matview", "exclusion",
}  # fmt: skip


def assert_all_ran_without_rights(copy: psycopg.Connection) -> None:
    seen = copy.execute("select distinct what, who, session_who, is_super from own.seen").fetchall()
    assert {what for what, *_ in seen} >= RUN_BY_A_RESTORE
    assert all(who.startswith("plumb_drill") for _, who, _, _ in seen), seen
    assert all(session_who.startswith("plumb_drill") for _, _, session_who, _ in seen), seen
    assert not any(is_super for *_, is_super in seen)
    assert copy.execute("select count(*) from own.tries").fetchone() == (len(TRIES),)
    assert copy.execute("select distinct try from own.risen").fetchall() == []


def assert_only_its_own_rows_differ(db: psycopg.Connection, tiers: dict[str, str]) -> None:
    assert [tier for tier in tiers if tiers[tier] == "failed"] == ["row_counts"]
    (evidence,) = db.execute(
        "select t ->> 'evidence' from plumb.backup_validations"
        " cross join jsonb_array_elements(tiers) as t where t ->> 'tier' = 'row_counts'"
    ).fetchone()
    assert re.fullmatch(r"own\.seen has \d+, the snapshot had 0", evidence)


def test_a_drill_in_a_named_shadow_runs_it_as_a_role_without_rights(backups, mallory, shadow):
    _, tiers = backups.validate(backups.make())

    assert_only_its_own_rows_differ(backups.db, tiers)
    with psycopg.connect(shadow, autocommit=True) as copy:
        assert_all_ran_without_rights(copy)
    assert not is_superuser(backups.db)
    assert backups.db.execute("select * from own.seen").fetchall() == []
    assert backups.db.execute(
        "select rolcanlogin, rolsuper from pg_roles where rolname ~ '^plumb_drill'"
    ).fetchall() == [(False, False)]


def test_a_drill_in_a_throwaway_cluster_runs_it_as_a_role_without_rights(backups, mallory, capsys):
    backups.shadow_url = ""

    _, tiers = backups.validate(backups.make())

    assert_only_its_own_rows_differ(backups.db, tiers)
    said = re.search(r"PGPASSWORD=(\S+) psql '(.+)'", capsys.readouterr().err)
    with psycopg.connect(said[2], password=said[1], autocommit=True) as copy:
        assert_all_ran_without_rights(copy)
        # The dump's roles are there for its policies, without a login and without rights.
        with_rights = copy.execute(
            "select count(*) from pg_roles where rolname !~ 'drill'"
            " and (rolsuper or rolcanlogin or rolcreaterole or rolcreatedb or rolbypassrls)"
        ).fetchone()
    assert with_rights == (0,)
    assert not is_superuser(backups.db)
    assert backups.db.execute("select * from own.seen").fetchall() == []
    mine = backups.db.execute("select 1 from pg_roles where rolname ~ '^plumb_drill'")
    assert mine.fetchall() == []


def test_from_a_copy_no_session_of_the_live_server_can_be_had(backups, cluster_url):
    """Even where an extension for it is there, and the live server asks no password of its own."""
    (directories,) = backups.db.execute("show unix_socket_directories").fetchone()
    port = conninfo_to_dict(cluster_url)["port"]
    place = f"host={directories.split(',')[0]} port={port} dbname=postgres"
    shadow = ThrowawayShadow(backups.home, backups.db.info.server_version // 10000)
    try:
        shadow.renew({})
        with backup_shadow.connect(shadow.url) as admin:
            admin.execute("create extension dblink schema public")
            admin.execute("create extension postgres_fdw schema public")
        copy = furnish(shadow.url, shadow.role, [], [])
        with psycopg.connect(copy.url, autocommit=True) as session:
            for user in ("", "user=postgres", "user=postgres password=x"):
                with pytest.raises(psycopg.Error, match="password"):
                    session.execute("select public.dblink_connect(%s)", [f"{place} {user}"])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("create server live foreign data wrapper postgres_fdw")
    finally:
        shadow.discard()


ODD = '"we""ird; \\n drop table x; --\\\\\n"'


@pytest.fixture
def oddly_named(backups):
    """Yield the name of a role, a schema, and all in it, which looks like anything else."""
    for statement in (
        f"create role {ODD}",
        f"create schema {ODD}",
        f"create extension citext schema {ODD}",
        f"create table {ODD}.{ODD} ({ODD} {ODD}.citext primary key)",
        f"insert into {ODD}.{ODD} values ('a')",
        f"create policy {ODD} on {ODD}.{ODD} to {ODD} using (true)",
        f"alter table {ODD}.{ODD} force row level security",
    ):
        backups.db.execute(statement)
    yield ODD
    # The policy of the copy names the role.
    backup_shadow.remove(backups.shadow_url)
    backups.db.execute(f"drop owned by {ODD}")
    backups.db.execute(f"drop schema {ODD} cascade")
    backups.db.execute(f"drop role {ODD}")


def test_names_are_only_names(backups, shadow, oddly_named):
    assert backups.validate(backups.make())[0] == "valid"


def test_a_body_that_looks_like_the_words_of_pg_restore_excuses_nothing(
    backups, shadow, oddly_named
):
    excuse = "pg_restore: error: could not execute query: ERROR:  permission denied for all"
    for table in ("a", "b"):
        backups.db.execute(
            f"create function public.{table}(integer) returns boolean leakproof language sql as"
            f" $$select e'\\npg_restore: from TOC entry 1; x\\n{excuse}\\n' is null$$"
        )

    status, tiers = backups.validate(backups.make())

    assert (status, tiers["restored"]) == ("valid", "passed")


def test_rows_are_counted_as_they_are_whatever_they_and_their_tables_are_called(backups):
    backups.db.execute('create schema "s.\n"')
    name = '"s.\n"."COPY x FROM stdin;\n\\."'
    backups.db.execute(
        f"create table {name} (t text); insert into {name} select e'a\\n\\\\.\\n' from"
        " generate_series(1, 1000)"
    )
    backups.db.execute("create table public.parent (id integer); insert into parent values (1)")
    backups.db.execute("create table public.child () inherits (parent)")
    backups.db.execute("insert into child values (2), (3)")
    backups.db.execute("create table public.nothing ()")
    backups.db.execute("insert into nothing select; insert into nothing select")
    for level in ("0", "9"):
        backups.db.execute("select plumb.change_setting('backup_compress_level', %s)", [level])

        counts = backups.make().manifest()["rowCounts"]

        assert counts[name] == 1000
        assert (counts["public.parent"], counts["public.child"]) == (1, 2)
        assert counts["public.nothing"] == 2
