"""Finds the client's address: the peer's or, behind known proxies, the one that they forward."""

import ipaddress
from collections.abc import Collection

from ...core.config import Network
from .protocol import Environ

# A list longer than any honest chain of proxies is not worth reading.
FORWARDED_MAX = 20
# A peer on a unix socket has no address and is on this machine.
LOCAL = "127.0.0.1"


def client_of(environ: Environ, trusted: Collection[Network]) -> str:
    """Return the address of the client that made a request.

    X-Forwarded-For is a list that anybody may begin and every proxy continues, so it is read
    from its end, for as long as the speaker is a proxy we trust.

    Args:
        environ: The WSGI environment.
        trusted: Networks of the proxies whose word counts.

    Returns:
        The address; the nearest proxy's when it names none.
    """
    client = environ.get("REMOTE_ADDR") or LOCAL
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    if not forwarded or not trusted:
        return client
    for named in reversed(forwarded.split(",")[-FORWARDED_MAX:]):
        if not _is_in(client, trusted):
            break
        address = _without_port(named.strip())
        if address is None:
            break
        client = address
    return client


def _is_in(client: str, networks: Collection[Network]) -> bool:
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


def _without_port(named: str) -> str | None:
    # Some proxies add the port: 203.0.113.7:4711, [2001:db8::1]:4711.
    if named.startswith("["):
        named = named[1:].partition("]")[0]
    elif named.count(":") == 1:
        named = named.partition(":")[0]
    try:
        return str(ipaddress.ip_address(named))
    except ValueError:
        return None
