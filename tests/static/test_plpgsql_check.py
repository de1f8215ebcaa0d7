"""PL/pgSQL bodies are text until they run; plpgsql_check reads every one of them before."""

from collections import defaultdict

import pytest

# pg_cron lives in one database per cluster, never in a test's: its shape stands in for it.
PG_CRON = """
create schema cron;
create table cron.job (
    jobid bigint, jobname text, schedule text, command text, database text, username text,
    active boolean
);
create table cron.job_run_details (runid bigint, command text);
create function cron.schedule_in_database(text, text, text, text, text)
returns bigint language sql as 'select 1::bigint';
create function cron.alter_job(job_id bigint, database text, active boolean)
returns void language sql as 'select'
"""

# Only a table that logical replication writes to carries this one.
ROW_FORM = """
create trigger audit_row after insert or update or delete on retail.customers
for each row execute function plumb.tg_audit_row('retail.customers', 'customer_id')
"""

CHECK_ALL = """
select
    t.function::text, f.level,
    format('%s line %s: %s: %s %s', t.function, f.lineno, f.level, f.message, f.query)
from (
    select
        p.oid::regprocedure as function,
        g.tgrelid as relation,
        -- One function serves all three: each trigger shows it the rows that its event has.
        case when g.tgoldtable is not null or g.tgnewtable is not null then 'old_rows' end
            as old_table,
        case when g.tgoldtable is not null or g.tgnewtable is not null then 'new_rows' end
            as new_table
    from pg_proc as p
    left join pg_trigger as g on g.tgfoid = p.oid and not g.tgisinternal
    where
        p.pronamespace in ('plumb'::regnamespace, 'retail'::regnamespace)
        and p.prolang = (select l.oid from pg_language as l where l.lanname = 'plpgsql')
) as t
cross join lateral plpgsql_check_function_tb(
    t.function,
    coalesce(t.relation, 0),
    oldtable => t.old_table,
    newtable => t.new_table,
    fatal_errors => false,
    extra_warnings => true,
    security_warnings => true
) as f
order by 3
"""

# What plpgsql_check cannot know, each with its reason.
EXPECTED = {
    # The statements come quoted from format() in audit_triggers().
    ("attach_audit(text,text[])", "security"),
    # The statements come quoted from format() in its own query.
    ("attach_enforcement(text)", "security"),
    # Views are made of the text that PostgreSQL has of them, and of names that it quoted.
    ("create_view(regclass,text)", "security"),
    ("set_aside_views(text)", "security"),
    # The commands come quoted from format() in plumb.worker_settings().
    ("set_worker_settings()", "security"),
    # Its query is its argument: it has the rights for reading foreign relations, and no others.
    ("inspect(text,text[],integer)", "security"),
    ("inspect(text,text[],integer)", "warning extra"),
    # A job's command is SQL by design, and only plumb_owner may declare one; the command of a
    # stepwise job returns plumb.job_step, by declaration.
    ("run_job(text,boolean)", "security"),
    ("run_job(text,boolean)", "warning"),
    # Volatile, because it changes settings of the session by set_config().
    ("pin_formats()", "warning"),
    # RETURN QUERY EXECUTE fills them.
    ("current_statements()", "warning extra"),
    ("doubtful_transactions(bigint,bigint)", "warning extra"),
}


@pytest.fixture(autouse=True)
def everything_attached(db):
    """Attach the triggers that wait for an operator's word, so that they are checked too."""
    db.execute(
        "select plumb.declare_balance("
        "'BALANCE', 'retail.stock', 'quantity', 'delta', 'retail.stock_ledger')"
    )
    db.execute("update plumb.invariants set enforcement = 'statement'")
    db.execute("select plumb.attach_enforcement(name) from plumb.invariants")
    db.execute("create table public.captured (id integer primary key)")
    db.execute("select plumb.audit_table('public.captured', capture => 'wal')")


def test_no_function_has_a_finding_but_the_expected_ones(db):
    # The count of statements keeps it in a schema of its own.
    db.execute("drop extension if exists plpgsql_check")
    db.execute("create extension plpgsql_check")
    db.execute(PG_CRON)
    db.execute(ROW_FORM)

    found = defaultdict(list)
    for function, level, text in db.execute(CHECK_ALL):
        found[function.removeprefix("plumb."), level].append(text)

    unexpected = [text for key in found.keys() - EXPECTED for text in found[key]]
    assert not unexpected, "\n".join(unexpected)
    # What is no longer found must leave the list.
    assert sorted(EXPECTED - found.keys()) == []


def test_every_trigger_function_is_attached_and_so_checked(db):
    db.execute(ROW_FORM)

    unattached = db.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.pronamespace in ('plumb'::regnamespace, 'retail'::regnamespace)"
        " and p.prorettype in ('trigger'::regtype, 'event_trigger'::regtype)"
        " and not exists (select from pg_trigger as t where t.tgfoid = p.oid)"
        " and not exists (select from pg_event_trigger as e where e.evtfoid = p.oid)"
    ).fetchall()

    assert unattached == []
