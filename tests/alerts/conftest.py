"""Strict receivers, connected; and the few verbs that the tests of alerts are told in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from certificates import authority  # noqa: F401
from receivers import ROUTING_KEY, SIGNING_KEY, PagerDuty, Receiver, Slack, Webhook

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Alerts:
    """One test's database, seen as whoever causes, sends and watches alerts.

    Args:
        db: A superuser's connection; its clock stands still until `later` moves it.
    """

    def __init__(self, db: psycopg.Connection) -> None:
        """Stop the clock."""
        self.db = db
        self.now = NOW
        self.later(0)

    def later(self, seconds: float) -> None:
        """Move this session's clock."""
        self.now += timedelta(seconds=seconds)
        self.keep_time(self.db)

    def keep_time(self, session: psycopg.Connection) -> psycopg.Connection:
        """Give another session this clock as it stands now."""
        session.execute("select set_config('plumb.current_time', %s, false)", [str(self.now)])
        return session

    def set(self, name: str, value: object) -> None:
        """Change a setting."""
        self.db.execute("select plumb.change_setting(%s, %s)", [name, str(value)])

    def connect(self, destination: str, url: str, secret: str = "") -> None:
        """Connect a destination."""
        self.db.execute("select connect_destination(%s, %s, %s)", [destination, url, secret])

    def open(
        self, scope: str = "TILL", priority: str = "P1", source: str = "shop", title: str = "wrong"
    ) -> int:
        """Open an incident, or find it again."""
        return self.value("select open_incident(%s, %s, %s, %s)", source, scope, priority, title)

    def escalate(self, incident: int) -> None:
        """Escalate an incident."""
        self.db.execute("select escalate_incident(%s, 'it stays')", [incident])

    def resolve(self, scope: str = "TILL", source: str = "shop") -> None:
        """Resolve an incident."""
        self.db.execute("select resolve_incident(%s, %s, 'gone')", [source, scope])

    def dispatch(self) -> str:
        """Run the job as pg_cron would; return what it said."""
        self.db.execute("call plumb.run_job('dispatch', true)")
        result, message = self.db.execute(
            "select result, message from job_runs where job_name = 'dispatch'"
            " order by job_run_id desc limit 1"
        ).fetchone()
        assert result == "succeeded", message
        return message

    def value(self, query: str, *arguments: object) -> object:
        """Return the one value of a query."""
        return self.value_of(query, arguments)

    def value_of(self, query: str, arguments: object) -> object:
        """Return the one value of a query with named arguments."""
        return self.db.execute(query, arguments).fetchone()[0]

    def deliveries(self, destination: str) -> list[tuple]:
        """Return topic, status and reason of a destination's deliveries, oldest first."""
        return self.db.execute(
            "select o.topic, d.status, d.reason from deliveries as d join outbox as o"
            " using (message_id) where d.destination = %s order by d.delivery_id",
            [destination],
        ).fetchall()

    def statuses(self, destination: str) -> list[str]:
        """Return the statuses of a destination's deliveries, oldest first."""
        return [status for _topic, status, _reason in self.deliveries(destination)]

    def status(self, destination: str) -> str:
        """Return a destination's status."""
        return self.value(
            "select status from destination_status where destination = %s", destination
        )


@pytest.fixture
def alerts(db: psycopg.Connection) -> Alerts:
    """Yield this test's database as the alert tests speak of it."""
    return Alerts(db)


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    """Yield a function that starts a receiver, which ends with the test."""
    running = []

    def start(kind: type[Receiver], **options: object) -> Receiver:
        running.append(kind(**options))
        return running[-1]

    yield start
    for receiver in running:
        receiver.stop()


@pytest.fixture
def pagerduty(alerts: Alerts, receive: Callable[..., Receiver]) -> PagerDuty:
    """Yield a connected PagerDuty."""
    receiver = receive(PagerDuty)
    alerts.set("pagerduty_url", receiver.url)
    alerts.connect("pagerduty", "", ROUTING_KEY)
    return receiver


@pytest.fixture
def slack(alerts: Alerts, receive: Callable[..., Receiver]) -> Slack:
    """Yield a connected Slack channel."""
    receiver = receive(Slack)
    alerts.connect("slack", receiver.url)
    return receiver


@pytest.fixture
def webhook(alerts: Alerts, receive: Callable[..., Receiver]) -> Webhook:
    """Yield a connected alert webhook that checks signatures."""
    receiver = receive(Webhook)
    alerts.connect("webhook", receiver.url, SIGNING_KEY)
    return receiver
