"""Who may do what. A grant that nobody reviewed here is a failure."""

import psycopg
import pytest
from psycopg import errors

UNREADABLE_BY_READERS = {
    "api_tokens",
    "audit_findings",
    "audit_blocks",
    "audit_blocks_0",
    "audit_blocks_log",
    "audit_capture",
    "audit_captured",
    "audit_captured_log",
    "audit_message_key",
    "audit_chains_log",
    "audit_intake",
    "audit_intake_log",
    "audit_log",
    "audit_rows",
    "backup_agent",
    "destination_secrets",
    "idempotency_keys",
    "schema_revision",
    "setting_secrets",
    "system_mode",
}

# What changes something and may be called; reading functions follow plumb_reader.
CHANGES = {
    "plumb_reader": set(),
    "plumb_auditor": {
        "restore_row",
        "undo_changes",
        "undo_transaction",
        "undo_transactions",
        "undo_user",
    },
    "retail_app": set(),
    "plumb_api": {
        "acknowledge_incident",
        "admit_request",
        "check_invariants",
        "claim_idempotency_key",
        "close_incident",
        "comment_incident",
        "complete_idempotency_key",
        "count_request",
        "disengage_safe_mode",
        "end_silence",
        "engage_safe_mode",
        "escalate_now",
        "expect_revision",
        "finish_call",
        "lower_safe_mode_flag",
        "plan_maintenance",
        "record_requests",
        "receive_webhook",
        "recount_request",
        "release_idempotency_key",
        "report_failed_login",
        "report_limiter",
        "report_rate_limited",
        "report_refused_request",
        "report_unchecked_requests",
        "request_block",
        "request_executive_report",
        "request_setting",
        "request_unblock",
        "resend_delivery",
        "score_health",
        "silence",
        "silence_incident",
        "unacknowledge_incident",
    },
    "plumb_operator": {
        "acknowledge_incident",
        "advance_deployment",
        "accept_baseline",
        "accept_baselines",
        "accept_finding",
        "accept_findings",
        "accept_violations",
        "anchor_audit",
        "audit_table",
        "block_client",
        "capture_audit",
        "change_setting",
        "check_deployment_drift",
        "check_deployment_gates",
        "check_invariants",
        "claim_backup",
        "claim_idempotency_key",
        "close_incident",
        "comment_incident",
        "complete_idempotency_key",
        "decide_deployment",
        "describe_holder",
        "create_executive_report",
        "disallow_client",
        "discard_delivery",
        "disengage_safe_mode",
        "end_silence",
        "enforce_invariant",
        "engage_safe_mode",
        "escalate_incident",
        "escalate_now",
        "expect_migrations",
        "fail_backup",
        "freeze_baseline",
        "guard_next",
        "guard_schema",
        "guard_schemas",
        "guard_table",
        "inhibit",
        "judge_backup_age",
        "lift_inhibition",
        "open_incident",
        "plan_maintenance",
        "rebase_audit",
        "reconcile_audit",
        "record_backup",
        "record_deployment_sample",
        "record_pruned_backup",
        "record_requests",
        "record_security_event",
        "record_validation",
        "recover_deployment",
        "release_idempotency_key",
        "report_failed_login",
        "report_limiter",
        "report_refused_request",
        "report_unchecked_requests",
        "request_block",
        "request_unblock",
        "resend_dead_letters",
        "resend_delivery",
        "resolve_incident",
        "resume_deployment",
        "route_destination",
        "run_audit_check",
        "score_health",
        "seal_audit",
        "send_test_alert",
        "silence",
        "silence_incident",
        "start_backup",
        "start_deployment",
        "disable_invariant",
        "tune_invariant",
        "withdraw_violations",
        "unacknowledge_incident",
        "unblock_client",
        "verify",
        "withdraw_acceptance",
    },
}

# What the jobs are, and what runs them; `plumb dispatch` outside may be of this role too.
CHANGES["plumb_worker"] = {
    "anchor_audit",
    "cancel_overdue_jobs",
    "claim_deliveries",
    "dispatch",
    "end_overdue_claims",
    "finish_job_run",
    "finish_lost_runs",
    "follow_catalog",
    "note_overdue_runs",
    "prepare_deliveries",
    "prune_history",
    "prune_idempotency_keys",
    "prune_request_counters",
    "record_deliveries",
    "repeat_job",
    "retire_audit",
    "run_audit_check",
    "run_backup",
    "run_capture",
    "run_deep_scan",
    "run_due_jobs",
    "run_executive_report",
    "run_health",
    "run_heartbeat",
    "run_incidents",
    "run_invariant_cycle",
    "run_job",
    "run_perf",
    "run_seal",
    "run_security_scan",
    "start_job_run",
    "watch_backups",
    "watch_deployments",
}

