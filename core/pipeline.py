"""Runs a chain of programs as one: when one ends early, all end, and its words are reported.

Each program's output is read here and written to the next one, so that it can be hashed on the
way, and so that a program never fails only because the one after it did: who failed first is
known. What the programs say goes to files, because a pipe that is not read would stop them.
"""

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from .errors import PlumbError
from .programs import last_words

CHUNK_BYTES = 1024 * 1024
# pg_dump and pg_restore cancel what their server does for them when they are asked to end.
GRACE_SECONDS = 5


@dataclass
class Stage:
    """One program of a chain.

    Args:
        command: The program and its arguments.
        environment: Its environment; the caller's when absent.
        tap: Is called with all that it writes, in order.
        reads_all: Whether it fails the chain by ending well before its input does.
    """

    command: list[str]
    environment: dict[str, str] | None = None
    tap: Callable[[bytes], object] | None = None
    reads_all: bool = True

    @property
    def program(self) -> str:
        """The program's name."""
        return Path(self.command[0]).name


class PipelineError(PlumbError):
    """A program of a chain failed.

    Args:
        stage: Which one.
        errors: The file of what it wrote to stderr.
        status: Its exit status as subprocess gives it; negative for a signal.
    """

    def __init__(self, stage: Stage, errors: IO[bytes], status: int) -> None:
        """Say whose words they are."""
        words = last_words(errors)
        how = "ended before its input did"
        if status:
            how = "failed" if status > 0 else f"was ended by {signal.Signals(-status).name}"
        super().__init__(f"{stage.program} {how}: {words}")
        self.stage = stage
        self.errors = errors
        self.words = words
        self.is_killed = status < 0


# A function that runs in a thread of its own, and the one that ends it.
Alongside = tuple[Callable[[], object], Callable[[], object]]


class OutOfTimeError(PlumbError):
    """The chain took longer than it may."""


@dataclass
class _Member:
    stage: Stage
    errors: IO[bytes]
    process: subprocess.Popen[bytes]
    # Set once it has ended.
    ended: threading.Event = field(default_factory=threading.Event)
    # We ended it: what it then says is no failure.
    is_dismissed: bool = False


def run_pipeline(
    stages: Sequence[Stage],
    sink: Callable[[bytes], object] | None = None,
    alongside: Sequence[Alongside] = (),
    seconds_max: float | None = None,
) -> list[IO[bytes]]:
    """Run a chain to its end.

    Args:
        stages: The programs, the first of which reads nothing.
        sink: Is called with what the last one writes; it joins the program's words when absent.
        alongside: Functions that run in threads of their own meanwhile, each with one that ends
            it; the chain ends when one raises, and they end when the chain fails.
        seconds_max: How long all may take.

    Returns:
        For each stage the file of what it wrote to stderr.

    Raises:
        PipelineError: A program failed; all others were ended.
        OutOfTimeError: It took too long.
        Exception: What sink, a tap or a function alongside raised.
    """
    chain = _Chain(sink)
    try:
        chain.start(stages, alongside)
        chain.wait(None if seconds_max is None else time.monotonic() + seconds_max)
    except BaseException:
        for _, end in alongside:
            end()
        raise
    finally:
        chain.end()
    return [member.errors for member in chain.members]


