"""What should write the log is there, switched on and unchanged; or it is said."""

import pytest
from plumbline.cli.migrate import migrate
from psycopg.conninfo import make_conninfo

from .conftest import tamper


def kinds(db):
    return {(r[0], r[1]) for r in db.execute("select kind, object from check_audit()").fetchall()}


def test_a_fresh_installation_is_complete(audit):
    assert kinds(audit) == set()


@pytest.mark.parametrize(
    "trigger",
    ["plumb_audit_insert", "plumb_audit_update", "plumb_audit_delete", "plumb_audit_row"],
)
@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("alter table app.item disable trigger {trigger}", "trigger_disabled"),
        ("drop trigger {trigger} on app.item", "trigger_missing"),
        (
            "update pg_trigger set tgenabled = 'D' where tgname = '{trigger}'"
            " and tgrelid = 'app.item'::regclass",
            "trigger_disabled",
        ),
        (
            "create or replace trigger {trigger} after update on app.item"
            " for each row when (false)"
            " execute function plumb.tg_audit_row('app.item', 'id')",
            "trigger_replaced",
        ),
        (
            "update pg_trigger set tgattr = '2' where tgname = '{trigger}'"
            " and tgrelid = 'app.item'::regclass",
            "trigger_replaced",
        ),
        (
            "update pg_trigger set tgfoid = 'suppress_redundant_updates_trigger'::regproc"
            " where tgname = '{trigger}' and tgrelid = 'app.item'::regclass",
            "trigger_replaced",
        ),
    ],
)
def test_a_trigger_tampered_with_is_found(audit, statement, kind, trigger):
    audit.execute("set allow_system_table_mods = on")
    audit.execute(statement.format(trigger=trigger))
    found = kinds(audit)
    assert len(found) == 1
    assert f"{trigger} on app.item" in {o for _k, o in found}
    assert found.pop()[0] in {kind, "trigger_disabled"}


def test_a_table_said_to_have_no_triggers_is_found(audit):
    audit.execute("set allow_system_table_mods = on")
    audit.execute("update pg_class set relhastriggers = false where oid = 'app.item'::regclass")
    audit.execute("insert into app.item values (1)")
    assert {kind for kind, _object in kinds(audit)} == {"trigger_disabled"}
    assert len(kinds(audit)) == 5
    found = audit.execute("select kind, record_key from reconcile_audit('app.item')").fetchall()
    assert ("row_unlogged", "1") in found


@pytest.mark.parametrize(
    "statement",
    [
        "create or replace trigger seals_are_append_only before insert on plumb.seals"
        " for each statement execute function plumb.tg_keep_audit();"
        "alter table plumb.seals enable always trigger seals_are_append_only",
        "create or replace trigger seals_are_append_only"
        " before update or delete or truncate on plumb.seals"
        " for each statement when (false) execute function plumb.tg_keep_audit();"
        "alter table plumb.seals enable always trigger seals_are_append_only",
    ],
)
def test_a_guard_of_the_log_that_guards_nothing_is_found(audit, statement):
    audit.execute(statement)
    assert kinds(audit) == {("trigger_replaced", "seals_are_append_only")}


def test_auditing_again_mends_it(audit):
    audit.execute("alter table app.item disable trigger all")
    assert len(kinds(audit)) == 5
    audit.execute("select audit_table('app.item')")
    assert kinds(audit) == set()


def test_a_partition_s_trigger_counts(audit):
    audit.execute("drop trigger plumb_audit_row on app.part_eu")
    assert kinds(audit) == {("trigger_missing", "plumb_audit_row on app.part_eu")}


def test_a_replaced_function_is_found(audit):
    audit.execute(
        "create or replace function plumb.tg_audit_row() returns trigger language plpgsql"
        " as $$ begin return null; end $$"
    )
    assert kinds(audit) == {("function_altered", "plumb.tg_audit_row()")}


def test_a_switched_off_event_trigger_is_found(audit):
    audit.execute("alter event trigger plumb_audit_ddl disable")
    assert kinds(audit) == {("trigger_disabled", "plumb_audit_ddl")}


def test_a_switched_off_guard_of_the_log_is_found(audit):
    audit.execute("alter table plumb.seals disable trigger seals_are_append_only")
    assert kinds(audit) == {("trigger_disabled", "seals_are_append_only")}


def test_a_table_struck_from_the_list_is_found(audit):
    tamper(audit, "delete from audited_tables where relation = 'app.item'")
    assert kinds(audit) == {("table_forgotten", "plumb.audited_tables")}


@pytest.mark.parametrize("table", ["audit_rows", "audit_blocks", "seals", "audit_transactions"])
def test_a_log_whose_rows_could_be_doubled_is_found(audit, table):
    key = "audit_log_pkey" if table == "audit_rows" else f"{table}_pkey"
    audit.execute(f"alter table plumb.{table} drop constraint {key}")
    assert ("key_missing", f"plumb.{table}") in kinds(audit)


def test_a_migration_brings_the_guards_of_the_log_s_partitions_back(audit):
    audit.execute("alter table plumb.audit_blocks_0 disable trigger all")
    assert kinds(audit) != set()
    info = audit.info
    migrate(
        make_conninfo(host=info.host, port=info.port, user=info.user, dbname=info.dbname),
        report=lambda _line: None,
    )
    assert kinds(audit) == set()


@pytest.mark.parametrize(
    ("definition", "member"),
    [
        ("create unlogged table app.fast (id integer primary key)", "app.fast"),
        (
            "create table app.fast (id integer primary key) partition by list (id);"
            " create unlogged table app.fast_1 partition of app.fast for values in (1)",
            "app.fast_1",
        ),
    ],
)
def test_a_table_that_a_crash_would_empty_is_said_to_be_so(audit, definition, member):
    said = []
    audit.add_notice_handler(lambda n: said.append((n.severity_nonlocalized, n.message_hint)))
    audit.execute(definition)

    audit.execute("select audit_table('app.fast')")

    assert said == [("WARNING", f"alter table {member} set logged;")]


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ("alter table app.item set unlogged", "app.item"),
        (
            "create unlogged table app.part_x partition of app.part for values in ('x')",
            "app.part_x",
        ),
    ],
)
def test_an_audited_table_that_becomes_one_is_said_to_be_so(audit, change, member):
    said = []
    audit.add_notice_handler(lambda n: said.append((n.severity_nonlocalized, n.message_hint)))

    audit.execute(change)

    assert said == [("WARNING", f"alter table {member} set logged;")]
