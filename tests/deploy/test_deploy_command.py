"""./plumb deploy, run for real: what it does about a release, a signal and a lost database."""

import contextlib
import signal
import threading
import time

import psycopg
import pytest
from deploy_processes import SECONDS_MAX
from deployments import HEALTHY
from psycopg import sql
from waiting import wait_until


def test_a_good_release_stays(deploy, service, history, open_deployment_incidents):
    command = deploy()

    assert command.ends() == 0, command.printed
    assert service.file.exists()
    assert not service.rolled_back.exists()
    assert history() == [("v2", "succeeded")]
    assert open_deployment_incidents() == []
    assert "baseline p95 100.0 ms" in command.printed


def test_the_watch_says_how_it_goes(deploy, db):
    db.execute("select plumb.change_setting('deploy_progress_seconds', '1')")

    command = deploy()

    assert command.ends() == 0, command.printed
    lines = [line for line in command.printed.splitlines() if "v2: watched for " in line]
    # A second line comes where the machine has time for it.
    assert lines
    assert "ERROR_RATE: " in lines[-1]


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ({"errorRate": 0.031}, "ERROR_RATE"),
        pytest.param({"p95Ms": 200.1}, "P95_LATENCY", marks=pytest.mark.slow),
        pytest.param({"openP1": 1}, "NEW_P1_INCIDENTS", marks=pytest.mark.slow),
        pytest.param({"driftScore": 72}, "DRIFT_SCORE", marks=pytest.mark.slow),
    ],
)
def test_a_release_that_does_harm_is_rolled_back(
    deploy, service, db, history, open_deployment_incidents, said, condition
):
    service.released = HEALTHY | said

    command = deploy(watch="20s")

    assert command.ends() == 1, command.printed
    assert not service.file.exists()
    assert service.rolled_back.exists()
    assert history() == [("v2", "rolled_back")]
    assert open_deployment_incidents() == [("rolled-back", "P2", "OPEN")]
    assert condition in db.execute("select reason from deployment_history").fetchone()[0]


@pytest.mark.slow
def test_a_release_that_breaks_the_data_is_rolled_back(deploy, psql, history):
    command = deploy(apply=f"{psql} -c 'update retail.stock set quantity = -1'", watch="20s")

    assert command.ends() == 1, command.printed
    assert history() == [("v2", "rolled_back")]
    assert "after the deployment, 100" in command.printed


def test_what_the_gates_refuse_is_not_applied(deploy, service, db, history):
    db.execute("select plumb.open_incident('test', 'x', 'P1', 'broken')")

    command = deploy()

    assert command.ends() == 1
    assert not service.file.exists()
    assert history() == [("v2", "refused")]


@pytest.mark.slow
def test_what_nobody_measured_is_not_applied(deploy, service, db):
    db.execute("delete from plumb.backup_validations")

    assert deploy().ends() == 2
    assert not service.file.exists()


@pytest.mark.slow
def test_without_a_baseline_from_its_address_it_is_not_applied(deploy, service, history):
    assert deploy(health_url="http://127.0.0.1:1/").ends() == 2
    assert not service.file.exists()
    assert history() == [("v2", "refused")]


def test_an_apply_that_fails_is_rolled_back(deploy, service, db, history):
    command = deploy(apply="exit 7")

    assert command.ends() == 1
    assert service.rolled_back.exists()
    assert history() == [("v2", "rolled_back")]
    assert "exited with 7" in db.execute("select reason from deployment_history").fetchone()[0]


@pytest.mark.slow
def test_an_apply_that_hangs_is_ended_and_rolled_back(deploy, service, db, history):
    db.execute("select plumb.change_setting('deploy_command_seconds_max', '1')")

    command = deploy(apply="sleep 60")

    assert command.ends() == 1
    assert service.rolled_back.exists()
    assert "ended after 1 s" in command.printed


def test_a_rollback_that_fails_calls_a_person(deploy, history, open_deployment_incidents):
    command = deploy(apply="exit 1", rollback="exit 9")

    assert command.ends() == 3
    assert "THE ROLLBACK FAILED" in command.printed
    assert history() == [("v2", "rollback_failed")]
    assert open_deployment_incidents() == [("rollback-failed", "P1", "ESCALATED")]


