"""No value of a statement survives plumb.redact_statement(), whatever the statement is."""

import psycopg
import pytest

S = "S3cret-Pw"
# Each statement holds the secret once or more, beside what may be shown of it.
SECRETS = [
    (f"alter role mallory password '{S}'", "ALTER ROLE"),
    (f"ALTER USER mallory WITH ENCRYPTED PASSWORD '{S}'", "ALTER USER"),
    (f"create role mallory login password '{S}'", "CREATE ROLE"),
    (f"create user mapping for app server far options (user 'u', password '{S}')", None),
    (f"alter server far options (set host '{S}')", "ALTER SERVER"),
    (f"create subscription s connection 'host=h password={S}' publication p", None),
    (f"alter subscription s connection 'password={S}'", "ALTER SUBSCRIPTION"),
    (f"alter system set primary_conninfo = 'password={S}'", "ALTER SYSTEM"),
    (f"alter database d set app.key = '{S}'", "ALTER DATABASE"),
    (f"copy t to program 'curl -u u:{S} https://h'", "COPY"),
    (f"copy (select '{S}') to stdout", "COPY"),
    (f"set app.key = '{S}'", "SET"),
    (f'set app.key to "{S}"', "SET"),
    (f"do $x$ begin perform login('{S}'); end $x$", "DO"),
    (f"call login('{S}')", "CALL"),
    (f"prepare p as select '{S}'", "PREPARE"),
    (f"execute p('{S}')", "EXECUTE"),
    (f"declare c cursor for select '{S}'", "DECLARE"),
    (f"explain analyze select '{S}'", "EXPLAIN"),
    (f"notify channel, '{S}'", "NOTIFY"),
    (f"comment on role r is '{S}'", "COMMENT"),
    (f"security label on role r is '{S}'", "SECURITY LABEL"),
    (f"create or replace function f() returns text as $$ select '{S}' $$ language sql", None),
    (f"create unlogged table t (a text default '{S}')", "CREATE TABLE"),
    (f"create table t as select '{S}'", "CREATE TABLE"),
    (f'grant "{S}" to x', "GRANT"),
    (f'autovacuum: VACUUM public."{S}"', "AUTOVACUUM"),
    (f"select connect_destination('slack', '{S}')", "select connect_destination($1, $2)"),
    (f"select crypt('{S}', gen_salt('bf'))", "select crypt($1, gen_salt($2))"),
    (f"select dblink('host=h password={S}', 'select 1')", "select dblink($1, $2)"),
    (f"select set_config('app.key', '{S}', false)", "select set_config($1, $2, false)"),
    (f"select * from t where a = $1 and b = '{S}'", "select * from t where a = $1 and b = $2"),
    (f"update system_mode set override_token = '{S}' where id = 1", None),
    (f"insert into users values (1, '{S}', 1.5e3, 0x1F, .5)", None),
    (f"with x as (select '{S}') select * from x", "with x as (select $1) select * from x"),
    (f"(select '{S}') union (values ('{S}'))", "(select $1) union (values ($2))"),
    (f"merge into t using s on t.a = '{S}' when matched then delete", None),
    (f"select 1 -- {S}", "select $1"),
    (f"/* {S} */ select 1", "select $1"),
    (f"select 1 /* a /* {S} */ {S} */", "select $1"),
    (f"select 1 /* {S}", "select $1"),
    (f"select e'\\'{S}'", "select $1"),
    (f"select E'a\\\\' || '{S}'", "select $1 || $2"),
    (f"select 'it''s {S}'", "select $1"),
    (f"select U&'\\0061{S}'", "select $1"),
    (f"select U&'d!0061{S}' uescape '!'", "select $1 uescape $2"),
    (f"select N'{S}', B'1', X'{S}'", "select $1, $2, $3"),
    (f"select 'a'\n'{S}'", "select $1 $2"),
    (f"select $${S}$$", "select $1"),
    (f"select $a$ $$ {S} $$ $a$, $b${S}$b$", "select $1, $2"),
    (f"select $é${S}$é$", "select $1"),
    (f"select a$b, '{S}', a$b", "select a$b, $1, a$b"),
    (f"select '{S}", "select $1"),
    (f"select $x${S}", "select $1"),
    (f"select E'{S}\\", "select $1"),
    (f'select "{S}"', 'select "…"'),
    (f'select u&"{S}"', 'select "…"'),
    (f"select 1; alter role x password '{S}'; select '{S}'", "select $1; ALTER ROLE; select $3"),
    (f"begin; update t set a = '{S}'; commit;", "BEGIN; update t set a = $1; COMMIT"),
    # standard_conforming_strings = off: the string goes on behind \'.
    (f"select 'a\\'{S} or '", None),
    (f"select 'a\\\\\\'{S}'", None),
    (f"alter table t set (x = 'a\\'{S}')", "ALTER"),
    (f"\\password {S}", "(not read)"),
    (f"select 1 \\g {S}", None),
    # What is no statement: somebody typed into the wrong window.
    (S, "(not read)"),
    (f"{S};", "(not read)"),
    (f"ALTERROLE mallory PASSWORD {S}", "(not read)"),
    (f"'{S}'", "(not read)"),
    (f'"{S}" select', None),
    (f"( '{S}'", "(not read)"),
    (f"postgresql://u:{S}@h/d", "(not read)"),
    (f"alter role mallory password {S}", "ALTER ROLE"),
    (f'start_replication slot "{S}" logical 0/0', "START_REPLICATION"),
]


