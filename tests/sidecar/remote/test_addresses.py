"""Every line of interop X-31, and the exceptions an owner may name."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tubegen.sidecar.remote.addresses import AddressClass, is_public, may_connect

V4 = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.254"),
    ("255.255.255.255", "255.255.255.255"),
]
V6 = [
    ("::", "::"),
    ("::1", "::1"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
    ("100::", "100::ffff:ffff:ffff:ffff"),
    ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
]
PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2a00::1",
    "2003::",
]


@pytest.mark.parametrize("address", [address for line in V4 + V6 for address in line])
def test_what_is_not_public_is_refused_from_first_to_last_address(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_lies_beside_it_is_not(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("carrier", ["::ffff:", "::", "64:ff9b::"])
@pytest.mark.parametrize("inner", [address for line in V4 for address in line])
def test_an_inner_address_decides(carrier, inner):
    assert not is_public(ip_address(carrier + inner))


@pytest.mark.parametrize("carrier", ["::ffff:", "64:ff9b::"])
def test_a_public_inner_address_is_public(carrier):
    assert is_public(ip_address(f"{carrier}1.1.1.1"))


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_carried_address_is_never_more_public_than_itself(address):
    assert is_public(ip_address(f"::ffff:{address}")) == is_public(address)
    assert is_public(ip_address(f"64:ff9b::{address}")) == is_public(address)
    if not is_public(address):
        assert (
            not address.is_global
            or address.is_multicast
            or address in ip_network("192.0.0.0/24")
            or (address in ip_network("192.88.99.0/24"))
        )


@pytest.mark.parametrize(
    ("address", "port", "address_class", "exceptions", "allowed"),
    [
        ("1.1.1.1", 443, AddressClass.SECURE, [], True),
        ("1.1.1.1", 8443, AddressClass.SECURE, [], False),
        ("1.1.1.1", 443, AddressClass.LOOPBACK, ["127.0.0.0/8"], False),
        ("1.1.1.1", 80, AddressClass.PRIVATE_NETWORKS, ["10.0.0.0/8"], False),
        ("127.0.0.1", 8443, AddressClass.SECURE, [], False),
        ("127.0.0.1", 8443, AddressClass.SECURE, ["127.0.0.0/8"], True),
        ("::ffff:127.0.0.1", 8443, AddressClass.SECURE, ["127.0.0.0/8"], True),
        ("::1", 8443, AddressClass.SECURE, ["::1/128"], True),
        ("10.1.2.3", 8443, AddressClass.SECURE, ["127.0.0.0/8"], False),
        ("127.0.0.1", 8080, AddressClass.LOOPBACK, ["127.0.0.0/8"], True),
        ("::1", 8080, AddressClass.LOOPBACK, ["::1/128"], True),
        ("10.1.2.3", 8080, AddressClass.LOOPBACK, ["10.0.0.0/8"], False),
        ("10.1.2.3", 8080, AddressClass.PRIVATE_NETWORKS, ["10.0.0.0/8"], True),
        ("127.0.0.1", 8080, AddressClass.PRIVATE_NETWORKS, ["10.0.0.0/8"], False),
    ],
)
def test_where_a_connection_may_lead(address, port, address_class, exceptions, allowed):
    networks = [ip_network(network) for network in exceptions]
    assert may_connect(ip_address(address), port, address_class, networks) is allowed
