"""Which rights each role can reach: by membership, SET ROLE, a function of others, or a job."""

import psycopg
import pytest

# Every role of ours with the roles whose rights it can have, directly or through others.
MEMBER_OF = {
    "plumb_admin": {"plumb_operator", "plumb_reader"},
    "plumb_api": {"plumb_reader"},
    "plumb_auditor": {"plumb_reader"},
    "plumb_inspector": set(),
    "plumb_operator": {"plumb_reader"},
    # It sees what other sessions do, for forensic snapshots and checks. It can end none.
    "plumb_owner": {
        "pg_monitor",
        "pg_read_all_settings",
        "pg_read_all_stats",
        "pg_stat_scan_tables",
    },
    "plumb_reader": set(),
    # It owns what reads the log's slot, and nothing else.
    "plumb_replicator": set(),
    "plumb_worker": set(),
    "retail_app": set(),
}
MAY_LOG_IN = {"plumb_api", "plumb_worker"}
# Functions that run as a superuser or as the inspector, by the roles that may call them.
CALLS_OF_OTHERS = {
    "plumb_admin": {
        "check_audit()",
        "check_sequences()",
        "guard_table(regclass)",
        "unaudit_table(regclass)",
        "unguard_table(regclass)",
    },
    "plumb_api": {"check_sequences()"},
    "plumb_auditor": {"check_sequences()"},
    "plumb_inspector": {"inspect(text,text[],integer)"},
    "plumb_operator": {"check_audit()", "check_sequences()", "guard_table(regclass)"},
    "plumb_reader": {"check_sequences()"},
    "plumb_worker": set(),
    "retail_app": set(),
}
OURS = "p.pronamespace in ('plumb'::regnamespace, 'retail'::regnamespace)"
IS_SUPERUSERS = "(select r.rolsuper from pg_roles as r where r.oid = p.proowner)"


def column(db, query, *parameters):
    return {name for (name,) in db.execute(query, parameters)}


def test_every_role_of_ours_is_listed(db):
    assert column(
        db, "select rolname from pg_roles where rolname ~ '^plumb_' and rolname !~ '^plumb_test'"
    ) | {"retail_app"} == set(MEMBER_OF)


def test_nobody_is_a_member_of_the_owner_or_the_inspector(db):
    assert (
        db.execute(
            "select m.member::regrole::text, m.roleid::regrole::text from pg_auth_members as m"
            " where m.roleid in ('plumb_owner'::regrole, 'plumb_inspector'::regrole)"
        ).fetchall()
        == []
    )


@pytest.mark.parametrize("role", MEMBER_OF)
def test_a_role_has_the_rights_of_the_listed_roles_only(db, role):
    reached = column(
        db,
        "select r.rolname from pg_roles as r"
        " where pg_has_role(%s, r.oid, 'member') and r.rolname <> %s",
        role,
        role,
    )

    assert reached == MEMBER_OF[role]


def test_no_role_of_ours_has_a_power_of_its_own(db):
    powers = {
        row[0]: row[1:]
        for row in db.execute(
            "select rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication,"
            " rolbypassrls from pg_roles where rolname = any(%s)",
            [list(MEMBER_OF)],
        )
    }

    assert powers == {
        role: (
            role in MAY_LOG_IN,
            False,
            False,
            False,
            role == "plumb_replicator",
            role == "plumb_inspector",
        )
        for role in MEMBER_OF
    }


@pytest.mark.parametrize("role", CALLS_OF_OTHERS)
def test_a_role_calls_the_listed_functions_of_a_superuser_only(db, role):
    assert (
        column(
            db,
            "select p.oid::regprocedure::text from pg_proc as p"
            f" where {OURS} and p.prosecdef and p.proowner <> 'plumb_owner'::regrole"
            " and p.prorettype <> all('{trigger, event_trigger}'::regtype[])"
            " and has_function_privilege(%s, p.oid, 'execute')",
            role,
        )
        == CALLS_OF_OTHERS[role]
    )


