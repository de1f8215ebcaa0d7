"""A real Prometheus takes what a real server process serves."""

import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest
from plumbline.core.host import free_port

pytestmark = pytest.mark.slow
SECONDS_MAX = 60


def ask(port, expression):
    query = urllib.parse.urlencode({"query": expression})
    try:
        url = f"http://127.0.0.1:{port}/api/v1/query?{query}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["data"]["result"]
    except OSError:
        return []


def test_a_real_prometheus_scrapes_it(busy, tmp_path):
    service_port, port = free_port(), free_port()
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        "  - job_name: plumbline\n"
        f"    static_configs: [{{targets: ['127.0.0.1:{service_port}']}}]\n"
    )
    environment = os.environ | {"DATABASE_URL": busy.info.dsn, "PORT": str(service_port)}
    service = subprocess.Popen([sys.executable, "-m", "plumbline.api", "--quiet"], env=environment)
    prometheus = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
    )
    try:
        deadline = time.monotonic() + SECONDS_MAX
        while not (scores := ask(port, "plumb_drift_score")):
            assert time.monotonic() < deadline, "Prometheus never saw the score"
            time.sleep(0.5)
        assert scores[0]["value"][1] == "100"
        assert ask(port, 'up{job="plumbline"}')[0]["value"][1] == "1"
    finally:
        for process in (prometheus, service):
            process.terminate()
            process.wait(timeout=20)
