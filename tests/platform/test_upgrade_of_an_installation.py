"""An installation of an earlier version with data and traffic becomes this version.

Attacks by the owner of a table that worked in that version work no longer afterwards.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from earlier_version import (
    ATTACK,
    BLIND,
    EARLIER,
    FORGE,
    INSTALL,
    ROUNDABOUT,
    USE,
    Repeated,
    Traffic,
    unpack,
)
from plumbline.cli.audit import verifier
from plumbline.cli.backup.tiers import follow_older_log
from plumbline.core.migrate import migrate
from plumbline.core.revisions import head_revision
from plumbline.core.scratch import scratch_cluster
from waiting import wait_until


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """Return a directory in which the earlier version can be imported as plumbline."""
    directory = tmp_path_factory.mktemp("earlier")
    if not unpack(directory / "plumbline"):
        pytest.skip(f"commit {EARLIER} is not in this checkout's history")
    return directory


@pytest.fixture(scope="module")
def upgraded(earlier, tmp_path_factory):
    """Yield the URL of an installation that was upgraded under traffic, with what was seen."""
    with scratch_cluster() as cluster:
        cluster.ensure_database("shop")
        url = cluster.url("shop")
        subprocess.run(
            [sys.executable, "-c", INSTALL, url],
            env={**os.environ, "PYTHONPATH": str(earlier)},
            cwd=earlier,
            check=True,
            capture_output=True,
            timeout=120,
        )
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(USE)
            worker = cluster.url("shop", "plumb_worker")
            names = [n for (n,) in session.execute("select job_name from plumb.jobs").fetchall()]
            for job in names:
                with psycopg.connect(worker, autocommit=True) as jobs:
                    jobs.execute("call plumb.run_job(%s, true)", [job])
            for name, value in BLIND.items():
                session.execute("select plumb.change_setting(%s, %s)", [name, value])
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as session:
            session.execute("create database shop_copy template shop")
            session.execute("create database shop_forged template shop")
        clients = [Traffic(url) for _ in range(3)]
        # Every job runs meanwhile, and somebody verifies the log.
        verification = ["select plumb.verify_audit()", "select plumb.check_audit()"]
        jobs = [f"call plumb.run_job('{job}', true)" for job in names]
        others = [Repeated(worker, jobs), Repeated(url, verification)]
        for client in [*clients, *others]:
            client.start()
        wait_until(lambda: all(client.committed for client in [*clients, *others]), 20)
        said = []
        migrate(url, report=said.append, demo_schema="retail")
        before = [client.committed for client in clients]
        with contextlib.suppress(AssertionError):
            wait_until(
                lambda: all(c.committed > n for c, n in zip(clients, before, strict=True)), 10
            )
        for client in [*clients, *others]:
            client.end()
        file = tmp_path_factory.mktemp("attack") / "file"
        file.parent.chmod(0o777)
        with psycopg.connect(cluster.url("shop", "app_owner"), autocommit=True) as owner:
            owner.execute(ATTACK.replace("%%", "%").format(file=file))
        yield {
            "cluster": cluster,
            "url": url,
            "said": said,
            "failures": [failure for client in clients for failure in client.failures],
            "longest_seconds": max(client.longest_seconds for client in clients),
            "failures_of_others": [failure for other in others for failure in other.failures],
            "committed": [c.committed - n for c, n in zip(clients, before, strict=True)],
            "file": file,
        }


@pytest.fixture
def admin(upgraded):
    """Yield a superuser's session on the upgraded installation."""
    with psycopg.connect(upgraded["url"], autocommit=True) as session:
        yield session


@pytest.fixture
def login(upgraded):
    """Yield a function that opens a session of a role; it keeps the notices in `notices`."""
    sessions = []

    def open_session(role):
        url = upgraded["cluster"].url("shop", role)
        session = psycopg.connect(url, autocommit=True)
        session.notices = []
        session.add_notice_handler(lambda notice: session.notices.append(notice.message_primary))
        sessions.append(session)
        return session

    yield open_session
    for session in sessions:
        session.close()


@pytest.fixture
def is_powerless(upgraded, admin):
    """Return a function that says whether app_owner gained nothing so far."""

    def look():
        return (
            admin.execute(
                "select not rolsuper and not pg_has_role('app_owner', 'plumb_owner', 'member')"
                " from pg_roles where rolname = 'app_owner'"
            ).fetchone()[0]
            and not upgraded["file"].exists()
        )

    return look


def result_of(admin, job):
    return admin.execute(
        "select result, message from plumb.job_runs where job_name = %s"
        " order by job_run_id desc limit 1",
        [job],
    ).fetchone()


def test_no_transaction_failed_while_it_was_upgraded(upgraded):
    assert upgraded["failures"] == []
    assert all(upgraded["committed"]), upgraded["committed"]
    assert upgraded["said"][-1] == f"schema at revision {head_revision()}, code applied"


def test_whatever_runs_meanwhile_is_in_no_deadlock_and_makes_nobody_wait_for_long(upgraded):
    assert [f for f in upgraded["failures_of_others"] if "40P01" in f] == []
    assert upgraded["longest_seconds"] < 60


