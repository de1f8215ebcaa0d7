"""Stops what `up` started, and nothing else: each process is recognised before it is ended."""

import argparse

from ..core.cluster import private_cluster
from ..core.config import Config
from ..core.home import exclusive
from ..core.output import say
from ..core.scheduler_process import SchedulerProcess
from ..core.service import Service
from ..core.told import tell
from .backup import throwaway


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments: it has none."""


def run(_arguments: argparse.Namespace) -> int:
    """Stop the HTTP service, the scheduler, the private cluster, and what a killed drill left.

    Returns:
        0, also when nothing ran.
    """
    config = Config.from_environment()
    if not config.home.exists():
        say(f"nothing runs: there is no {config.home}")
        tell(stopped=[])
        return 0
    with exclusive(config.home, report=say):
        return _stop(config)


def _stop(config: Config) -> int:
    is_stopped = {"HTTP service": Service(config).stop()}
    say("HTTP service stopped" if is_stopped["HTTP service"] else "HTTP service did not run")
    is_stopped["scheduler"] = SchedulerProcess(config).stop()
    if is_stopped["scheduler"]:
        say("scheduler stopped")
    cluster = private_cluster(config)
    if cluster.exists:
        is_stopped["cluster"] = cluster.stop()
        say("cluster stopped" if is_stopped["cluster"] else "cluster did not run")
    throwaway.remove_leftovers(config.home)
    tell(stopped=[name for name, has_run in is_stopped.items() if has_run])
    return 0
