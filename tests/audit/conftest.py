"""A table of every kind, and short words for what the tests do most."""

from itertools import count
from pathlib import Path

import pytest
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster

from . import clusters
from .capturing import CapturingCursor
from .clusters import agreed, connect

_names = count(1)

# Files whose tests run in both forms of the log. The others switch triggers off or name them, or
# are about one form: test_capture* show what holds for the second.
OF_BOTH_FORMS = {
    "test_anchors",
    "test_application_user",
    "test_attacks",
    "test_baselines_beside_writers",
    "test_exact_texts",
    "test_findings",
    "test_history",
    "test_no_edit_unseen",
    "test_proof",
    "test_reconciliation",
    "test_redaction",
    "test_renames",
    "test_sealing",
    "test_statements",
    "test_undo",
    "test_verification",
}
# Of these, the second form of the others runs with --slow.
QUICK_IN_WAL = {
    "test_application_user",
    "test_history",
    "test_redaction",
    "test_renames",
    "test_statements",
}


def pytest_generate_tests(metafunc):
    """Run each test in each form of the log, but those that `of_one_form` marks with the reason."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if metafunc.definition.get_closest_marker("of_one_form"):
        return
    if "form" in metafunc.fixturenames and module in OF_BOTH_FORMS:
        marks = [] if module in QUICK_IN_WAL else [pytest.mark.slow]
        metafunc.parametrize("form", ["trigger", pytest.param("wal", marks=marks)])


@pytest.fixture
def form():
    """Return how the changes of tables are captured."""
    return "trigger"


@pytest.fixture
def db(db, form):
    """Yield the test's connection, which audits tables in the form that is asked for."""
    if form == "wal":
        db.cursor_factory = CapturingCursor
    return db


@pytest.fixture
def audit(db):
    """Yield the test's connection with four audited tables in schema app, all sealed."""
    create_tables(db)
    return db


def create_tables(db):
    """Create `item` with a simple key, `pair` with two, `loose` with none, and `part`, in parts."""
    db.execute("create schema app")
    db.execute(
        "create table app.item (id integer primary key, name text, price numeric,"
        " seen_at timestamptz)"
    )
    db.execute("create table app.pair (a integer, b text, note text, primary key (b, a))")
    db.execute("create table app.loose (v integer)")
    db.execute(
        "create table app.part (id integer, region text, v text, primary key (id, region))"
        " partition by list (region)"
    )
    db.execute("create table app.part_eu partition of app.part for values in ('eu')")
    db.execute("create table app.part_us partition of app.part for values in ('us')")
    audit_tables(db)


def audit_tables(db):
    """Audit the tables of schema app, in the form that the connection is for."""
    for name in ("item", "pair", "loose", "part"):
        db.execute(f"select audit_table('app.{name}')")
    seal(db)


@pytest.fixture
def written(audit):
    """Yield a log whose last but one seal has keys 10-12 and 20-22, and whose last has 30-32."""
    write_keys(audit)
    assert agreed(audit) == []
    return audit


def write_keys(db):
    """Fill two seals: keys 10-12 and 20-22, then 30-32."""
    for base in (10, 20):
        db.execute("insert into app.item values (%s), (%s), (%s)", [base, base + 1, base + 2])
    seal(db)
    db.execute("insert into app.item values (30), (31), (32)")
    seal(db)


@pytest.fixture
def chained(audit):
    """Yield a log that an earlier version wrote in format 1: keys 10-12, 20-22 and then 30-32."""
    load_format_1(audit, "short")
    return audit


def load_format_1(db, name):
    """Put a log of format 1 in the place of this database's own."""
    tamper(db, "delete from audit_blocks")
    tamper(db, "delete from audit_intake")
    tamper(db, "delete from seals")
    db.execute(
        "create table plumb.audit_log_0 partition of plumb.audit_rows"
        " for values from (0) to (50000)"
    )
    columns = {
        "seals": "(seal_id, format, origin, is_opening, snapshot, adopted, transaction_count,"
        " row_count, members_hash, sealed_at, prev_hash, seal_hash)"
    }
    text = (Path(__file__).parent / "format_1" / f"{name}.copy").read_text(encoding="utf-8")
    for part in text.removesuffix("\\.\n").split("\\.\n"):
        table, _, rows = part.partition("\n")
        with db.cursor().copy(f"copy {table} {columns.get(table, '')} from stdin") as copy:
            copy.write(rows)


@pytest.fixture
def owner(audit):
    """Yield the test's connection, as an ordinary role that owns its tables in schema own."""
    audit.execute("create role table_owner")
    audit.execute("create schema own authorization table_owner")
    audit.execute("set session authorization table_owner")
    audit.execute("create table own.acct (id integer primary key, v integer, note text)")
    audit.execute("insert into own.acct select i, 100, 'n' || i from generate_series(1, 5) as i")
    as_superuser(audit, "select audit_table('own.acct')")
    audit.execute("insert into own.acct values (6, 100, 'n6')")
    audit.execute("update own.acct set v = 101 where id = 2")
    as_superuser(audit, "select seal_audit(), run_audit_check()")
    yield audit
    audit.execute("reset session authorization")
    audit.execute("drop owned by table_owner cascade")
    audit.execute("drop role table_owner")