def test_nobody_but_the_owner_runs_code_of_the_servers_account(db):
    assert (
        db.execute(
            "select r.rolname, p.oid::regprocedure::text from pg_proc as p"
            " inner join pg_language as l on l.oid = p.prolang and not l.lanpltrusted,"
            " pg_roles as r"
            f" where {OURS} and r.rolname = any(%s) and r.rolname <> 'plumb_owner'"
            " and has_function_privilege(r.oid, p.oid, 'execute')",
            [list(MEMBER_OF)],
        ).fetchall()
        == []
    )


def test_our_functions_belong_to_the_owner_a_superuser_or_the_inspector(db):
    assert column(
        db,
        f"select p.oid::regprocedure::text from pg_proc as p where {OURS}"
        f" and p.proowner <> 'plumb_owner'::regrole and not {IS_SUPERUSERS}",
    ) == {
        "inspect(text,text[],integer)",
        "advance_slot(pg_lsn)",
        "create_slot()",
        "drop_slot()",
        "read_slot(integer,pg_lsn)",
    }


@pytest.mark.parametrize("user", sorted(MAY_LOG_IN))
def test_a_role_that_logs_in_cannot_become_another_or_change_what_others_call(db, connect, user):
    session = connect(user=user)
    db.execute("set search_path = pg_catalog")
    routines = column(
        db,
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.pronamespace = 'plumb'::regnamespace",
    )
    for statement in (
        *(f"set role {role}" for role in ("postgres", "plumb_owner", "plumb_inspector")),
        f"grant plumb_owner to {user}",
        f"alter role {user} createrole",
        "create table plumb.mine (id integer)",
        "create function plumb.mine() returns integer language sql return 1",
        "insert into plumb.jobs values ('mine', '1', 'seal_interval_ms', null, 1, true, '')",
        "update plumb.jobs set command = 'mine()'",
        "update plumb.settings set value = '0'",
        "delete from plumb.locks",
        *(f"alter routine {routine} rename to mine" for routine in routines),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)


def test_every_job_runs_as_the_role_of_the_jobs(shop, connect):
    worker = connect(user="plumb_worker")
    jobs = column(shop, "select job_name from plumb.jobs")
    shop.execute("update retail.stock set quantity = -1 where product_id = 2")

    for job in jobs:
        worker.execute("call plumb.run_job(%s, true)", [job])

    runs = shop.execute("select job_name, result, message from plumb.job_runs").fetchall()
    assert {name for name, result, _message in runs if result == "succeeded"} == jobs, runs
    assert shop.execute(
        "select count(*) from plumb.locks where claimed_at is not null"
    ).fetchone() == (0,)


def test_jobs_without_pg_cron_run_as_the_role_of_the_jobs(shop, connect):
    connect(user="plumb_worker").execute("call plumb.run_due_jobs()")

    assert shop.execute("select distinct result from plumb.job_runs").fetchall() == [("succeeded",)]


def test_the_role_of_the_jobs_cannot_move_the_clock(db, connect):
    worker = connect(user="plumb_worker")
    worker.execute("select set_config('plumb.current_time', '2001-01-01', false)")

    worker.execute("call plumb.run_job('health', true)")

    assert db.execute(
        "select started_at > now() - interval '1 hour' from plumb.job_runs"
    ).fetchone() == (True,)


def test_a_member_of_the_owner_is_a_critical_check_until_it_is_revoked(db):
    look = "select status, why, remedy from plumb.database_checks where check_name = %s"
    assert db.execute(look, ["owner_members"]).fetchone()[0] == "ok"
    # In a transaction, because roles belong to the whole cluster.
    with db.transaction(force_rollback=True):
        db.execute("grant plumb_owner to plumb_api")
        status, why, remedy = db.execute(look, ["owner_members"]).fetchone()
        assert (status, why) == ("critical", "plumb_api is a member of plumb_owner")

        db.execute(remedy)

        assert db.execute(look, ["owner_members"]).fetchone()[0] == "ok"
