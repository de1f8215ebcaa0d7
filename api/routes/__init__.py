"""One module for each noun, each with a blueprint of its own."""

from . import (
    alerts,
    cron,
    deployments,
    gates,
    health,
    incidents,
    invariants,
    metrics,
    probes,
    reports,
    requests,
    runbooks,
    security,
    silences,
    system_mode,
    webhooks,
)

BLUEPRINTS = (
    probes.blueprint,
    health.blueprint,
    incidents.blueprint,
    silences.blueprint,
    alerts.blueprint,
    invariants.blueprint,
    cron.blueprint,
    deployments.blueprint,
    gates.blueprint,
    metrics.blueprint,
    reports.blueprint,
    requests.blueprint,
    runbooks.blueprint,
    security.blueprint,
    system_mode.blueprint,
    webhooks.blueprint,
)