def as_superuser(db, statement, arguments=None):
    db.execute("reset session authorization")
    result = db.execute(statement, arguments)
    rows = result.fetchall() if result.description else None
    db.execute("set session authorization table_owner")
    return rows


@pytest.fixture(scope="session")
def own_server():
    """Yield a server that may be killed and copied, with a migrated template database."""
    with scratch_cluster() as cluster:
        cluster.ensure_database("template_log")
        migrate(cluster.url("template_log"), report=lambda _line: None, demo_schema="retail")
        with connect(cluster, "template_log") as db:
            create_tables(db)
        yield cluster


@pytest.fixture
def own_log(own_server, form, monkeypatch):
    """Yield a server and the name of a database on it, which this test has to itself."""
    own_server.start()
    name = f"log_{next(_names)}"
    with connect(own_server, "postgres") as session:
        session.execute(f"create database {name} template template_log")
    if form == "wal":
        monkeypatch.setattr(clusters, "CURSOR", CapturingCursor)
        with connect(own_server, name) as owner:
            audit_tables(owner)
    yield own_server, name
    own_server.start()
    with connect(own_server, "postgres") as session:
        session.execute("alter system reset all")
        session.execute("select pg_reload_conf()")
        for (prepared,) in session.execute(
            "select gid from pg_prepared_xacts where database = %s", [name]
        ).fetchall():
            with connect(own_server, name) as owner:
                owner.execute(f"rollback prepared '{prepared}'")
        session.execute(f"drop database {name} with (force)")


def seal(db):
    return db.execute("select seal_audit()").fetchone()[0]


def findings(db, from_seal=0):
    """Return what verification finds as (kind, seal, n) without its texts."""
    rows = db.execute(
        "select kind, seal, n from verify_audit(%s) order by 1, 2, 3", [from_seal]
    ).fetchall()
    return rows


def logged(db, relation, columns="op, record_key, old_row, new_row"):
    return db.execute(
        f"select {columns} from audit_log where relation = %s"
        " and op not in ('BASELINE', 'SNAPSHOT', 'DDL')"
        " order by occurred_at, txid, n",
        [relation],
    ).fetchall()


def tamper(db, statement, arguments=None):
    """Change the log as a superuser would who means to."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("set local plumb.audit_dismantling = 'on purpose'")
        return db.execute(statement, arguments)


def edit(db, key, name=r"\1x"):
    """Let the log say that somebody else wrote a row of app.item: by default, with an x behind."""
    tamper(
        db,
        "update audit_blocks set lines = (select string_agg(case when l.line like %s then"
        " regexp_replace(l.line, %s, %s) else l.line end, e'\\n' order by l.number)"
        " from string_to_table(lines, e'\\n') with ordinality as l (line, number))"
        " where keys @> array[key_number('app.item', %s)]",
        [
            f'%"relation": "app.item", "record_key": "{key}"%',
            '"actor": "([^"]*)"',
            f'"actor": "{name}"',
            str(key),
        ],
    )


def behind_the_triggers(db, statement, table="own.acct", arguments=None):
    """Change a table while no trigger of it fires, and enable each again as it was.

    Of a captured table the WAL tells whatever the triggers do, so it is not published meanwhile.
    """
    is_captured = db.execute(
        "select exists (select from pg_publication_tables where pubname = 'plumb_audit'"
        " and format('%%I.%%I', schemaname, tablename) = %s)",
        [table],
    ).fetchone()[0]
    if is_captured:
        db.execute(f"alter publication plumb_audit drop table {table}")
        db.execute(statement, arguments)
        db.execute(f"alter publication plumb_audit add table {table}")
        return
    triggers = db.execute(
        "select tgname, tgenabled from pg_trigger"
        " where tgrelid = %s::regclass and not tgisinternal",
        [table],
    ).fetchall()
    db.execute(f"alter table {table} disable trigger user")
    db.execute(statement, arguments)
    how = {"A": "always", "R": "replica", "O": ""}
    for name, enabled in triggers:
        db.execute(f"alter table {table} enable {how[enabled]} trigger {name}")


@pytest.fixture
def aged(db):
    """A log whose partitions hold four seals each, a hundred days old, anchored."""
    tamper(db, "delete from audit_blocks")
    tamper(db, "delete from audit_intake")
    db.execute("drop table audit_blocks_0")
    db.execute("select change_setting('audit_partition_seals', '4')")
    db.execute("select extend_audit_log(0)")
    db.execute("create table public.t (id integer primary key)")
    db.execute("select audit_table('public.t')")
    for key in range(10):
        db.execute("insert into public.t values (%s)", [key])
        seal(db)
    db.execute("set plumb.\"current_time\" = '2100-01-01'")
    return db
