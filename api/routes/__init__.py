"""One module for each noun, each with a blueprint of its own; a new one joins BLUEPRINTS.

The order means nothing: no two routes match the same request.
"""

from . import (
    alerts,
    cron,
    deployments,
    docs,
    gates,
    health,
    incidents,
    invariants,
    metrics,
    page_actions,
    pages,
    probes,
    reports,
    requests,
    runbooks,
    security,
    sign_in,
    silences,
    system_mode,
    truth,
    webhooks,
)

BLUEPRINTS = (
    probes.blueprint,
    pages.blueprint,
    page_actions.blueprint,
    sign_in.blueprint,
    health.blueprint,
    incidents.blueprint,
    silences.blueprint,
    alerts.blueprint,
    invariants.blueprint,
    cron.blueprint,
    deployments.blueprint,
    docs.blueprint,
    gates.blueprint,
    metrics.blueprint,
    reports.blueprint,
    requests.blueprint,
    runbooks.blueprint,
    security.blueprint,
    system_mode.blueprint,
    truth.blueprint,
    webhooks.blueprint,
)
