"""Says what is wrong with a URL, in words that never hold a part of it: it may hold a password."""

import re
from urllib.parse import urlsplit

SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,19}://", re.IGNORECASE)
PORTS = range(1, 65536)


def web_url(value: str) -> str:
    """Return what keeps a value from being an address of the web, or nothing."""
    complaint = _whole_url(value, ("https", "http"))
    if complaint:
        return complaint
    if "@" in urlsplit(value).netloc or not urlsplit(value).hostname:
        return "must be a URL with a host and without user name"
    return ""


def redis_url(value: str) -> str:
    """Return what keeps a value from being an address of Redis, or nothing."""
    return _whole_url(value, ("redis", "rediss"))


def _whole_url(value: str, schemes: tuple[str, ...]) -> str:
    complaint = _scheme_complaint(value, schemes)
    if complaint:
        return complaint
    try:
        # Reading the port checks it.
        is_whole = urlsplit(value).port != 0 and not re.search(r"[\x00-\x20\x7f]", value)
    except ValueError:
        is_whole = False
    return "" if is_whole else "must be a whole URL: look for blanks, and at brackets and port"


def _scheme_complaint(value: str, schemes: tuple[str, ...]) -> str:
    if value.partition("://")[0] in schemes and "://" in value:
        return ""
    return f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"


def postgres_url(value: str) -> str:
    """Return what keeps libpq from reading a value as it is meant, or nothing."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    # libpq takes `host=… dbname=…` as well, and so do we.
    if "=" not in value or "://" in value:
        complaint = _scheme_complaint(value, ("postgresql", "postgres"))
        if complaint:
            return complaint
    try:
        parts = conninfo_to_dict(value)
    except ProgrammingError:
        # Its words repeat parts of the value.
        parts = {"port": "none"}
    ports = str(parts.get("port") or "5432").split(",")
    is_misread = "@" in str(parts.get("host") or "") or any(
        not re.fullmatch("[0-9]{0,5}", port) or int(port or 1) not in PORTS for port in ports
    )
    if is_misread:
        return (
            "must be a URL that libpq can read: look at brackets and port, and write"
            " %25 %40 %2F %3A %3F %23 for % @ / : ? # in a password"
        )
    return ""
