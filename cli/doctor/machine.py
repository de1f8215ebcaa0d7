"""Looks at this machine: variables, programs, PLUMB_HOME, disk, and what `up` started."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from ...core.cluster import private_cluster
from ...core.config import DATABASE_NAME, VARIABLES, Config
from ...core.errors import PlumbError
from ...core.home import refuse_foreign
from ...core.host import is_port_taken
from ...core.programs import server_programs
from ...core.service import Service, ask
from ..service import environment_file
from .finding import Finding, Probe, Told

PYTHON_MIN = (3, 11)
GIBIBYTE = 2**30
FREE_BYTES_MIN = GIBIBYTE
FREE_PERCENT_MIN = 10
UP = "./plumb up"


def read_settings(
    environment: Mapping[str, str] = os.environ,
) -> tuple[Config | None, list[Finding]]:
    """Check every environment variable, and not only up to the first that is wrong.

    Args:
        environment: Where to read them from.

    Returns:
        The configuration, None when a value cannot be used; and the findings.
    """
    faults = [variable.fault(environment.get(variable.name, "")) for variable in VARIABLES]
    found = [
        Finding("settings", variable.name, "wrong", fault, f"Change it, or unset {variable.name}.")
        for variable, fault in zip(VARIABLES, faults, strict=True)
        if fault
    ]
    if found:
        return None, found
    try:
        config = Config.from_environment(environment)
    except PlumbError as error:
        return None, [Finding("settings", "HOST", "wrong", str(error), error.hint)]
    count = sum(bool(environment.get(variable.name)) for variable in VARIABLES)
    return config, [Finding("settings", "variables", "ok", f"{count} are set, and can be meant")]


def probes(config: Config | None) -> dict[str, Probe]:
    """Return the probes of this machine.

    Args:
        config: The configuration, None when it cannot be used.
    """
    found = {"Python": _python}
    if config is None:
        return found
    values = config.values
    if values["DATABASE_URL"]:
        found["psql"] = _psql
    else:
        found["PostgreSQL"] = lambda: _server(config)
        found["PLUMB_HOME"] = lambda: _home(config.home)
    places = {"disk of PLUMB_HOME": str(config.home), "disk of BACKUP_DIR": values["BACKUP_DIR"]}
    for subject, place in places.items():
        if place:
            found[subject] = lambda path=Path(place): _disk(path)  # type: ignore[misc]
    return found


def _python() -> Told:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_MIN:
        return Told("wrong", f"it is Python {version}", "Install Python 3.11 or newer.")
    return Told("ok", f"Python {version}")


def _psql() -> Told:
    found = shutil.which("psql")
    if found is None:
        return Told("warning", "psql is not installed", "apt-get install postgresql-client")
    return Told("ok", found)


def _server(config: Config) -> Told:
    version_file = config.home / "data" / "PG_VERSION"
    major = int(version_file.read_text()) if version_file.exists() else None
    return Told("ok", str(server_programs(major)))


def _home(home: Path) -> Told:
    refuse_foreign(home)
    if not home.exists():
        return Told("ok", f"{home} is not there yet: ./plumb up makes it")
    if not os.access(home, os.W_OK):
        return Told("wrong", f"{home} belongs to {home.owner()}", f"Run ./plumb as {home.owner()}.")
    return Told("ok", str(home))


def _disk(path: Path) -> Told:
    place = next(parent for parent in (path, *path.parents) if parent.exists())
    usage = shutil.disk_usage(place)
    percent = 100 * usage.free / usage.total
    why = f"{usage.free / GIBIBYTE:.1f} GiB of {usage.total / GIBIBYTE:.1f} are free in {place}"
    if usage.free < FREE_BYTES_MIN:
        return Told("wrong", why, "Make room: a full disk stops every write.")
    if percent < FREE_PERCENT_MIN:
        return Told("warning", why, "Make room before it is full.")
    return Told("ok", why)


def look_at_processes(config: Config) -> tuple[str, list[Finding]]:
    """Look at what `up` started.

    Args:
        config: The configuration.

    Returns:
        The database's URL, empty when there is none to ask; and the findings.
    """
    url = config.values["DATABASE_URL"]
    found = []
    if not url:
        cluster = private_cluster(config)
        if not cluster.exists:
            told = Told("wrong", "nothing is set up here: there is no cluster", UP)
        elif not cluster.is_running():
            told = Told("wrong", f"the cluster in {cluster.home} does not run", UP)
        else:
            url = cluster.url(DATABASE_NAME)
            told = Told("ok", f"runs on port {cluster.port}")
        found.append(Finding("processes", "cluster", *told))
    found.append(Finding("processes", "HTTP service", *_service(Service(config), config)))
    if (config.home / "run").is_dir():
        found.append(Finding("processes", "after a reboot", *_after_reboot(config)))
    return url, found


def _after_reboot(config: Config) -> Told:
    if environment_file(config).exists():
        return Told("ok", "it starts with the machine")
    return Told("warning", "nothing starts it when the machine does", "./plumb service install")


def _service(service: Service, config: Config) -> Told:
    process = service.running()
    if process is None:
        if is_port_taken(config.api_port, config.values["HOST"]):
            return Told(
                "wrong",
                f"it does not run, and another program has port {config.api_port}",
                f"PORT={config.api_port + 1} ./plumb up",
            )
        return Told("wrong", "it does not run", UP)
    is_ready, answer = ask(f"{process.url}/readyz")
    if not is_ready:
        return Told("wrong", f"{process.url} is not ready: {answer}", f"See {service.log_path}")
    return Told("ok", f"{process.url} is ready")