@pytest.fixture(scope="module")
def shared_db(plumbline_server):
    """Yield one connection for all tests here: they change nothing."""
    server = plumbline_server
    base = f"postgresql://{server.user}:{server.password or ''}@{server.host}:{server.port}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute("drop database if exists plumb_test_redact with (force)")
        connection.execute(f"create database plumb_test_redact template {server.template_dbname}")
        with psycopg.connect(f"{base}/plumb_test_redact", autocommit=True) as own:
            yield own
        connection.execute("drop database plumb_test_redact with (force)")


def redact(db, statement, keeps_utility=False):
    query = "select plumb.redact_statement(%s, %s)"
    return db.execute(query, [statement, keeps_utility]).fetchone()[0]


@pytest.mark.parametrize(("statement", "shown"), SECRETS)
def test_no_value_of_a_statement_is_shown(shared_db, statement, shown):
    redacted = redact(shared_db, statement)

    assert "S3cret" not in redacted
    assert shown is None or redacted == shown
    assert redact(shared_db, redacted) == redacted


@pytest.mark.parametrize("statement", [statement for statement, _shown in SECRETS])
def test_a_text_that_is_cut_anywhere_shows_no_value_either(shared_db, statement):
    cuts = [statement[:length] for length in range(len(statement) + 1)]

    found = shared_db.execute(
        "select plumb.redact_statement(c) from unnest(%s::text[]) as c", [cuts]
    ).fetchall()

    assert not [text for (text,) in found if "S3c" in text]


LITERALS_ONLY = [pair for pair in SECRETS if f"'{S}'" in pair[0] or f"={S}'" in pair[0]]


@pytest.mark.parametrize("statement", [statement for statement, _shown in LITERALS_ONLY])
def test_a_definition_that_is_kept_for_the_audit_has_no_values(shared_db, statement):
    assert "S3cret" not in redact(shared_db, statement, keeps_utility=True)


def test_a_definition_that_is_kept_for_the_audit_can_be_read(shared_db):
    command = "alter table retail.sales add column note text default 'none'"

    assert redact(shared_db, command, keeps_utility=True) == command.replace("'none'", "$1")


@pytest.mark.parametrize("statement", [None, "", "<insufficient privilege>"])
def test_what_is_no_statement_stays(shared_db, statement):
    assert redact(shared_db, statement) == statement


def test_a_long_statement_takes_bounded_time(shared_db):
    shared_db.execute("set statement_timeout = '3s'")
    redacted = redact(shared_db, "select " + ", ".join(f"'{n}' as c{n}" for n in range(100_000)))
    shared_db.execute("reset statement_timeout")

    assert len(redacted) <= 8000
