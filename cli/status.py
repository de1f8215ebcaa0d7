"""Says what runs, where, and how healthy it is; what cannot be found out is unknown."""

import argparse
import json
import time
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from ..core import display
from ..core.cluster import private_cluster
from ..core.config import DATABASE_NAME, Config
from ..core.errors import PlumbError
from ..core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ..core.explain import explained
from ..core.output import printable
from ..core.rows import fetch_value
from ..core.service import Service, ask
from ..core.session import open_session

CONNECT_SECONDS_MAX = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each part, or all of it as JSON.

    Returns:
        0 when the database and the HTTP service answer, jobs run and writes are allowed; 1 when
        one of this is not so; 2 when the database could not be asked.
    """
    found = look()
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        display.show(display.facts(describe(found)))
    code: int = found["exitCode"]
    return code


def look() -> dict[str, Any]:
    """Return what runs.

    Returns:
        environment (NODE_ENV), cluster, http and database (each null when there is none), what is
        wrong in `error` (null
        when nothing is), and the exit code.
    """
    config = Config.from_environment()
    url = config.values["DATABASE_URL"]
    # That URL may hold a password, a private cluster's does not.
    place = "DATABASE_URL"
    found: dict[str, Any] = {
        "environment": config.values["NODE_ENV"] or None,
        "cluster": None,
        "http": _http(Service(config)),
        "database": None,
    }
    faults = []
    if not url:
        cluster = private_cluster(config)
        is_running = cluster.is_running()
        found["cluster"] = {
            "home": str(config.home),
            "exists": cluster.exists,
            "port": cluster.port if is_running else None,
        }
        if is_running:
            url = place = cluster.url(DATABASE_NAME)
        else:
            faults.append("the cluster does not run")
    code = TRUE
    if url:
        try:
            found["database"] = {"url": place} | _database(url)
            faults += _faults(found["database"])
        except PlumbError as error:
            faults.append(f"{error} ({error.hint})" if error.hint else str(error))
            code = COULD_NOT_JUDGE
    if not found["http"]["isReady"]:
        runs = "is not ready" if found["http"]["url"] else "does not run"
        faults.append(f"the HTTP service {runs}")
    if faults and code == TRUE:
        code = FALSE
    return found | {"error": "; ".join(faults) or None, "exitCode": code}


def _http(service: Service) -> dict[str, Any]:
    process = service.running()
    if process is None:
        return {"url": None, "isReady": False, "answer": None}
    is_ready, answer = ask(f"{process.url}/readyz")
    return {"url": process.url, "isReady": is_ready, "answer": answer}


def _database(url: str) -> dict[str, Any]:
    with (
        explained("the database could not be asked"),
        open_session(url, "plumb status", connect_timeout=CONNECT_SECONDS_MAX) as connection,
    ):
        connection.execute(f"set statement_timeout = '{CONNECT_SECONDS_MAX}s'")
        status: dict[str, Any] = fetch_value(connection, "select plumb.describe_status()")
    return status


def _faults(database: dict[str, Any]) -> Iterator[str]:
    if database["safeMode"]:
        yield "safe mode is on"
    scheduler = database["health"]["scheduler"]
    if scheduler["status"] not in ("running", "waiting"):
        yield f"jobs do not run: {scheduler['reason']}"


def describe(found: dict[str, Any]) -> list[tuple[str, object]]:
    """Return what `look` found, each part with its name."""
    lines: list[tuple[str, object]] = []
    cluster, http, database = found["cluster"], found["http"], found["database"]
    if found["environment"]:
        lines.append(("NODE_ENV", found["environment"]))
    if cluster:
        runs = f"runs on port {cluster['port']}" if cluster["port"] else "does not run"
        lines.append(("cluster", f"{runs if cluster['exists'] else 'not created yet'}"))
        lines.append(("", f"in {cluster['home']}"))
    if http["url"]:
        is_ready = "ready" if http["isReady"] else f"NOT READY: {http['answer']}"
        lines.append(("HTTP", f"{http['url']} {is_ready}"))
    else:
        lines.append(("HTTP", "does not run"))
    if database:
        lines += _describe_database(database)
    if found["error"]:
        lines.append(("wrong", Text(printable(found["error"]), style=display.WORDS["wrong"])))
    return lines


def _describe_database(database: dict[str, Any]) -> Iterator[tuple[str, object]]:
    health = database["health"]
    # A schema of an earlier release does not say it.
    truth = database.get("truth")
    if truth:
        sentence = "; ".join([truth["sentence"], *truth["also"]])
        yield "truth", Text(printable(sentence), style=display.WORDS[truth["status"]])
    yield "database", database["url"]
    yield "schema", f"revision {database['revision']}"
    scored_at = display.moment(health["scoredAt"])
    yield "health", f"{health['score']:g} of 100, grade {health['grade']} ({scored_at})"
    reason = database["safeModeReason"] or "no reason given"
    automatic = "" if health["automaticSafeMode"] else "; grade F does not engage it"
    yield "safe mode", (f"ON: {reason}" if database["safeMode"] else "off") + automatic
    yield "scheduler", f"{health['scheduler']['status']}: {health['scheduler']['reason']}"
    yield "incidents", f"{database['openIncidents']} open"
    for position, lack in enumerate(database["lacks"]):
        yield "" if position else "without", f"{lack['capability']}: {lack['instead']}"
    for position, job in enumerate(database["jobs"] or []):
        last, following = (display.moment(job[name]) for name in ("lastRunAt", "nextRunAt"))
        yield (
            "" if position else "jobs",
            Text.assemble(
                f"{job['job']:<18} ",
                (f"{job['status']:<11}", display.WORDS.get(job["status"], "")),
                f" last {last:<11}  next {following}",
            ),
        )
    yield "times", f"are of this machine ({time.strftime('%Z')})"