@pytest.mark.slow
def test_what_cannot_be_seen_stays_and_calls_a_person(
    deploy, service, history, open_deployment_incidents
):
    service.released = 503

    command = deploy()

    assert command.ends() == 2
    assert service.file.exists()
    assert not service.rolled_back.exists()
    assert history() == [("v2", "inconclusive")]
    assert open_deployment_incidents() == [("inconclusive", "P2", "ESCALATED")]
    assert "it answered 503" in command.printed


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_interrupted_while_applying_it_is_rolled_back(deploy, service, history, number, tmp_path):
    survivor = tmp_path / "survivor"
    command = deploy(apply=f"(sleep 2; touch {survivor}) & touch {tmp_path}/begun; wait")
    wait_until((tmp_path / "begun").exists, SECONDS_MAX)

    command.process.send_signal(number)

    assert command.ends() == 130, command.printed
    assert service.rolled_back.exists()
    assert history() == [("v2", "rolled_back")]
    assert not survivor.exists()


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_interrupted_while_watched_it_stays_and_a_person_is_called(
    deploy, service, history, open_deployment_incidents, number
):
    command = deploy(watch="1h")
    command.says("watching it")

    command.process.send_signal(number)

    assert command.ends() == 130
    assert service.file.exists()
    assert not service.rolled_back.exists()
    assert history() == [("v2", "inconclusive")]
    assert open_deployment_incidents() == [("inconclusive", "P2", "ESCALATED")]


def test_a_rollback_is_never_interrupted(deploy, history, tmp_path):
    command = deploy(apply="exit 1", rollback=f"sleep 0.5; touch {tmp_path}/whole")
    command.says("rolling back")

    command.process.send_signal(signal.SIGINT)
    command.process.send_signal(signal.SIGTERM)

    assert command.ends() == 1
    assert (tmp_path / "whole").exists()
    assert history() == [("v2", "rolled_back")]


@pytest.mark.slow
def test_a_session_lost_while_watching_is_replaced(deploy, db, history):
    command = deploy()
    command.says("watching it")

    terminate(db)

    assert command.ends() == 0, command.printed
    assert history() == [("v2", "succeeded")]


def test_a_deployment_that_restarts_the_database_goes_on(deploy, psql, history):
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = "

    command = deploy(apply=f"{psql} -c \"{cut} 'plumb deploy'\"")

    assert command.ends() == 0, command.printed
    assert history() == [("v2", "succeeded")]


def terminate(db):
    db.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where application_name = 'plumb deploy' and datname = current_database()"
    )


@pytest.mark.slow
def test_samples_taken_while_the_database_was_away_are_judged(
    deploy, service, db, history, cluster_url
):
    command = deploy(watch="20s")
    command.says("watching it")
    service.released = HEALTHY | {"errorRate": 0.5}
    with closed(db, cluster_url):
        command.says("the database cannot be asked")
        # A breach cannot be hurried: its samples must span the time that is judged.
        time.sleep(2.5)
        service.released = HEALTHY

    assert command.ends() == 1, command.printed
    assert history() == [("v2", "rolled_back")]


@contextlib.contextmanager
def closed(db, cluster_url):
    """Cut off everybody but the test, and let nobody in."""
    change = sql.SQL("alter database {} allow_connections {}")
    name = sql.Identifier(db.info.dbname)
    with psycopg.connect(cluster_url, autocommit=True) as outside:
        outside.execute(change.format(name, sql.Literal(False)))
        terminate(db)
        try:
            yield
        finally:
            outside.execute(change.format(name, sql.Literal(True)))


def test_the_second_of_two_is_told_of_the_first(deploy, history):
    first = deploy(name="first", watch="1h")
    first.says("watching it")

    second = deploy(name="second")

    assert second.ends() == 2
    assert "'first' runs already: watching" in second.printed
    assert history() == [("first", "watching")]


