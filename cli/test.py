"""Everything a change has to pass, in a cluster of its own; tests/static holds the linters."""

import argparse
import os
import subprocess
import sys

from .lint import require_checkout


def pass_on(arguments: list[str]) -> int:
    """Run the checks.

    Args:
        arguments: `--slow` adds the slow suites; whatever else there is goes to pytest.

    Returns:
        pytest's exit code.

    Raises:
        PlumbError: There are no tests here: only a checkout has them.
    """
    parser = argparse.ArgumentParser(prog="plumb test", allow_abbrev=False)
    parser.add_argument("--slow", action="store_true", help="run the slow suites as well")
    options, for_pytest = parser.parse_known_args(arguments)
    require_checkout()
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
