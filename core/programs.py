"""PostgreSQL's own programs: where they are, and how they are called."""

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import IO

from .errors import PlumbError

MAJOR_MIN = 15
ERROR_BYTES_MAX = 4000


def server_programs(major: int | None = None) -> Path:
    """Find the directory of initdb, postgres and pg_ctl.

    Args:
        major: The major version to look for; the newest one when absent.

    Returns:
        The directory.

    Raises:
        PlumbError: No such server, or none of version 15 or newer, is installed.
    """
    found = {
        int(path.parts[-3]): path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if path.parts[-3].isdigit()
    }
    elsewhere = shutil.which("postgres")
    if elsewhere:
        version = subprocess.run([elsewhere, "--version"], capture_output=True, check=False)
        match = re.search(rb"(\d+)", version.stdout)
        if match:
            found.setdefault(int(match[1]), Path(elsewhere).resolve().parent)
    usable = [number for number in found if number >= MAJOR_MIN]
    if major in usable:
        return found[major]
    if major is not None or not usable:
        wanted = f"PostgreSQL {major or f'{MAJOR_MIN} or newer'}"
        raise PlumbError(f"{wanted} is not installed", "./plumb up installs what it needs.")
    return found[max(usable)]


def client_program(name: str, major: int) -> str:
    """Return the path of pg_dump or pg_restore for a server's major version.

    Raises:
        PlumbError: It is not installed.
    """
    with contextlib.suppress(PlumbError):
        path = server_programs(major) / name
        if path.exists():
            return str(path)
    found = shutil.which(name)
    if found is None:
        raise PlumbError(f"{name} is not installed", f"apt install postgresql-client-{major}")
    return found


def last_words(errors: IO[bytes]) -> str:
    """Return the end of what a program wrote to its stderr."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - ERROR_BYTES_MAX))
    return errors.read().decode(errors="replace").strip() or "it said nothing"


def address(url: str) -> tuple[str, dict[str, str]]:
    """Split a URL into what may stand on a command line and the environment for the rest.

    Every account of the machine can read command lines, so the password goes the other way.
    """
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})
    return make_conninfo("", **parts), environment