# An admin is an operator who may also weaken what is protected.
CHANGES["plumb_admin"] = CHANGES["plumb_operator"] | {
    "allow_client",
    "add_destination",
    "connect_destination",
    "receive_acknowledgements",
    "disconnect_destination",
    "enable_job",
    "redact_audit",
    "retire_audit",
    "unaudit_table",
    "unguard_table",
}


@pytest.mark.parametrize("role", CHANGES)
def test_a_role_calls_exactly_what_it_was_given(db, role):
    callable_by_role = {
        name
        for (name,) in db.execute(
            "select p.proname from pg_proc as p where p.pronamespace = 'plumb'::regnamespace"
            " and p.provolatile = 'v' and has_function_privilege(%s, p.oid, 'execute')",
            [role],
        )
    }

    assert callable_by_role == CHANGES[role]


@pytest.mark.parametrize("role", CHANGES)
def test_what_a_role_may_call_asks_for_no_right_that_it_lacks(db, role):
    functions = db.execute(
        "select p.proname, array(select format_type(t, null) from unnest(p.proargtypes) as t)"
        " from pg_proc as p where p.pronamespace = 'plumb'::regnamespace and not p.prosecdef"
        " and p.prorettype <> all('{trigger, event_trigger}'::regtype[])"
        " and has_function_privilege(%s, p.oid, 'execute')",
        [role],
    ).fetchall()
    refusals = []
    for name, types in functions:
        arguments = ", ".join(f"null::{a_type}" for a_type in types)
        try:
            with db.transaction(force_rollback=True):
                db.execute(f"set local role {role}")
                db.execute(f"select * from plumb.{name}({arguments})")
        except errors.InsufficientPrivilege as refusal:
            refusals.append(str(refusal))
        except psycopg.Error:
            # What it says of bad arguments is another test's business.
            continue

    assert refusals == []


def test_public_may_do_nothing(db):
    granted = db.execute(
        """
        select p.oid::regprocedure::text
        from pg_proc as p
        cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
        where p.pronamespace in ('plumb'::regnamespace, 'retail'::regnamespace) and a.grantee = 0
        union all
        select c.oid::regclass::text
        from pg_class as c
        cross join lateral aclexplode(c.relacl) as a
        where c.relnamespace in ('plumb'::regnamespace, 'retail'::regnamespace) and a.grantee = 0
        union all
        select n.nspname
        from pg_namespace as n
        cross join lateral aclexplode(n.nspacl) as a
        where n.nspname in ('plumb', 'retail') and a.grantee = 0
        """
    ).fetchall()

    assert granted == []


def test_readers_read_every_table_and_view_but_those_with_secrets(db):
    unreadable = {
        name
        for (name,) in db.execute(
            "select c.relname from pg_class as c where c.relnamespace = 'plumb'::regnamespace"
            " and c.relkind in ('r', 'p', 'v')"
            " and not has_table_privilege('plumb_reader', c.oid, 'select')"
        )
    }

    assert unreadable == UNREADABLE_BY_READERS


def test_readers_can_use_every_view(db, connect):
    session = connect()
    session.execute("set role plumb_reader")

    for (view,) in db.execute(
        "select c.oid::regclass::text from pg_class as c"
        " where c.relnamespace = 'plumb'::regnamespace and c.relkind = 'v'"
        " and c.relname <> all(%s)",
        [list(UNREADABLE_BY_READERS)],
    ):
        session.execute(f"select * from plumb.{view.removeprefix('plumb.')}")


def test_nobody_but_the_owner_writes_our_tables(db):
    writable = db.execute(
        "select r.rolname, c.relname from pg_roles as r, pg_class as c"
        " where r.rolname = any(%s) and c.relnamespace = 'plumb'::regnamespace"
        " and c.relkind in ('r', 'p', 'v', 'S')"
        " and (c.relkind = 'S' and has_sequence_privilege(r.oid, c.oid, 'update')"
        " or c.relkind <> 'S'"
        " and has_table_privilege(r.oid, c.oid, 'insert, update, delete, truncate'))",
        [list(CHANGES)],
    ).fetchall()

    assert writable == []


def test_the_shop_trades_and_sees_nothing_of_us(db, connect):
    session = connect()
    session.execute("set role retail_app")
    session.execute("insert into retail.customers (name) values ('Ada')")
    session.execute("insert into retail.products (sku, name) values ('TEA', 'Tea')")
    session.execute(
        "insert into retail.stock_ledger (product_id, delta, reason) values (1, 5, 'DELIVERY')"
    )
    session.execute("update retail.products set price = 3")
    session.execute("delete from retail.customers")

    for forbidden in (
        "select * from plumb.settings",
        "select plumb.is_safe_mode()",
        "truncate retail.payments",
        "drop table retail.payments",
        "alter table retail.stock disable trigger all",
        "create table retail.mine (id integer)",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute(forbidden)
