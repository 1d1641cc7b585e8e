"""Which addresses the sidecar may open a connection to, so that nobody sends it into its own network.

The question is put to the address that a socket is about to be connected to, never to a name: whatever a
resolver answers, now or a moment later, cannot go round it (interop X-31).
"""

import socket
from collections.abc import Callable, Sequence
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
SocketFactory = Callable[[tuple[int, int, int, str, tuple[str | int, ...]]], socket.socket]

_HTTPS_PORT = 443

_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a provider's translation
        "127.0.0.0/8",
        "169.254.0.0/16",  # link; clouds answer with credentials here
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation, as are 198.51.100 and 203.0.113
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/32",  # Teredo
        "2001:10::/28",
        "2001:20::/28",  # ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All IPv6 that is given out to networks; loopback, link-local, unique local, multicast lie outside it."""

_CARRIERS = (
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    IPv6Network("::/96"),  # IPv4-compatible
    IPv6Network("64:ff9b::/96"),  # NAT64: how a machine with IPv6 alone reaches the rest
)
"""Networks whose last 32 bits are the IPv4 address that is meant."""


class AddressClass(Enum):
    """What a connection is for, as far as it decides where it may lead."""

    SECURE = "https"
    """TLS to anybody in public, at port 443."""
    LOOPBACK = "http to this machine"
    """No TLS: where a loopback network has been named as an exception, for a bench of servers."""
    PRIVATE_NETWORKS = "http within the house"
    """No TLS to an address that the owner has configured, in any network named as an exception."""


class Forbidden(OSError):
    """The address is not one to connect to. Its text is always the same: connectors compare it."""

    def __init__(self) -> None:
        super().__init__("the address is not a public one")


def is_public(address: Address) -> bool:
    """Whether `address` is out on the internet; one that carries an IPv4 address is judged by that.

    6to4 and Teredo are refused whatever they carry: their relays are gone, only attacks use them.
    """
    address = _meant(address)
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def may_connect(
    address: Address, port: int, address_class: AddressClass, exceptions: Sequence[Network]
) -> bool:
    """Whether a connection may be opened; `exceptions` are networks that need not be public."""
    excepted = _within(address, exceptions)
    if address_class is AddressClass.PRIVATE_NETWORKS:
        return excepted
    if address_class is AddressClass.LOOPBACK:
        return excepted and _meant(address).is_loopback
    return excepted or (port == _HTTPS_PORT and is_public(address))


def plain_http_allowed(address_class: AddressClass, exceptions: Sequence[Network]) -> bool:
    """Whether any address at all could be spoken to without TLS."""
    return any(
        address_class is AddressClass.PRIVATE_NETWORKS or network.is_loopback for network in exceptions
    )


def guarded_sockets(address_class: AddressClass, exceptions: Sequence[Network]) -> SocketFactory:
    """A maker of sockets for a connector, which raises Forbidden for where none may be opened."""

    def make(where: tuple[int, int, int, str, tuple[str | int, ...]]) -> socket.socket:
        family, kind, protocol, _, target = where
        if not may_connect(ip_address(target[0]), int(target[1]), address_class, exceptions):
            raise Forbidden
        return socket.socket(family, kind, protocol)

    return make


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network or _meant(address) in network for network in networks)


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, else the address itself.

    `::1` is itself: as an IPv4-compatible address it would be no loopback.
    """
    if isinstance(address, IPv6Address) and not address.is_loopback:
        for carrier in _CARRIERS:
            if address in carrier:
                return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
