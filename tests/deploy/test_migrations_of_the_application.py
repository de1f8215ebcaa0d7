"""MIGRATIONS_CLEAN and health know the migrations of the application, not only Plumbline's own."""

import psycopg
import pytest

TABLES = {
    "alembic": "create table alembic_version (version_num varchar(32) primary key)",
    "django": "create table django_migrations (id bigint generated always as identity,"
    " app varchar(255), name varchar(255), applied timestamptz default now())",
    "prisma": "create table _prisma_migrations (id varchar(36) default gen_random_uuid(),"
    " checksum varchar(64), finished_at timestamptz, migration_name varchar(255), logs text,"
    " rolled_back_at timestamptz, started_at timestamptz default now(),"
    " applied_steps_count integer default 0)",
    "flyway": "create table flyway_schema_history (installed_rank int primary key,"
    " version varchar(50), description varchar(200), type varchar(20), script varchar(1000),"
    " checksum int, installed_by varchar(100), installed_on timestamp default now(),"
    " execution_time int, success boolean)",
    "rails": "create table schema_migrations (version varchar primary key)",
}
APPLY = {
    "alembic": "insert into alembic_version values (%s)",
    "django": "insert into django_migrations (app, name)"
    " select split_part(n, '.', 1), split_part(n, '.', 2) from (select %s::text as n) as a",
    "prisma": "insert into _prisma_migrations (migration_name, finished_at) values (%s, now())",
    "flyway": "insert into flyway_schema_history (installed_rank, version, type, script, success)"
    " select count(*) + 1, %s, 'SQL', '', true from flyway_schema_history",
    "rails": "insert into schema_migrations values (%s)",
}


def apply(db, tool, name):
    db.execute(APPLY[tool], [name])


def expect(db, source, *names, **options):
    db.execute(
        "select plumb.expect_migrations(%s, %s::text[], %s, %s)",
        [source, list(names), options.get("applied"), options.get("tool")],
    )


def gate(db):
    return db.execute(
        "select status, reason from plumb.measure_deployment_gates()"
        " where gate = 'MIGRATIONS_CLEAN'"
    ).fetchone()


def component(db):
    return db.execute("select status, points from plumb.measure_migrations(5)").fetchone()


@pytest.fixture
def tables(db):
    """Return the test's database with a table of every tool, owned by an application's role."""
    db.execute("create role shop_owner")
    for statement in TABLES.values():
        db.execute(statement)
    for name in ("_prisma_migrations", "flyway_schema_history", "schema_migrations"):
        db.execute(f"alter table {name} owner to shop_owner")
    yield db
    db.execute("drop owned by shop_owner")
    db.execute("drop role shop_owner")


@pytest.mark.parametrize("tool", TABLES)
def test_a_pending_migration_stops_the_release_until_it_is_applied(tables, tool):
    first, second = ("shop.0001_initial", "shop.0002_more") if tool == "django" else ("1", "2")
    if tool != "alembic":
        apply(tables, tool, first)
    expect(tables, tool, *([second] if tool == "alembic" else [first, second]))

    status, reason = gate(tables)
    assert status == "fail"
    assert f"{tool}: " in reason
    assert f"not applied: {second}" in reason
    assert component(tables) == ("bad", 0)

    apply(tables, tool, second)

    assert gate(tables)[0] == "pass"
    assert component(tables) == ("good", 5)


def test_alembic_knows_its_head_only(tables):
    apply(tables, "alembic", "newer")
    expect(tables, "alembic_version", "older")

    assert gate(tables)[0] == "fail"


def test_a_prisma_migration_that_failed_is_not_clean_until_it_is_resolved(tables):
    apply(tables, "prisma", "1_init")
    tables.execute("insert into _prisma_migrations (migration_name) values ('2_broken')")
    expect(tables, "prisma", "1_init")

    status, reason = gate(tables)
    assert (status, "prisma: failed or not finished: 2_broken" in reason) == ("fail", True)

    tables.execute("update _prisma_migrations set rolled_back_at = now() where finished_at is null")

    assert gate(tables)[0] == "pass"
    expect(tables, "prisma", "1_init", "2_broken")
    assert gate(tables)[0] == "fail"
    apply(tables, "prisma", "2_broken")
    assert gate(tables)[0] == "pass"


def test_a_flyway_migration_that_failed_or_was_undone_is_not_clean(tables):
    history = (
        "insert into flyway_schema_history (installed_rank, version, type, script, success)"
        " values (%s, %s, %s, %s, %s)"
    )
    for row in (
        (1, "1", "SQL", "V1__init.sql", True),
        (2, "2", "SQL", "V2__more.sql", True),
        (3, None, "SQL", "R__views.sql", True),
    ):
        tables.execute(history, row)
    expect(tables, "flyway", "1", "V2__more.sql", "R__views.sql")
    assert gate(tables)[0] == "pass"

    tables.execute(history, (4, "2", "UNDO_SQL", "U2__more.sql", True))
    assert "flyway: not applied: V2__more.sql" in gate(tables)[1]

    tables.execute(history, (5, "3", "SQL", "V3__bad.sql", False))
    assert "flyway: failed or not finished: 3" in gate(tables)[1]


