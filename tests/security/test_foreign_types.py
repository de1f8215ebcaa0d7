"""What hangs below a table and its columns never runs with rights that its owner lacks.

Types, operators, casts, partition keys and triggers that wait for the commit, attached all at once
to audited, guarded and declared tables of mallory's; then everything that runs by itself runs.
"""

import psycopg
import pytest
from foreign_code import DECLARE, as_mallory
from plumbline.core.migrate import migrate

BELOW = """
create function own.b(integer) returns boolean language plpgsql immutable as
$$ begin perform own.pwn(); return true; end $$;
create function own.diff(integer, integer) returns double precision language plpgsql immutable as
$$ begin perform own.pwn(); return $1 - $2; end $$;
create function own.tg() returns trigger language plpgsql as
$$ begin perform own.pwn(); return new; end $$;
create function own.step(integer, integer) returns integer language plpgsql immutable as
$$ begin perform own.pwn(); return $2; end $$;
create domain own.checked as integer check (own.b(value));
create domain own.checked_list as own.checked[] check (own.b(1));
create type own.span as range (subtype = integer, subtype_diff = own.diff);
create type own.inner as (c own.checked, note text);
create type own.outer as (parts own.inner[], at own.checked);
create collation own.folded (provider = icu, locale = 'und', deterministic = false);
create aggregate own.count(integer) (sfunc = own.step, stype = integer);
create function own.count() returns bigint language plpgsql as
$$ begin perform own.pwn(); return 0; end $$;
create operator own.= (function = int4eq, leftarg = integer, rightarg = integer);
create function own.eq(text, text) returns boolean language plpgsql immutable as
$$ begin perform own.pwn(); return true; end $$;
create operator own.= (function = own.eq, leftarg = text, rightarg = text);
create type own.mood as enum ('calm');
create function own.told(own.mood) returns text language plpgsql immutable as
$$ begin perform own.pwn(); return 'x'; end $$;
create cast (own.mood as text) with function own.told(own.mood) as implicit;
create function own.moody(text) returns own.mood language plpgsql immutable as
$$ begin perform own.pwn(); return 'calm'; end $$;
create cast (text as own.mood) with function own.moody(text) as implicit;
alter table own.item
    add column span own.span default '[1,3)',
    add column whole own.outer default row(array[row(1, 'n')::own.inner], 2)::own.outer,
    add column list own.checked_list default '{1,2}',
    add column folded text collate own.folded default 'a',
    add column mood own.mood default 'calm',
    add column d own.checked default own.f(1),
    add column g integer generated always as (own.f(id)) stored;
create index on own.item using gist (span);
create index on own.item ((id + own.f(1)));
create index on own.item (folded) where own.f(1) = 1;
create unique index on own.item ((own.f(id)), v);
create statistics own.stats on (id + own.f(1)), v, folded from own.item;
analyze own.item;
alter table own.item add check (own.f(1) = 1) not valid;
create constraint trigger at_end after insert or update or delete on own.item
deferrable initially deferred for each row execute function own.tg();
create trigger before before insert or update on own.item for each row execute function own.tg();
create table own.whole (id integer, v text) partition by range ((own.f(id)));
create table own.part partition of own.whole for values from (0) to (1000);
insert into own.whole select i, 'v' from generate_series(1, 20) as i;
create index on own.whole ((own.f(id)));
create view own.looking as select w.id as subject, own.f(w.id) as said, w.v from own.whole as w
where w.v = 'wrong';
alter table own.item cluster on item_pkey;
alter table own.item replica identity full;
comment on table own.item is E'\\\\! id >/tmp/made_by_mallory \\x1b[2J';
comment on column own.item.v is E'\\n\\\\i /tmp/x';
alter role mallory set search_path = own, pg_catalog;
"""


