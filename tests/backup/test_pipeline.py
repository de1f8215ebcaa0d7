"""A chain of programs ends when one of them does, and says which one and why."""

import sys
import time

import pytest
from plumbline.core.errors import PlumbError
from plumbline.core.pipeline import OutOfTimeError, PipelineError, Stage, run_pipeline
from plumbline.core.programs import last_words

# More than all pipes and buffers hold.
FLOOD = Stage([sys.executable, "-c", "import os\nwhile True: os.write(1, bytes(1 << 20))"])
COPY = Stage(["cat"])


def shell(script: str, **options: object) -> Stage:
    return Stage(["sh", "-c", script], **options)


def ignore(_chunk: bytes) -> None:
    pass


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(
    ("death", "told"),
    [
        ("echo no key >&2; exit 2", "sh failed: no key"),
        ("kill -9 $$", "sh was ended by SIGKILL"),
        ("kill -13 $$", "sh was ended by SIGPIPE"),
    ],
)
def test_the_one_that_dies_ends_all_and_is_named(position, death, told):
    stages = [FLOOD, COPY, COPY]
    # It dies in the midst of it.
    stages[position] = shell(f"head -c 3000000 /dev/zero; {death}")

    with pytest.raises(PipelineError, match=told):
        run_pipeline(stages, ignore, seconds_max=60)


def test_one_that_ends_well_before_its_input_fails_the_chain():
    with pytest.raises(PipelineError, match="sh ended before its input did"):
        run_pipeline([FLOOD, shell("exit 0")], ignore, seconds_max=60)


def test_one_that_may_end_before_its_input_ends_what_feeds_it():
    run_pipeline([FLOOD, COPY, shell("head -c 10", reads_all=False)], seconds_max=60)


def test_a_sink_that_fails_ends_all():
    def full(_chunk: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run_pipeline([FLOOD, COPY], full, seconds_max=60)


def test_what_runs_alongside_and_fails_ends_all():
    def fail() -> None:
        raise ValueError("the snapshot is gone")

    with pytest.raises(ValueError, match="the snapshot is gone"):
        run_pipeline([FLOOD, COPY], ignore, [(fail, lambda: None)], seconds_max=60)


def test_one_that_hangs_is_ended_when_its_time_is_up():
    started = time.monotonic()

    with pytest.raises(OutOfTimeError):
        run_pipeline([shell("exec sleep 600"), COPY], ignore, seconds_max=0.5)

    assert time.monotonic() - started < 60


def test_all_bytes_arrive_in_order_and_every_word_is_kept():
    seen, arrived = [], []

    errors = run_pipeline(
        [shell("seq 300000; seq 1000 >&2", tap=seen.append), COPY], arrived.append, seconds_max=60
    )

    expected = "".join(f"{i}\n" for i in range(1, 300001)).encode()
    assert b"".join(seen) == b"".join(arrived) == expected
    assert last_words(errors[0]).endswith("999\n1000")


def test_a_program_that_is_not_there_is_told_and_ends_those_before_it():
    with pytest.raises((PlumbError, OSError), match="no-such-program"):
        run_pipeline([FLOOD, Stage(["no-such-program"])], ignore, seconds_max=60)