def test_event_triggers_and_triggers_are_those_of_this_version(admin):
    assert admin.execute(
        "select distinct evtenabled from pg_event_trigger where evtname like 'plumb\\_%'"
    ).fetchall() == [("A",)]
    assert admin.execute("select * from plumb.check_audit()").fetchall() == []
    assert (
        admin.execute(
            "select relation from plumb.guarded"
            " where not obeys_safe_mode and relation like 'retail.%'"
        ).fetchall()
        == []
    )


def test_its_catalog_is_that_of_a_new_installation(admin, db):
    catalog = Path(__file__).with_name("whole_catalog.sql").read_text(encoding="utf-8")
    lines = []
    for session in (admin, db):
        session.execute("set search_path = pg_catalog")
        lines.append({line for (line,) in session.execute(catalog)})
    assert sorted(lines[0] ^ lines[1]) == []


def test_the_log_is_verified_from_its_first_seal(upgraded, admin, login):
    login("plumb_worker").execute("call plumb.run_job('audit-deep', true)")

    result, message = result_of(admin, "audit-deep")
    assert result == "succeeded"
    assert "0 findings" in message
    verified = subprocess.run(
        [sys.executable, "-m", "plumbline.cli", "audit", "verify"],
        env={**os.environ, "DATABASE_URL": upgraded["url"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_every_job_runs_and_the_upgrade_itself_alarms_nobody(admin, login):
    worker = login("plumb_worker")
    jobs = [name for (name,) in admin.execute("select job_name from plumb.jobs order by 1")]
    for job in jobs:
        worker.execute("call plumb.run_job(%s, true)", [job])

    assert {result_of(admin, job)[0] for job in jobs} == {"succeeded"}
    assert admin.execute("select * from plumb.privilege_changes").fetchall() == []
    assert (
        admin.execute(
            "select scope from plumb.open_incidents where source in ('security', 'audit')"
        ).fetchall()
        == []
    )


def test_nobody_is_a_member_of_the_owner_any_more(admin, login):
    assert (
        admin.execute(
            "select member::regrole from pg_auth_members where roleid = 'plumb_owner'::regrole"
        ).fetchall()
        == []
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        login("plumb_worker").execute("set role plumb_owner")


@pytest.mark.parametrize("job", ["audit-verify", "audit-deep"])
def test_an_audited_table_makes_nobody_a_superuser(login, is_powerless, admin, job):
    # So that the table is read again.
    login("app_owner").execute("update app.item set v = 'again' where id = 5")
    admin.execute("select plumb.seal_audit()")
    worker = login("plumb_worker")

    worker.execute("call plumb.run_job(%s, true)", [job])

    assert {n for n in worker.notices if n.startswith("ran as")} == {"ran as plumb_inspector"}
    assert is_powerless()


def test_an_invariant_makes_nobody_a_superuser_or_owner(login, is_powerless, admin):
    worker = login("plumb_worker")

    worker.execute("call plumb.run_job('deep-scan', true)")

    assert result_of(admin, "deep-scan")[0] == "succeeded"
    assert {n for n in worker.notices if n.startswith("ran as")} == {"ran as plumb_inspector"}
    assert is_powerless()


def test_a_backup_and_its_drill_make_nobody_a_superuser(upgraded, is_powerless, tmp_path):
    # The service's account must be able to enter it, whoever runs the tests.
    with tempfile.TemporaryDirectory(prefix="plumb-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        made = subprocess.run(
            [sys.executable, "-m", "plumbline.cli", "backup", "run", "--validate"],
            env={
                **os.environ,
                "DATABASE_URL": upgraded["url"],
                "BACKUP_DIR": str(tmp_path / "backups"),
                "PLUMB_HOME": home,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    assert "is valid." in made.stdout, made.stdout + made.stderr
    assert is_powerless()


@pytest.fixture
def safe_mode(admin):
    """Engage safe mode for one test."""
    admin.execute("select plumb.engage_safe_mode('a test', 'ops')")
    yield
    admin.execute("update plumb.system_mode set override_token = 'again' where id = 1")
    assert admin.execute("select plumb.disengage_safe_mode('again', 'ops')").fetchone()[0][
        "result"
    ] in ("disengaged", "ended")


@pytest.mark.parametrize("way", ROUNDABOUT)
def test_no_owner_gets_round_safe_mode(login, safe_mode, admin, way):
    rows = (
        "select (select jsonb_agg(i order by i.id) from app.item as i),"
        " (select count(*) from app.part)"
    )
    before = admin.execute(rows).fetchone()

    with pytest.raises(psycopg.Error):
        login("app_owner").execute(ROUNDABOUT[way])

    assert admin.execute(rows).fetchone() == before
    assert admin.execute(
        "select bool_and(obeys_safe_mode) from plumb.guarded where relation ~ '^app\\.(item|part)'"
    ).fetchone() == (True,)


def test_advisory_locks_of_anybody_stop_no_job_and_hide_no_incident(login, admin):
    nobody = login("nobody_in")
    jobs = [name for (name,) in admin.execute("select job_name from plumb.jobs order by 1")]
    for key in [*jobs, "incident invariant/NO_NEGATIVE_STOCK"]:
        nobody.execute("select pg_advisory_lock(758624602, hashtext(%s))", [key])
    worker = login("plumb_worker")
    admin.execute(
        "set session_replication_role = replica;"
        "update retail.stock set quantity = -1 where product_id = 2;"
        "reset session_replication_role"
    )

    for job in ("health", "seal", "deep-scan", "dispatch", "watchdog"):
        worker.execute("call plumb.run_job(%s, true)", [job])

    assert result_of(admin, "health")[0] == "succeeded"
    assert admin.execute(
        "select count(*) from plumb.open_incidents where scope = 'NO_NEGATIVE_STOCK'"
    ).fetchone() == (1,)


@pytest.mark.parametrize("name", BLIND)
def test_a_setting_that_blinds_a_check_was_reset_and_is_refused(upgraded, admin, name):
    assert [line for line in upgraded["said"] if name in line]
    assert admin.execute("select value from plumb.settings where name = %s", [name]).fetchone() == (
        None,
    )
    with pytest.raises(psycopg.Error, match=r"takes .*(\d|https)"):
        admin.execute("select plumb.change_setting(%s, %s)", [name, BLIND[name]])


def test_the_way_back_is_the_backup_from_before_with_the_code_of_that_release(upgraded, earlier):
    cluster = upgraded["cluster"]
    options = {"cwd": earlier, "capture_output": True, "text": True}

    def run(code, database):
        command = [sys.executable, "-c", f"import sys; {code}", cluster.url(database)]
        environment = {**os.environ, "PYTHONPATH": str(earlier)}
        return subprocess.run(command, env=environment, check=False, **options)

    cluster.ensure_database("shop_back")
    dumped = [cluster.programs / "pg_dump", "--format=custom", cluster.url("shop_copy")]
    archive = subprocess.run(dumped, check=True, capture_output=True).stdout
    restored = [cluster.programs / "pg_restore", f"--dbname={cluster.url('shop_back')}"]
    subprocess.run(restored, input=archive, check=False, capture_output=True)
    judged = run("from plumbline.cli.verify import verify; print(verify(sys.argv[1]))", "shop_back")
    assert "'name': 'NO_NEGATIVE_STOCK'" in judged.stdout, judged.stderr

    refused = run("from plumbline.cli.migrate import migrate; migrate(sys.argv[1])", "shop")
    assert refused.returncode != 0
    with psycopg.connect(upgraded["url"]) as session:
        applied = session.execute("select max(version_num) from plumb.schema_revision").fetchone()
    assert applied == (head_revision(),)


def test_a_copy_from_before_the_upgrade_still_verifies(upgraded):
    with psycopg.connect(upgraded["cluster"].url("shop_copy"), autocommit=True) as copy:
        assert copy.execute("select count(*) > 0 from plumb.seals").fetchone() == (True,)
        follow_older_log(copy)
        assert list(verifier.verify(copy)) == []


def test_a_chain_that_was_forged_before_is_accepted_and_cannot_be_forged_again(upgraded):
    cluster = upgraded["cluster"]

    def call(role, statement):
        with psycopg.connect(cluster.url("shop_forged", role), autocommit=True) as session:
            session.execute(statement)

    with psycopg.connect(cluster.url("shop_forged"), autocommit=True) as admin:
        findings = "select audit_finding_id from plumb.open_findings"
        p1 = "select count(*) from plumb.open_incidents where source = 'audit' and priority = 'P1'"
        call("app_owner", FORGE)
        admin.execute("select plumb.seal_audit()")
        assert admin.execute("select count(*) > 0 from plumb.verify_audit()").fetchone() == (True,)

        migrate(cluster.url("shop_forged"), report=lambda _line: None)
        call("plumb_worker", "call plumb.run_job('audit-deep', true)")
        found = [number for (number,) in admin.execute(findings)]
        assert found
        assert admin.execute(p1).fetchone()[0] > 0

        admin.execute("select plumb.accept_findings(%s, 'ann', 'forged by a test')", [found])
        call("app_owner", FORGE)
        call("plumb_worker", "call plumb.run_job('seal', true)")
        call("plumb_worker", "call plumb.run_job('audit-verify', true)")
        call("plumb_worker", "call plumb.run_job('audit-deep', true)")
        assert admin.execute(findings).fetchall() == []
        assert admin.execute(p1).fetchone() == (0,)

        # What is found afterwards is red again. A new session sees which triggers are enabled.
        switch = "update pg_trigger set tgenabled = %s where tgrelid = 'app.item'::regclass"
        admin.execute(switch, ["D"])
        call("postgres", "update app.item set v = 'FORGED' where id = 9")
        admin.execute(switch, ["A"])
        call("plumb_worker", "call plumb.run_job('audit-deep', true)")
        assert admin.execute(findings).fetchall() != []
        assert admin.execute(p1).fetchone()[0] > 0
