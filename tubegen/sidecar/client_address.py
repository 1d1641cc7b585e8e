"""Who is at the other end of a connection, as far as limits need to know. It is kept in memory alone."""

from collections.abc import Sequence
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from tubegen.sidecar.settings import PRIVATE_NETWORKS

UNKNOWN = "unknown"
"""A front server that does not say for whom it asks: all its visitors share one place."""

_REMEMBERED = 4096
_FORWARDED = 1000
"""Characters of X-Forwarded-For that are read: more servers than stand in a row anywhere."""

Networks = Sequence[IPv4Network | IPv6Network]


class ClientAddresses:
    """Knows those again who have just been here; `fronts` as for `network_of`."""

    def __init__(self, proxies: Networks = PRIVATE_NETWORKS) -> None:
        self._network_of = lru_cache(maxsize=_REMEMBERED)(partial(network_of, proxies=proxies))

    def network_asking(self, request: web.BaseRequest) -> str:
        """`network_of` the one who sent a request."""
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
        return self._network_of(request.remote, forwarded[-_FORWARDED:])


def network_of(remote: str | None, forwarded: str, proxies: Networks = PRIVATE_NETWORKS) -> str:
    """The address at the other end; of IPv6 the /64, since a household has all of one.

    `forwarded` is X-Forwarded-For, to which each server on the way appends whom it serves. One in `fronts` is
    believed about the one before it, nobody else is.
    """
    found = _address(remote or "127.0.0.1")  # a Unix socket has no address
    before = forwarded.split(",")
    while found is not None and before and any(found in network for network in proxies):
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