def test_a_schema_migrations_that_is_dirty_is_not_clean(db):
    db.execute("create table schema_migrations (version bigint primary key, dirty boolean)")
    db.execute("insert into schema_migrations values (7, true)")
    expect(db, "schema_migrations", "7")

    assert "failed or not finished: 7" in gate(db)[1]

    db.execute("update schema_migrations set dirty = false")
    assert gate(db)[0] == "pass"


def test_plumblines_own_revision_counts_beside_it(tables):
    apply(tables, "rails", "1")
    expect(tables, "rails", "1")
    tables.execute("select plumb.expect_revision('9999')")

    status, reason = gate(tables)

    assert status == "fail"
    assert "the code expects 9999" in reason
    assert "rails: the expected migration is applied" in reason


def test_a_tool_without_a_reader_states_both(db):
    expect(db, "liquibase", "1", "2", applied=["1"])
    assert "liquibase: not applied: 2" in gate(db)[1]

    expect(db, "liquibase", "1", "2", applied=["1", "2", "3"])
    assert gate(db)[0] == "pass"


def test_two_applications_in_schemas_of_their_own(db):
    for schema in ("one", "two"):
        db.execute(f"create schema {schema}")
        db.execute(f"create table {schema}.schema_migrations (version varchar primary key)")
        db.execute(f"insert into {schema}.schema_migrations values ('1')")
    with pytest.raises(psycopg.Error, match=r"one\.schema_migrations, two\.schema_migrations"):
        expect(db, "rails", "1")

    expect(db, "one.schema_migrations", "1")
    expect(db, "two.schema_migrations", "1", "2")

    assert "two.schema_migrations: not applied: 2" in gate(db)[1]
    db.execute("select plumb.expect_migrations('two.schema_migrations', null)")
    assert gate(db)[0] == "pass"


def test_a_table_under_another_name_is_read_as_its_tool_writes_it(db):
    db.execute("create schema app")
    db.execute('create table app."Versions" (version_num text)')
    db.execute("insert into app.\"Versions\" values ('abc')")

    expect(db, 'app."Versions"', "abc", tool="alembic")

    assert gate(db)[0] == "pass"


@pytest.mark.parametrize(
    "breakage",
    [
        "drop table schema_migrations",
        "alter table schema_migrations rename column version to v",
        "revoke select on schema_migrations from plumb_inspector",
    ],
)
def test_what_cannot_be_read_is_unknown_and_says_why(tables, breakage):
    apply(tables, "rails", "1")
    expect(tables, "rails", "1")
    tables.execute(breakage)

    status, reason = gate(tables)

    assert status == "unknown"
    assert "rails: cannot be read: " in reason
    assert component(tables)[0] == "unknown"


def test_a_locked_table_is_unknown_at_once(tables, connect):
    apply(tables, "rails", "1")
    expect(tables, "rails", "1")
    migrating = connect(autocommit=False)
    migrating.execute("lock table schema_migrations in access exclusive mode")

    assert gate(tables)[0] == "unknown"

    migrating.rollback()
    assert gate(tables)[0] == "pass"


def test_code_of_the_tables_owner_runs_without_rights(tables):
    tables.execute(
        """
        grant create on schema public to shop_owner;
        set role shop_owner;
        create function public.tell() returns text language sql volatile
        as 'select current_user::text';
        drop table schema_migrations;
        create table schema_migrations (id int, version text);
        alter table schema_migrations rename to hidden;
        create view schema_migrations as select public.tell() as version;
        reset role;
        """
    )
    with pytest.raises(psycopg.Error, match="there is no table"):
        expect(tables, "rails", "plumb_inspector")


@pytest.mark.parametrize(
    ("source", "expected", "complaint"),
    [
        ("nothing", ["1"], "is no tool, and no table"),
        ("public.nothing", ["1"], "is no tool, and no table"),
        ("prisma", ["1"], "no table _prisma_migrations"),
        ("", ["1"], "source"),
        ("alembic", ["1", None], "a null"),
        ("alembic", ["1", " "], "empty"),
    ],
)
def test_what_cannot_be_meant_is_refused(db, source, expected, complaint):
    db.execute(TABLES["alembic"])
    with pytest.raises(psycopg.Error, match=complaint) as refused:
        db.execute("select plumb.expect_migrations(%s, %s::text[])", [source, expected])

    assert refused.value.sqlstate in ("PL001", "PL002")
    assert refused.value.diag.message_hint


def test_operators_state_it_and_readers_see_it(tables, connect):
    apply(tables, "django", "shop.0001_initial")
    operator = connect(role="plumb_operator")
    expect(operator, "django", "shop.0001_initial", "shop.0002_more")

    seen = (
        connect(role="plumb_reader")
        .execute("select source, status, expected_count, pending from plumb.migration_status")
        .fetchall()
    )

    assert ("django", "pending", 2, ["shop.0002_more"]) in seen
    assert ("plumbline", "clean", 1, []) in seen
