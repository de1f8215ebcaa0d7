"""A deployment in its steps, and a clock to move between them."""

from datetime import datetime, timedelta

import psycopg
from psycopg.types.json import Jsonb

HEALTHY = {
    "windowSeconds": 1,
    "requestCount": 100,
    "errorRate": 0.001,
    "p95Ms": 100.0,
    "driftScore": 100,
    "openP1": 0,
}


class Clock:
    """Moves plumb.current_time() of one session."""

    def __init__(self, db: psycopg.Connection):
        """Stop the clock at the real time."""
        self.db = db
        self.now: datetime = db.execute("select clock_timestamp()").fetchone()[0]
        self.forward(0)

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.db.execute("select set_config('plumb.current_time', %s, false)", [str(self.now)])


class Watched:
    """A deployment that was applied just now, and samples of it taken as time is moved."""

    def __init__(self, db: psycopg.Connection, clock: Clock, baseline: dict | None = None):
        """Start, freeze the baseline and apply."""
        self.db = db
        self.clock = clock
        self.id = db.execute("select plumb.start_deployment('v2', 600, 'here', 1)").fetchone()[0]
        db.execute(
            "select plumb.freeze_baseline(%s, %s)",
            [self.id, Jsonb(HEALTHY if baseline is None else baseline)],
        )
        self.advance("applying")
        self.advance("watching")

    def advance(self, status: str, reason: str = "") -> None:
        self.db.execute("select plumb.advance_deployment(%s, %s, %s)", [self.id, status, reason])

    def see(self, *samples: dict | None, every: float = 5) -> None:
        """Let time pass before each sample; None is a look that saw nothing."""
        for sample in samples:
            self.clock.forward(every)
            self.db.execute(
                "select plumb.record_deployment_sample(%s, %s, %s)",
                [
                    self.id,
                    None if sample is None else Jsonb(sample | {"sampledAt": str(self.clock.now)}),
                    "it did not answer" if sample is None else "",
                ],
            )

    json = staticmethod(Jsonb)

    def check_drift(self) -> None:
        self.db.execute("select plumb.check_deployment_drift()")

    def judged(self) -> dict[str, str]:
        return dict(
            self.db.execute(
                "select condition, status from plumb.judge_deployment(%s)", [self.id]
            ).fetchall()
        )

    def decision(self) -> str:
        query = "select decision from plumb.decide_deployment(%s)"
        return self.db.execute(query, [self.id]).fetchone()[0]
