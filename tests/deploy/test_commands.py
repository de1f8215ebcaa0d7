"""A command is ended whole: with its time, its signal, and whatever it started."""

import threading
import time

import pytest
from plumbline.cli.deploy import shell
from plumbline.cli.deploy.shell import run_command


@pytest.mark.parametrize(
    ("command", "said"),
    [("exit 0", "exited with 0"), ("exit 3", "exited with 3"), ("kill -9 $$", "SIGKILL")],
)
def test_how_it_ended_is_said(command, said):
    ended = run_command(command, 10)

    assert said in str(ended)
    assert ended.is_done == (command == "exit 0")


def test_what_ignores_the_polite_signal_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(shell, "GRACE_SECONDS", 0.3)
    stubborn = f"trap '' TERM; touch {tmp_path}/begun; while :; do sleep 0.05; done"

    ended = run_command(f"({stubborn}) & wait", 0.5)

    assert (tmp_path / "begun").exists()
    assert str(ended) == "was ended after 0.5 s"
    assert not ended.is_done


def test_one_that_ends_well_after_an_interruption_is_not_done(tmp_path):
    interrupted = threading.Event()
    threading.Timer(0.3, interrupted.set).start()

    ended = run_command("trap 'exit 0' TERM; while :; do sleep 0.05; done", 10, interrupted)

    assert ended.exit_code == 0
    assert not ended.is_done


def test_it_reads_nothing_and_learns_what_it_deploys(tmp_path):
    ended = run_command(
        f'read line; printf %s "$V" > {tmp_path}/name', 5, environment={"V": "$(id)"}
    )

    assert ended.is_done
    assert (tmp_path / "name").read_text() == "$(id)"


def test_what_it_leaves_running_after_a_good_end_stays(tmp_path):
    started_at = time.monotonic()

    ended = run_command(f"(sleep 0.3; touch {tmp_path}/later) &", 5)

    assert ended.is_done
    assert time.monotonic() - started_at < 0.3 + shell.LOOK_SECONDS
    while not (tmp_path / "later").exists():
        assert time.monotonic() - started_at < 5
        time.sleep(0.02)
