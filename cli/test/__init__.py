"""Everything a change has to pass, in clusters of its own; tests/static holds the linters."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from ...core.exit_codes import COULD_NOT_JUDGE, FALSE, TRUE
from ..lint import require_checkout
from . import coverage

# Each processor gets a worker, and one more works while others wait for pg_cron or a time limit;
# each worker's cluster takes some GB of memory.
WORKERS_MAX = 4


def pass_on(arguments: list[str]) -> int:
    """Run the checks.

    Args:
        arguments: `--slow` adds the slow suites, `--workers` says how many tests run at a
            time, `--coverage` writes coverage.xml; whatever else there is goes to pytest.

    Returns:
        0 all pass, 1 one fails or too few statements ran, 2 pytest could not run them.

    Raises:
        PlumbError: There are no tests here: only a checkout has them.
    """
    parser = argparse.ArgumentParser(prog="plumb test", allow_abbrev=False)
    parser.add_argument("--slow", action="store_true", help="run the slow suites as well")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="run N files of tests at a time, each in a cluster of its own; by default one for "
        "each processor and one more when everything runs, and one when paths are named",
    )
    parser.add_argument(
        "--coverage",
        action="store_true",
        help="write coverage.xml: the statements of Python and of PL/pgSQL that ran; fails below "
        f"{coverage.PERCENT_MIN} %% of either",
    )
    options, for_pytest = parser.parse_known_args(arguments)
    require_checkout()
    if not options.slow:
        for_pytest = ["-m", "not slow", *for_pytest]
    workers = options.workers or _workers(for_pytest)
    if not options.coverage:
        return _run_pytest(for_pytest, workers, {}, {})
    with tempfile.TemporaryDirectory(prefix="plumb-coverage-") as folder:
        # The service's account writes here as well.
        Path(folder).chmod(0o777)
        code = _run_pytest(
            for_pytest, workers, coverage.environment(Path(folder)), coverage.SERVER_SETTINGS
        )
        is_enough = coverage.write_report(Path(folder), Path("coverage.xml"))
    return code if code or is_enough else FALSE


def _workers(arguments: list[str]) -> int:
    """Return how many workers run: starting a second one pays for the whole suite only."""
    if any(Path(argument.partition("::")[0]).exists() for argument in arguments):
        return 1
    return min((os.cpu_count() or 1) + 1, WORKERS_MAX)


def _run_pytest(
    arguments: list[str],
    workers: int,
    more_environment: Mapping[str, str],
    more_settings: Mapping[str, str],
) -> int:
    from ...core.config import forget_variables
    from ...core.scratch import SETTINGS, scratch_cluster, tcp_url

    print(f"starting {workers} cluster{'s' * (workers > 1)} for the tests", flush=True)
    with ExitStack() as clusters:
        urls = [
            tcp_url(
                clusters.enter_context(scratch_cluster({**SETTINGS, **more_settings})), "postgres"
            )
            for _ in range(workers)
        ]
        environment = {**os.environ, **more_environment, "PLUMB_TEST_URLS": " ".join(urls)}
        # The user's own settings must neither help nor hurt a test.
        forget_variables(environment)
        command = [sys.executable, "-m", "pytest", *arguments]
        if workers > 1:
            # The tests of a file share what they built, so they stay with one worker.
            command += ["--numprocesses", str(workers), "--dist", "loadfile"]
            # tests/conftest.py says what begins first.
            command += ["--no-loadscope-reorder"]
        child = subprocess.Popen(command, env=environment)
        try:
            code = child.wait()
        except KeyboardInterrupt:
            # Ctrl-C reached pytest as well: it says what it was doing, then the cluster goes.
            child.terminate()
            child.wait()
            raise
    # Beyond these, pytest's own codes are all about what kept it from a verdict.
    return code if code in (TRUE, FALSE) else COULD_NOT_JUDGE
