"""What somebody sets for the whole database does not change what the service answers."""

import json
import urllib.request

import pytest
from api_processes import running
from hostile_defaults import hostile_defaults


@pytest.fixture
def service(shop, tmp_path):
    """Yield the service of a database that has every default that gets in the way."""
    with hostile_defaults(shop), running(shop.info.dsn, tmp_path / "api.log") as process:
        yield process


@pytest.mark.parametrize(
    "path", ["/readyz", "/system-health", "/incidents", "/cron/status", "/metrics", "/silences"]
)
def test_a_read_answers(service, path):
    assert service.get(path)[0] == 200


def test_a_write_is_carried_out(service, shop):
    body = {"source": "invariant", "scope": "%", "reason": "stock-take", "by": "ann"}
    body["until"] = "2090-01-01T08:00:00Z"
    request = urllib.request.Request(
        f"{service.url}/silences",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert shop.execute("select count(*) from plumb.active_silences").fetchone() == (1,)
