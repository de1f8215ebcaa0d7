"""Everything a change has to pass: the linters, then pytest in a cluster of its own."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from .lint import LINTERS, require_checkout, run_tool


def pass_on(arguments: list[str]) -> int:
    """Run the checks.

    Args:
        arguments: `--slow` adds the slow suites; whatever else there is goes to pytest. A path
            among it runs pytest alone, on that path.

    Returns:
        The first failing check's exit code, or 0.

    Raises:
        PlumbError: There are no tests here: only a checkout has them.
    """
    parser = argparse.ArgumentParser(prog="plumb test", allow_abbrev=False)
    parser.add_argument("--slow", action="store_true", help="run the slow suites as well")
    options, for_pytest = parser.parse_known_args(arguments)
    require_checkout()
    is_narrowed = any(Path(word.split("::")[0]).exists() for word in for_pytest)
    if not is_narrowed:
        for linter in LINTERS:
            status = run_tool(*linter)
            if status != 0:
                return status
    if not options.slow:
        for_pytest = ["-m", "not slow", *for_pytest]
    return _run_pytest(for_pytest)


def _run_pytest(arguments: list[str]) -> int:
    from ..core.config import forget_variables
    from ..core.scratch import scratch_cluster, tcp_url

    print("starting a cluster for the tests", flush=True)
    with scratch_cluster() as cluster:
        environment = {**os.environ, "PLUMB_TEST_URL": tcp_url(cluster, "postgres")}
        # The user's own settings must neither help nor hurt a test.
        forget_variables(environment)
        command = [sys.executable, "-m", "pytest", *arguments]
        child = subprocess.Popen(command, env=environment)
        try:
            return child.wait()
        except KeyboardInterrupt:
            # Ctrl-C reached pytest as well: it says what it was doing, then the cluster goes.
            child.terminate()
            child.wait()
            raise
