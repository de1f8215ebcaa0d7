"""One deployment, from its gates to its end.

The database decides and records, this process acts: it runs the two commands and takes samples.
Signals set a flag and nothing else, so that no step is ever cut in half:

- before anything is applied, they end it;
- while the apply command runs, they end that command, and what it left is rolled back;
- while it is watched, the release stays, its end is unknown, and a person is paged;
- a rollback is never interrupted.
"""

import contextlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType

import psycopg

from ...core.errors import PlumbError
from ...core.exit_codes import COULD_NOT_JUDGE, FALSE, INTERRUPTED, ROLLBACK_FAILED
from ...core.explain import first_line
from ...core.rows import fetch_value
from ...core.told import tell
from . import gate
from .monitoring import NoSample, fetch_sample
from .record import Record, is_outage
from .shell import Ended, run_command

# How long a step waits for a database that went away; a restart takes less.
RECONNECT_SECONDS_MAX = 60
# How long a rollback waits for it: the service comes first.
ROLLBACK_PATIENCE_SECONDS = 10
# Samples that wait for the database to come back; the oldest are the first to go.
WAITING_SAMPLES_MAX = 20000


def say(line: str) -> None:
    """Print a line; a terminal that is gone must not stop a rollback."""
    with contextlib.suppress(OSError, ValueError):
        print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


