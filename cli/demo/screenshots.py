"""Pictures of the pages for the documentation, taken by the distribution's Chromium."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from ...core.config import Config
from ...core.errors import PlumbError
from ...core.service import Service
from ...core.session import open_session
from ...core.statements import statement

# What fits beside a text: the upper part of each page.
SIZES = {"overview": (1200, 1060), "incident": (1200, 960), "record": (1200, 600)}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS_MAX = 60
# Nothing leaves this machine but what the page asks of it.
ARGUMENTS = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--force-color-profile=srgb", "--virtual-time-budget=3000"),
)


def running_site() -> str:
    """Return the address of the HTTP service that runs here.

    Raises:
        PlumbError: None runs.
    """
    service = Service(Config.from_environment()).running()
    if service is None:
        raise PlumbError("the HTTP service does not run", "./plumb up starts it.")
    return service.url


def take_screenshots(
    url: str, site: str, folder: Path, report: Callable[[str], None] = print
) -> None:
    """Write a picture of the overview, of an incident and of the history of a row.

    Args:
        url: A libpq URL of the database, in which an invariant is violated.
        site: The address of the service that shows it.
        folder: Where the files go; it is made when absent.
        report: Receives each line.

    Raises:
        PlumbError: There is no browser or no violation, or a picture was not taken.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise PlumbError("Chromium is not installed", "apt-get install chromium")
    with open_session(url, "plumb demo") as connection:
        found = connection.execute(statement(__package__, "newest_violation")).fetchone()
    if found is None:
        raise PlumbError("no violation is known", "./plumb verify looks for one.")
    incident_id, relation, subject = found
    pages = {
        "overview": "/",
        "incident": f"/view/incidents/{incident_id}",
        "record": f"/view/records?{urlencode({'table': relation, 'key': subject})}",
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in pages.items():
        target = folder / f"{name}.png"
        _take(browser, site + path, target, SIZES[name])
        report(f"wrote {target}")


def _take(browser: str, address: str, target: Path, size: tuple[int, int]) -> None:
    width, height = size
    with tempfile.TemporaryDirectory(prefix="plumb-browser-") as profile:
        arguments = [
            *(browser, *ARGUMENTS, f"--user-data-dir={profile}"),
            # Chromium has no sandbox for root.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            *(f"--window-size={width},{height}", f"--screenshot={target}", address),
        ]
        target.unlink(missing_ok=True)
        try:
            done = subprocess.run(
                arguments, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
            )
        except subprocess.TimeoutExpired:
            raise PlumbError(
                f"the browser took no picture of {address} in {SECONDS_MAX} s"
            ) from None
    if not target.exists():
        last = done.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        raise PlumbError(f"the browser took no picture of {address}: {last[0]}")
