"""Who is at the other end of a connection, as far as limits need to know. It is kept in memory alone."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from tubegen.sidecar.settings import HOUSE

UNKNOWN = "unknown"
"""A front server that does not say for whom it asks: all its visitors share one place."""

Networks = Sequence[IPv4Network | IPv6Network]


def network_asking(request: web.BaseRequest, fronts: Networks = HOUSE) -> str:
    """`network_of` the one who sent a request."""
    return network_of(request.remote, ",".join(request.headers.getall("X-Forwarded-For", [])), fronts)


def network_of(remote: str | None, forwarded: str, fronts: Networks = HOUSE) -> str:
    """The address at the other end; of IPv6 the /64, since a household has all of one.

    `forwarded` is X-Forwarded-For, to which each server on the way appends whom it serves. One in `fronts` is
    believed about the one before it, nobody else is.
    """
    found = _address(remote or "127.0.0.1")  # a Unix socket has no address
    before = forwarded.split(",")
    while found is not None and before and any(found in network for network in fronts):
        named = _address(before.pop().strip())
        if named is None:
            break
        found = named
    if found is None or found.is_loopback:
        return UNKNOWN
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