@pytest.fixture
def below(mallory):
    """Let mallory attach all of it, and all of it be audited, guarded and declared."""
    as_mallory(mallory, BELOW)
    as_mallory(
        mallory,
        "create view own.wrong as select id as subject, own.f(id) as said, v, mood, span, whole"
        " from own.item where v = 'wrong'",
    )
    mallory.execute("select plumb.audit_table('own.item'), plumb.guard_table('own.item')")
    mallory.execute("select plumb.audit_table('own.whole', p_baseline => 'sum')")
    mallory.execute(DECLARE)
    mallory.execute(
        "select plumb.declare_invariant('OWN_LOOK', 'own.looking', 'P2', 'Nothing is wrong.')"
    )
    as_mallory(
        mallory, "update own.item set v = 'wrong' where id = 3; update own.whole set v = 'w'"
    )
    mallory.execute("select plumb.change_setting('amcheck_indexes_max', '1000')")
    mallory.execute("select plumb.seal_audit()")
    return mallory


def jobs(db):
    return [name for (name,) in db.execute("select job_name from plumb.jobs order by 1")]


def test_no_job_runs_what_hangs_below_a_table_with_its_rights(below, watch):
    session = watch("plumb_worker")
    # A backup is a program of its own: tests/backup/test_hostile_backup.py.
    for job in jobs(below):
        if job == "backup":
            continue
        result = session.call(f"call plumb.run_job('{job}', true)")
        assert not isinstance(result, Exception), (job, result)
        assert session.did == [], job
        assert session.ran_as <= {"plumb_inspector"}, job
    assert session.ran_as == {"plumb_inspector"}
    assert below.execute("select * from own.seen where who <> 'mallory'").fetchall() == []
    assert (
        below.execute(
            "select distinct job_name from plumb.job_runs where result = 'failed'"
        ).fetchall()
        == []
    )


CALLS = (
    "select plumb.verify()",
    "select plumb.run_audit_check(true)",
    "select plumb.rebase_audit('own.item', 'rows')",
    "select plumb.rebase_audit('own.whole', 'sum')",
    "select * from plumb.reconcile_audit('own.item', 'full')",
    "select * from plumb.row_history('own.item', '3')",
    "select plumb.row_as_of('own.item', '3', now())",
    "select * from plumb.verify_audit()",
    "select * from plumb.check_audit()",
    "select * from plumb.database_checks",
    "select plumb.check_indexes()",
    "select plumb.check_sequences()",
    "select * from plumb.guarded",
    "select * from plumb.read_violations('OWN_LOOK')",
    'select * from plumb.read_violations(\'OWN_ITEMS\', \'{"subject": ["3"], "v": ["wrong"]}\')',
    "select plumb.open_incident('test', 'scope', 'P1', 'title')",
    "select plumb.score_health()",
    "select plumb.describe_health()",
    "select plumb.engage_safe_mode('a test', 'ops')",
    "select plumb.guard_table('own.item')",
    "select plumb.unguard_table('own.item')",
    "select plumb.enforce_invariant('OWN_ITEMS', 'commit')",
    "select plumb.drop_invariant('OWN_LOOK')",
    "select plumb.redact_audit('own.item', '3', null, 'a test')",
    "select plumb.unaudit_table('own.item')",
    "select plumb.audit_table('own.item')",
    "select plumb.run_security_scan()",
)


def test_no_call_of_an_administrator_does_either(below, watch):
    session = watch()
    for call in CALLS:
        if "unguard" in call:
            below.execute("update plumb.system_mode set mode = 'normal'")
        result = session.call(call)
        assert not isinstance(result, Exception), (call, result)
        assert session.did == [], call
        assert session.ran_as <= {"plumb_inspector"}, call
    assert below.execute("select * from own.seen where who <> 'mallory'").fetchall() == []


def test_a_migration_does_not_either(below):
    migrate(below.info.dsn, report=lambda _line: None)

    assert below.execute("select * from own.seen where who <> 'mallory'").fetchall() == []
    assert below.execute(
        "select rolsuper, rolbypassrls from pg_roles where rolname = 'mallory'"
    ).fetchone() == (False, False)


def test_writing_to_such_a_table_runs_it_as_the_writer(below, connect, watch):
    session = watch("mallory")
    for statement in (
        "insert into own.item (id, v) values (100, 'x')",
        "update own.item set v = 'y' where id = 100",
        "delete from own.item where id = 100",
    ):
        result = session.session.execute(statement)
        assert result.rowcount == 1
    assert session.ran_as <= {"mallory", "plumb_inspector"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.session.execute("table plumb.audit_log")
