"""Random honest work on tables that are audited, guarded, watched and enforced alarms nobody."""

import psycopg
import pytest

from .conftest import seal
from .random_ddl import ROLE, SCHEMAS, Wanderer

BY = "Ann Owner"
WHY = "this release"
# A rule's view is a view like any other: PostgreSQL keeps what it reads from being changed.
OF_VIEWS = ("used by a view", "depend on it", "depends on")


@pytest.fixture
def bare(db):
    """Yield a session on a database without Plumbline, and the role that owns everything."""
    db.execute("drop database if exists plumb_test_bare with (force)")
    db.execute("create database plumb_test_bare")
    db.execute(f"create role {ROLE}")
    with psycopg.connect(db.info.dsn, dbname="plumb_test_bare", autocommit=True) as session:
        prepare(session)
        yield session
    db.execute("drop database plumb_test_bare with (force)")
    db.execute("update plumb.system_mode set mode = 'normal'")
    db.execute(f"drop owned by {ROLE} cascade")
    db.execute(f"drop role {ROLE}")


def prepare(session):
    for schema in SCHEMAS:
        session.execute(f"create schema {schema} authorization {ROLE}")
    session.execute(f"grant create on database {session.info.dbname} to {ROLE}")
    session.execute(f"set session authorization {ROLE}")
    session.execute("set search_path = pg_catalog")


class Twins:
    """The same work on a bare and a guarded database."""

    def __init__(self, db, connect, bare, seed):
        self.admin = db
        self.bare = bare
        names = ",".join(name.strip('"') for name in SCHEMAS)
        self.guarded = connect()
        prepare(self.guarded)
        db.execute("select plumb.change_setting('guarded_schemas', %s)", [names])
        db.execute("create schema rules")
        self.wanderer = Wanderer(bare, seed)
        self.done = []
        self.rules = 0

    def step(self):
        statements = self.wanderer.step()
        guarded, text = self.run(self.guarded, statements)
        if guarded in ("2BP01", "0A000") and any(words in text for words in OF_VIEWS):
            return
        bare, bare_text = self.run(self.bare, statements)
        self.done.append((statements, bare))
        if guarded != bare:
            pytest.fail(
                f"{statements}\nbare: {bare} {bare_text}\nguarded: {guarded} {text}\n"
                f"incidents: {incidents(self.admin)}"
            )
        self.attach()

    @staticmethod
    def run(session, statements):
        try:
            with session.transaction():
                for statement in statements:
                    session.execute(statement)
        except psycopg.Error as error:
            text = "\n".join(
                filter(None, [str(error), error.diag.message_detail, error.diag.context])
            )
            return error.sqlstate, text
        return "done", ""

    def attach(self):
        """Audit and watch what is new, as an operator does after a release."""
        self.admin.execute(
            "select plumb.drop_invariant(name) from plumb.invariants where name ~ 'AMOUNT'"
            " and to_regclass(view_name) is null"
        )
        new = self.admin.execute(
            "select c.oid::regclass::text from pg_class as c where c.relowner = %s::regrole"
            " and c.relkind in ('r', 'p') and not c.relispartition"
            " and not exists (select from plumb.audited_tables as a where a.relid = c.oid)"
            " and not exists (select from pg_inherits as i where i.inhrelid = c.oid)",
            [ROLE],
        ).fetchall()
        for (table,) in new:
            self.admin.execute("select plumb.audit_table(%s::regclass)", [table])
            if self.wanderer.choose.random() < 0.3:
                self.watch(table)

    def watch(self, table):
        self.rules += 1
        name = f"AMOUNT_{self.rules}"
        self.admin.execute(
            f"create view rules.amount_{self.rules} as select id::text as subject, 'too much'"
            f" as explanation from {table} where amount > 1000000"
        )
        self.admin.execute(
            "select plumb.declare_invariant(%s, %s, 'P1', 'Amounts are small.')",
            [name, f"rules.amount_{self.rules}"],
        )
        self.admin.execute("select plumb.watch_table(%s, %s, 'id')", [name, table])
        self.admin.execute("select plumb.enforce_invariant(%s, 'commit')", [name])


def incidents(db):
    return db.execute(
        "select priority, source, scope, title, description from plumb.incidents where is_open"
    ).fetchall()


def expect_calm(twins, priorities):
    """Fail with what is open, the findings, and what was done lately."""
    found = [row for row in incidents(twins.admin) if row[0] in priorities]
    if found:
        findings = twins.admin.execute("select * from plumb.open_findings").fetchall()
        done = "\n".join(f"{result}: {'; '.join(step)[:600]}" for step, result in twins.done[-60:])
        pytest.fail("\n".join(map(str, [*found, *findings, done])))


@pytest.mark.parametrize(
    ("seed", "steps"),
    [(1, 120), *(pytest.param(s, 800, marks=pytest.mark.slow) for s in range(100, 106))],
)
def test_random_work_alarms_nobody(db, connect, bare, seed, steps):
    twins = Twins(db, connect, bare, seed)

    for number in range(steps):
        twins.step()
        if number % 25 == 24:
            seal(db)
            db.execute("select plumb.run_audit_check(%s)", [number % 50 == 49])
            db.execute("select plumb.run_invariant_cycle()")
            expect_calm(twins, ["P1"])
            db.execute("select plumb.accept_baselines(%s, %s)", [BY, WHY])

    seal(db)
    db.execute("select plumb.run_audit_check(true)")
    db.execute("select plumb.accept_baselines(%s, %s)", [BY, WHY])
    db.execute("select plumb.run_audit_check(true), plumb.run_deep_scan()")
    expect_calm(twins, ["P1", "P2", "P3", "P4"])
    assert db.execute("select * from plumb.open_findings").fetchall() == []
    assert db.execute("select * from plumb.missing_guards()").fetchall() == []
