"""Deploys a release that passes the gates, watches it, and rolls it back when it does harm."""

import argparse
import re

from ...core.config import Config
from ...core.errors import PlumbError
from ...core.explain import explained
from ...core.target import database_url
from . import gate
from .deployment import Deployment

UNITS = {"s": 1, "m": 60, "h": 3600}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--name", metavar="V", help="the deployment, such as v1.4.2")
    parser.add_argument("--apply", metavar="CMD", help="shell command that deploys it")
    parser.add_argument("--rollback", metavar="CMD", help="shell command that takes it back")
    parser.add_argument(
        "--watch", type=duration, metavar="TIME", help="how long to watch it: 90s, 10m, 1h (10m)"
    )
    gate.add_coverage_argument(parser)
    parser.add_argument("--interval", type=duration, metavar="TIME", help="how often to look (5s)")
    parser.add_argument(
        "--recover",
        action="store_true",
        help="clear up after a deployment whose process died or whose rollback failed",
    )
    parser.add_argument(
        "--keep", action="store_true", help="with --recover: leave what is applied as it is"
    )


def duration(text: str) -> float:
    """Return a time in seconds.

    Args:
        text: A number with s, m or h behind it; without, seconds.

    Raises:
        argparse.ArgumentTypeError: It is none, or not above zero.
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)([smh]?)", text, flags=re.ASCII)
    if not match or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90s, 10m or 1h")
    return float(match[1]) * UNITS[match[2] or "s"]


def run(arguments: argparse.Namespace) -> int:
    """Deploy, or clear up after one that died.

    Returns:
        0 it stays, 1 refused or rolled back, 2 could not be judged, 3 the rollback failed, 130
        interrupted.

    Raises:
        PlumbError: It could not begin, or the database was lost for good; exit code 2.
    """
    _check_usage(arguments)
    with explained():
        config = Config.from_environment()
        percent = gate.coverage_percent(arguments.coverage)
        deployment = Deployment(
            arguments.rollback or "", database_url(), config.values["MONITORING_HEALTH_URL"]
        )
        with deployment.listening():
            if arguments.recover:
                return deployment.recover(arguments.keep)
            return deployment.deploy(
                arguments.name,
                arguments.apply,
                percent,
                arguments.watch,
                arguments.interval,
            )


def _check_usage(arguments: argparse.Namespace) -> None:
    if arguments.recover:
        unused = [n for n in ("name", "apply", "coverage", "watch") if getattr(arguments, n)]
        if unused:
            raise PlumbError(f"--recover takes no --{unused[0]}")
        if bool(arguments.rollback) == arguments.keep:
            raise PlumbError(
                "--recover needs either --rollback CMD or --keep",
                "Commands are not kept in the database: they hold secrets.",
            )
        return
    for name in ("name", "apply", "rollback"):
        if not (getattr(arguments, name) or "").strip():
            raise PlumbError(f"--{name} is missing or empty", "./plumb deploy --help")
    if arguments.keep:
        raise PlumbError("--keep goes with --recover only")