class _Chain:
    def __init__(self, sink: Callable[[bytes], object] | None) -> None:
        self.members: list[_Member] = []
        self._sink = sink
        self._events: queue.Queue[tuple[BaseException | None, _Member | None]] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._running = 0

    def start(
        self,
        stages: Sequence[Stage],
        alongside: Sequence[Alongside],
    ) -> None:
        for stage in stages:
            is_last = stage is stages[-1]
            # The caller reads it after this chain is gone.
            errors = tempfile.TemporaryFile()  # noqa: SIM115
            process = subprocess.Popen(
                stage.command,
                env=stage.environment,
                bufsize=0,
                stdin=subprocess.PIPE if self.members else subprocess.DEVNULL,
                stdout=errors if is_last and self._sink is None else subprocess.PIPE,
                stderr=errors,
            )
            self.members.append(_Member(stage, errors, process))
        for position, member in enumerate(self.members):
            self._begin(self._await_exit, member)
            if member.process.stdout:
                following = self.members[position + 1 : position + 2]
                self._begin(self._pump, member, following[0] if following else None)
        for function, _ in alongside:
            self._begin(function)

    def wait(self, deadline: float | None) -> None:
        """Return when everything ended well; raise as soon as anything did not."""
        while self._running:
            left = None if deadline is None else max(0, deadline - time.monotonic())
            try:
                error, member = self._events.get(timeout=left)
            except queue.Empty:
                raise OutOfTimeError("it took longer than it may, and was ended") from None
            self._running -= 1
            if member is not None and not member.is_dismissed:
                self._judge(member)
            if error is not None:
                # A program that failed comes before what its failure led to.
                self._judge_all()
                raise error
        self._judge_all()

    def end(self) -> None:
        """End what still runs, and leave no thread behind."""
        for member in self.members:
            if member.process.poll() is None:
                member.is_dismissed = True
                member.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for member in self.members:
            with contextlib.suppress(subprocess.TimeoutExpired):
                member.process.wait(max(0, deadline - time.monotonic()))
            if member.process.poll() is None:
                member.process.kill()
                member.process.wait()
        for thread in self._threads:
            thread.join(GRACE_SECONDS)

    def _begin(self, function: Callable[..., object], *arguments: object) -> None:
        def report() -> None:
            member = None
            error = None
            try:
                member = function(*arguments)
            except BaseException as raised:
                error = raised
            self._events.put((error, member if isinstance(member, _Member) else None))

        self._running += 1
        # A descendant that holds a pipe open must not keep the command from ending.
        thread = threading.Thread(target=report, daemon=True)
        self._threads.append(thread)
        thread.start()

    @staticmethod
    def _await_exit(member: _Member) -> _Member:
        member.process.wait()
        member.ended.set()
        return member

    def _pump(self, member: _Member, following: _Member | None) -> None:
        source = _pipe(member.process.stdout)
        write = self._sink
        if following is not None:
            write = _writer(_pipe(following.process.stdin))
        try:
            while chunk := os.read(source.fileno(), CHUNK_BYTES):
                if member.stage.tap:
                    member.stage.tap(chunk)
                if write:
                    write(chunk)
        except BrokenPipeError:
            if following is None:
                raise
            following.ended.wait()
            if following.stage.reads_all and following.process.poll() == 0:
                raise PipelineError(following.stage, following.errors, 0) from None
            # Its output stays open: it would fail by a closed one, and be taken for the culprit.
            return
        finally:
            if following:
                with contextlib.suppress(OSError):
                    _pipe(following.process.stdin).close()

    def _judge_all(self) -> None:
        for member in self.members:
            if member.process.poll() is not None and not member.is_dismissed:
                self._judge(member)

    def _judge(self, member: _Member) -> None:
        """Raise if a program that ended failed, or one before it did, which then led to it."""
        before = self.members[: self.members.index(member)]
        for candidate in (*before, member):
            status = candidate.process.poll()
            if status is None or candidate.is_dismissed:
                continue
            if status:
                raise PipelineError(candidate.stage, candidate.errors, status)
        if member.process.poll() == 0 and not member.stage.reads_all:
            for earlier in before:
                if earlier.process.poll() is None:
                    earlier.is_dismissed = True
                    earlier.process.terminate()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Return an end of a pipe that was asked for when its program was started."""
    if stream is None:
        raise ValueError("this end of the program is no pipe")
    return stream


def _writer(pipe: IO[bytes]) -> Callable[[bytes], None]:
    def write(chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            view = view[os.write(pipe.fileno(), view) :]

    return write
