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
from .finding import Answer, Finding, Probe

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


def _python() -> Answer:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_MIN:
        return Answer("wrong", f"it is Python {version}", "Install Python 3.11 or newer.")
    return Answer("ok", f"Python {version}")


def _psql() -> Answer:
    found = shutil.which("psql")
    if found is None:
        return Answer("warning", "psql is not installed", "apt-get install postgresql-client")
    return Answer("ok", found)


def _server(config: Config) -> Answer:
    version_file = config.home / "data" / "PG_VERSION"
    major = int(version_file.read_text()) if version_file.exists() else None
    return Answer("ok", str(server_programs(major)))


def _home(home: Path) -> Answer:
    refuse_foreign(home)
    if not home.exists():
        return Answer("ok", f"{home} is not there yet: ./plumb up makes it")
    if not os.access(home, os.W_OK):
        return Answer(
            "wrong", f"{home} belongs to {home.owner()}", f"Run ./plumb as {home.owner()}."
        )
    return Answer("ok", str(home))


def _disk(path: Path) -> Answer:
    place = next(parent for parent in (path, *path.parents) if parent.exists())
    usage = shutil.disk_usage(place)
    percent = 100 * usage.free / usage.total
    why = f"{usage.free / GIBIBYTE:.1f} GiB of {usage.total / GIBIBYTE:.1f} are free in {place}"
    if usage.free < FREE_BYTES_MIN:
        return Answer("wrong", why, "Make room: a full disk stops every write.")
    if percent < FREE_PERCENT_MIN:
        return Answer("warning", why, "Make room before it is full.")
    return Answer("ok", why)


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
            answer = Answer("wrong", "nothing is set up here: there is no cluster", UP)
        elif not cluster.is_running():
            answer = Answer("wrong", f"the cluster in {cluster.home} does not run", UP)
        else:
            url = cluster.url(DATABASE_NAME)
            answer = Answer("ok", f"runs on port {cluster.port}")
        found.append(Finding("processes", "cluster", *answer))
    found.append(Finding("processes", "HTTP service", *_service(Service(config), config)))
    if (config.home / "run").is_dir():
        found.append(Finding("processes", "after a reboot", *_after_reboot(config)))
    return url, found


def _after_reboot(config: Config) -> Answer:
    if environment_file(config).exists():
        return Answer("ok", "it starts with the machine")
    return Answer("warning", "nothing starts it when the machine does", "./plumb service install")


def _service(service: Service, config: Config) -> Answer:
    process = service.running()
    if process is None:
        if is_port_taken(config.api_port, config.values["HOST"]):
            return Answer(
                "wrong",
                f"it does not run, and another program has port {config.api_port}",
                f"PORT={config.api_port + 1} ./plumb up",
            )
        return Answer("wrong", "it does not run", UP)
    is_ready, answer = ask(f"{process.url}/readyz")
    if not is_ready:
        return Answer("wrong", f"{process.url} is not ready: {answer}", f"See {service.log_path}")
    return Answer("ok", f"{process.url} is ready")
