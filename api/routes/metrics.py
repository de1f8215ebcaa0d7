"""Routes of metrics: for Prometheus, and for a gate that watches a release."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from ..answers import answer, database
from ..parameters import query_values

blueprint = Blueprint("metrics", __name__)

OPEN_METRICS = "application/openmetrics-text"
KINDS = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily, "info": InfoMetricFamily}


class DatabaseMetrics(Collector):
    """What plumb.describe_metrics() returned, as the client library wants it.

    Args:
        families: Each with name, kind, help and samples (labels and value).
    """

    def __init__(self, families: list[dict[str, Any]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Yield each family that has samples."""
        for family in self._families:
            samples = family["samples"]
            if not samples:
                continue
            is_info = family["kind"] == "info"
            names = [] if is_info else sorted(samples[0]["labels"])
            metric = KINDS[family["kind"]](family["name"], family["help"], labels=names)
            for sample in samples:
                labels = [sample["labels"][name] for name in names]
                metric.add_metric(labels, sample["labels"] if is_info else sample["value"])
            yield metric


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Prometheus exposition, or OpenMetrics for who prefers it."""
    query_values()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseMetrics(database().read("describe_metrics")))
    if _wish(OPEN_METRICS) > _wish("text/plain"):
        text = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
        content_type = openmetrics.CONTENT_TYPE_LATEST
    else:
        text, content_type = generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4
    response = Response(text, content_type=content_type)
    response.headers["Vary"] = "Accept"
    return response


@blueprint.get("/metrics/json")
def show_monitoring() -> Response:
    """JSON metrics snapshot: error rate, p95, drift, open P1s, score, safe mode."""
    query_values()
    return answer("describe_monitoring")


def _wish(kind: str) -> float:
    """Return how much the client likes a media type, whatever its version.

    What names it decides, then what names its first half, then what names all (RFC 9110).
    """
    for pattern in (kind, kind.partition("/")[0] + "/*", "*/*"):
        wishes = [
            wish
            for text, wish in request.accept_mimetypes
            if text.partition(";")[0].strip() == pattern
        ]
        if wishes:
            return max(wishes)
    return 0