# What stands in it, the password of the database for one, belongs into no traceback.
@dataclass(repr=False)
class Deployment:
    """One deployment, from its gates to its end.

    Args:
        rollback: Shell command that takes it back.
        url: The database that records and judges.
        health_url: Address that is watched; empty: the database is.
    """

    rollback: str
    url: str
    health_url: str
    name: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    # When each was taken, what it is, or why there is none.
    waiting: deque[tuple[float, dict[str, object] | None, str]] = field(
        default_factory=lambda: deque(maxlen=WAITING_SAMPLES_MAX)
    )
    is_rolling_back: bool = False
    record: Record = field(init=False)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take signals as a wish to stop, for as long as this lasts."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        # What nohup or a shell's & made us deaf to stays unheard.
        heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
        earlier = {number: signal.signal(number, self._wish) for number in heard}
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def _wish(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_rolling_back:
            say("the rollback goes on to its end")
        self.stop.set()

    def deploy(
        self,
        name: str,
        apply: str,
        percent: float | None,
        watch_seconds: float | None,
        interval: float | None,
    ) -> int:
        """Take all steps.

        Args:
            name: What is deployed.
            apply: Shell command that does it.
            percent: Line coverage, None when it was not measured.
            watch_seconds: How long to watch; the setting's when None.
            interval: Seconds between two looks; the setting's when None.

        Returns:
            The exit code.

        Raises:
            PlumbError: It could not begin.
            psycopg.Error: The database refused, or was lost for good.
        """
        self.name = name
        self.record = Record(self.url)
        try:
            watch_seconds = watch_seconds or self._setting("deploy_watch_seconds")
            interval = interval or self._setting("deploy_sample_seconds")
            seconds_max = self._setting("deploy_command_seconds_max")
            gap_max = self._setting("deploy_gap_seconds_max")
            if interval > gap_max:
                raise PlumbError(
                    f"a look every {interval:g} s judges nothing",
                    f"Samples more than {gap_max:g} s apart are not one observation.",
                )
            self._start(watch_seconds)
            try:
                code = self._pass_gates(percent)
            except psycopg.Error:
                # Nothing is applied: the next process need not recover it.
                with contextlib.suppress(psycopg.Error):
                    self._advance("interrupted", "the database could not judge it")
                raise
            if code:
                return code
            self._advance("applying", "")
            try:
                return self._apply(apply, interval, watch_seconds, seconds_max)
            except psycopg.Error as error:
                raise PlumbError(
                    f"{name} may be applied and is not watched: {first_line(error)}",
                    "./plumb deploy --recover --rollback CMD takes it back, --keep leaves it.",
                ) from error
        finally:
            self.record.close()

    def recover(self, is_kept: bool) -> int:
        """Clear up after a deployment whose process died or whose rollback failed.

        Args:
            is_kept: Leave what is applied; else roll it back.

        Returns:
            The exit code: 0 when the problem is over.

        Raises:
            psycopg.Error: There is nothing to recover, or the database is lost.
        """
        self.record = Record(self.url)
        try:
            seconds_max = self._setting("deploy_command_seconds_max")
            number, self.name, status = self.record.ask(
                "select * from plumb.recover_deployment(%s, %s)", self.record.host, os.getpid()
            )
            self.record.deployment_id = number
            say(f"{self.name}: found {status.replace('_', ' ')} and taken over")
            if status == "gating":
                self._advance("interrupted", "its process died before anything was applied")
                say(f"{self.name}: nothing was applied, there is nothing to take back")
                return 0
            if is_kept:
                self._advance("inconclusive", "its process died; a person kept what was applied")
                say(f"{self.name}: kept as it is; it was not judged")
                return 0
            return self._roll_back(f"recovered, found {status}", seconds_max, 0)
        finally:
            self.record.close()

    def _setting(self, name: str) -> float:
        return float(self.record.ask("select plumb.setting_number(%s)", name)[0])

    def _advance(self, status: str, reason: str, patience_seconds: float | None = None) -> None:
        query = "select plumb.advance_deployment(%s, %s, %s)"
        values = (self.record.deployment_id, status, reason)
        if patience_seconds is None:
            patience_seconds = RECONNECT_SECONDS_MAX
        self.record.ask_patiently(patience_seconds, query, *values)
        tell(deployment=self.name, deploymentId=self.record.deployment_id, status=status)

    def _start(self, watch_seconds: float) -> None:
        self.record.deployment_id = fetch_value(
            self.record.connection,
            "select plumb.start_deployment(%s, %s, %s, %s)",
            [self.name, round(watch_seconds), self.record.host, os.getpid()],
        )

    def _pass_gates(self, percent: float | None) -> int:
        number = self.record.deployment_id
        gates = gate.check_gates(self.record.connection, self.name, percent, number)
        with contextlib.suppress(OSError, ValueError):
            print("\n".join(gate.table(self.name, gates)), flush=True)
        if code := gate.exit_code(gates):
            blocking = [g for g in gates if g["status"] != "pass"]
            reasons = "; ".join(f"{g['gate']}: {g['reason']}" for g in blocking)
            self._advance("refused", reasons)
            return code
        sample = None
        if self.health_url:
            try:
                sample = fetch_sample(self.health_url)
            except NoSample as error:
                self._advance("refused", f"no baseline from MONITORING_HEALTH_URL: {error}")
                say(f"{self.name}: not applied; no baseline: {error}")
                return COULD_NOT_JUDGE
        p95_ms, error_rate, count = self.record.ask(
            "select * from plumb.freeze_baseline(%s, %s)",
            number,
            None if sample is None else psycopg.types.json.Jsonb(sample),
        )
        p95 = "no p95: latency cannot be judged" if p95_ms is None else f"p95 {p95_ms:.1f} ms"
        rate = "unknown" if error_rate is None else f"{error_rate * 100:.2f} %"
        say(f"{self.name}: baseline {p95}, error rate {rate}, {count} requests")
        if self.stop.is_set():
            self._advance("interrupted", "interrupted before anything was applied")
            say(f"{self.name}: interrupted; nothing was applied")
            return INTERRUPTED
        return 0

    def _apply(
        self, command: str, interval: float, watch_seconds: float, seconds_max: float
    ) -> int:
        say(f"{self.name}: applying")
        ended = self._run(command, seconds_max, self.stop)
        if not ended.is_done or self.stop.is_set():
            said = "was interrupted" if ended.is_done else str(ended)
            code = INTERRUPTED if self.stop.is_set() else FALSE
            return self._roll_back(f"the apply command {said}", seconds_max, code)
        self._advance("watching", "")
        say(f"{self.name}: applied; watching it for {watch_seconds:g} s")
        return self._watch(interval, watch_seconds, seconds_max)

    def _run(
        self, command: str, seconds_max: float, interrupted: threading.Event | None = None
    ) -> Ended:
        environment = {
            "PLUMB_DEPLOYMENT": self.name,
            "PLUMB_DEPLOYMENT_ID": str(self.record.deployment_id),
        }
        return run_command(command, seconds_max, interrupted, environment)

    def _watch(self, interval: float, watch_seconds: float, seconds_max: float) -> int:
        # The database says when the watch is over. Should it be gone by then, this does.
        begun_at = said_at = time.monotonic()
        deadline = begun_at + watch_seconds + RECONNECT_SECONDS_MAX
        progress_seconds = self._setting("deploy_progress_seconds")
        reason = "nothing was seen yet"
        is_out = False
        while not self.stop.wait(interval):
            if time.monotonic() - said_at >= progress_seconds:
                said_at = time.monotonic()
                passed = f"{said_at - begun_at:.0f} of {watch_seconds:g} s"
                say(f"{self.name}: watched for {passed}. {reason}")
            self._take_sample()
            try:
                self._send_samples()
                decision, reason = self._decide()
                if is_out:
                    say(f"{self.name}: the database is back")
                is_out = False
            except psycopg.Error as error:
                if not is_outage(error):
                    raise
                if not is_out:
                    say(f"{self.name}: the database cannot be asked: {first_line(error)}")
                reason = "The database cannot be asked."
                is_out = True
                if time.monotonic() > deadline:
                    raise PlumbError(
                        f"{self.name} stays, but it cannot be judged: the database is lost",
                        "When it is back: ./plumb deploy --recover --rollback CMD, or --keep.",
                    ) from error
                continue
            if decision == "roll_back":
                return self._roll_back(reason, seconds_max)
            if decision == "succeed":
                self._advance("succeeded", reason)
                say(f"{self.name}: stays. {reason}")
                return 0
            if decision == "inconclusive":
                return self._leave(reason, COULD_NOT_JUDGE)
        return self._leave("interrupted while it was watched", INTERRUPTED)

    def _take_sample(self) -> None:
        taken_at = time.monotonic()
        if not self.health_url:
            # Looks that could not be taken are gaps; the database cannot see into the past.
            if not self.waiting:
                self.waiting.append((taken_at, None, ""))
            return
        try:
            self.waiting.append((taken_at, fetch_sample(self.health_url), ""))
        except NoSample as error:
            self.waiting.append((taken_at, None, str(error)))

    def _send_samples(self) -> None:
        while self.waiting:
            taken_at, sample, error = self.waiting[0]
            self.record.ask(
                "select plumb.record_deployment_sample(%s, %s, %s, %s)",
                self.record.deployment_id,
                None if sample is None else psycopg.types.json.Jsonb(sample),
                error,
                time.monotonic() - taken_at,
            )
            self.waiting.popleft()

    def _decide(self) -> tuple[str, str]:
        query = "select * from plumb.decide_deployment(%s)"
        decision, reason, is_drift_due = self.record.ask(query, self.record.deployment_id)
        if is_drift_due and decision != "roll_back":
            try:
                self.record.ask("select plumb.check_deployment_drift()")
            except psycopg.Error as error:
                if self.record.is_lost:
                    raise
                say(f"{self.name}: drift could not be checked: {first_line(error)}")
            decision, reason, _ = self.record.ask(query, self.record.deployment_id)
        return decision, reason

    def _leave(self, reason: str, code: int) -> int:
        say(f"{self.name}: stays, and a person is called. {reason}")
        self._advance("inconclusive", reason)
        return code

    def _roll_back(self, reason: str, seconds_max: float, code: int = FALSE) -> int:
        self.is_rolling_back = True
        say(f"{self.name}: rolling back. {reason}")
        try:
            self._advance("rolling_back", reason, ROLLBACK_PATIENCE_SECONDS)
        except psycopg.Error as error:
            # Another process has it, and may be rolling it back this moment.
            if not is_outage(error) or error.sqlstate == "PL004":
                raise
            # The service comes first; the record is caught up with afterwards.
            say(f"{self.name}: rolling back without the database: {first_line(error)}")
        ended = self._run(self.rollback, seconds_max)
        if ended.is_done:
            status = "rolled_back"
            say(f"{self.name}: rolled back")
        else:
            status, code = "rollback_failed", ROLLBACK_FAILED
            say(f"{self.name}: THE ROLLBACK FAILED: it {ended}. Look at the service now.")
        try:
            self._advance("rolling_back", reason)
            self._advance(status, f"{reason}; the rollback command {ended}")
        except psycopg.Error as error:
            say(f"{self.name}: the database does not know it: {first_line(error)}")
            say("When it is back: ./plumb deploy --recover --keep")
        return code
