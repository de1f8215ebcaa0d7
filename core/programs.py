"""PostgreSQL's own programs: where they are, and how they are called."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from .errors import PlumbError

MAJOR_MIN = 15
ERROR_BYTES_MAX = 4000
SERVICE = "plumb"
# Secrets that libpq does not mark as passwords.
SECRET_OPTIONS = ("scram_client_key", "scram_server_key")


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


def refuse_password(option: str, url: str) -> None:
    """Refuse an address on our own command line that holds a password.

    Args:
        option: Where it was given.
        url: A libpq URL; one that cannot be read is left to whoever connects.

    Raises:
        PlumbError: It holds a password or another secret of libpq.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    with contextlib.suppress(ProgrammingError):
        given = conninfo_to_dict(url)
        if any(name in given for name in ("password", "sslpassword", *SECRET_OPTIONS)):
            raise PlumbError(
                f"{option} holds a password, which every account of this machine can read",
                "Leave it out, and put it into PGPASSWORD or a password file (PGPASSFILE).",
            )


def last_words(errors: IO[bytes]) -> str:
    """Return the end of what a program wrote to its stderr."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - ERROR_BYTES_MAX))
    return errors.read().decode(errors="replace").strip() or "it said nothing"


def address(url: str) -> tuple[str, dict[str, str]]:
    """Split a URL into what may stand on a command line and the environment for the rest.

    Every account of the machine can read command lines, so secrets go the other way: those that
    libpq takes from a variable, in the environment; the others in a service file in memory, which
    lives as long as this process, or the program that replaces it.

    Raises:
        PlumbError: The URL names a service and holds such a secret itself.
    """
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
    from psycopg.pq import Conninfo

    parts = conninfo_to_dict(url)
    environment = dict(os.environ)
    in_file = {}
    for option in Conninfo.get_defaults():
        name = option.keyword.decode()
        if option.dispchar == b"*" or name in SECRET_OPTIONS:
            value = parts.pop(name, None)
            if value and option.envvar:
                environment[option.envvar.decode()] = str(value)
            elif value:
                in_file[name] = value
    if in_file:
        if parts.get("service") or environment.get("PGSERVICE"):
            raise PlumbError(
                f"the URL names a service and holds {' and '.join(in_file)}",
                "Move that into the service's section of the service file.",
            )
        environment["PGSERVICEFILE"] = _service_file(in_file)
        parts["service"] = SERVICE
    return make_conninfo("", **parts), environment


def _service_file(options: Mapping[str, object]) -> str:
    # It stays open when this process becomes another program.
    descriptor = os.memfd_create("service", 0)
    lines = [f"[{SERVICE}]", *(f"{name}={value}" for name, value in options.items())]
    os.write(descriptor, ("\n".join(lines) + "\n").encode())
    return f"/proc/{os.getpid()}/fd/{descriptor}"