@pytest.mark.parametrize(
    ("options", "status"),
    [(["--rollback"], "rolled_back"), (["--keep"], "inconclusive")],
)
def test_what_a_killed_one_left_is_found_and_recovered(
    deploy, service, db, history, options, status
):
    killed = deploy(name="killed", watch="1h")
    killed.says("watching it")
    kill(killed, db)
    assert "was never finished" in ends_and_says(deploy(name="next"))

    if options == ["--rollback"]:
        options = [*options, service.rollback]
    recovery = deploy("--recover", *options)

    assert recovery.ends() == 0, recovery.printed
    assert service.rolled_back.exists() == (status == "rolled_back")
    assert history() == [("killed", status)]


def kill(command, db):
    """Kill its process, and wait until the server has noticed."""
    command.process.kill()
    command.process.wait()
    terminate(db)


def ends_and_says(command):
    assert command.ends() == 2
    assert "'killed'" in command.printed
    return command.printed


def test_one_killed_while_applying_is_known_to_be_half_done(deploy, db, tmp_path):
    killed = deploy(name="killed", apply=f"touch {tmp_path}/begun; sleep 5")
    wait_until((tmp_path / "begun").exists, SECONDS_MAX)
    kill(killed, db)

    assert "while applying" in ends_and_says(deploy(name="next"))


def test_where_nothing_was_left_there_is_nothing_to_recover(deploy_here, capsys):
    assert deploy_here(["--recover", "--keep"]) == 2

    assert "nothing to recover" in capsys.readouterr().err


@pytest.mark.slow
def test_the_database_is_watched_where_no_address_is(deploy, connect, history):
    reporter = connect()
    stop = threading.Event()

    def report():
        while not stop.wait(0.1):
            reporter.execute(
                "insert into plumb.perf_observations (source, route, request_count, error_count,"
                " p95_ms, window_started_at, window_seconds)"
                " values ('app', '*', 50, 0, 90, clock_timestamp() - interval '0.1 s', 0.1)"
            )

    thread = threading.Thread(target=report)
    thread.start()
    try:
        command = deploy(health_url="", watch="3s")
        assert command.ends() == 0, command.printed
    finally:
        stop.set()
        thread.join()
    assert history() == [("v2", "succeeded")]


@pytest.mark.slow
def test_the_name_reaches_the_commands_as_data(deploy, tmp_path):
    name = "$(touch pwned); '; drop table plumb.deployments; --"

    command = deploy(name=name, apply=f'printf %s "$PLUMB_DEPLOYMENT" > {tmp_path}/name')

    assert command.ends() == 0, command.printed
    assert (tmp_path / "name").read_text() == name


@pytest.mark.parametrize(
    "options",
    [
        {"watch": "-5m"},
        {"watch": "0"},
        {"watch": "0.2s"},
        {"watch": "9999999h"},
        {"watch": "ten"},
        {"interval": "0s"},
        {"interval": "1m"},
        {"name": ""},
        {"name": "x" * 3000},
        {"name": "a\nb"},
        {"apply": " "},
        {"rollback": ""},
        {"coverage": "/nonexistent"},
    ],
)
def test_wrong_usage_applies_nothing(deploy_here, arguments, service, history, options):
    assert deploy_here(arguments(**options)) == 2

    assert not service.file.exists()
    assert history() == []


@pytest.mark.parametrize(
    "flags",
    [
        ["--recover"],
        ["--recover", "--keep", "--rollback", "true"],
        ["--recover", "--keep", "--name", "x"],
        ["--keep"],
        ["--name", "x", "--apply", "true"],
    ],
)
def test_options_that_contradict_each_other_are_named(deploy_here, capsys, flags):
    assert deploy_here(flags) == 2

    assert "--" in capsys.readouterr().err


@pytest.mark.slow
def test_an_operator_is_enough(deploy, monkeypatch, history):
    monkeypatch.setenv("PGOPTIONS", "-c role=plumb_operator")

    command = deploy()

    assert command.ends() == 0, command.printed
    assert history() == [("v2", "succeeded")]
