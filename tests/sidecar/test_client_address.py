"""Whose limits a connection counts for."""

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request

from tubegen.sidecar.client_address import UNKNOWN, ClientAddresses, network_of
from tubegen.sidecar.settings import PRIVATE_NETWORKS


@pytest.mark.parametrize(
    ("remote", "forwarded", "network"),
    [
        ("9.9.9.9", "8.8.8.8", "9.9.9.9"),
        ("127.0.0.1", "8.8.8.8", "8.8.8.8"),
        ("::1", "2606:4700::1", "2606:4700::/64"),
        ("10.0.0.3", "8.8.8.8", "8.8.8.8"),
        ("::ffff:172.17.0.1", "8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "::ffff:8.8.8.8", "8.8.8.8"),
        ("2606:4700::1:2:3:4", "", "2606:4700::/64"),
        ("192.168.1.20", "", "192.168.1.20"),
        ("127.0.0.1", "", UNKNOWN),
        ("127.0.0.1", "nonsense", UNKNOWN),
        ("127.0.0.1", "8.8.8.8, nonsense", UNKNOWN),
        ("172.18.0.3", "8.8.8.8, 10.0.0.7", "8.8.8.8"),
        ("nonsense", "8.8.8.8", UNKNOWN),
        (None, "", UNKNOWN),
        (None, "8.8.8.8", "8.8.8.8"),
    ],
)
def test_only_a_front_server_in_the_house_is_believed(
    remote: str | None, forwarded: str, network: str
) -> None:
    assert network_of(remote, forwarded) == network


def test_a_front_server_elsewhere_is_believed_when_it_is_named() -> None:
    proxies = (*PRIVATE_NETWORKS, ip_network("203.0.113.0/24"))
    assert network_of("203.0.113.5", "8.8.8.8") == "203.0.113.5"
    assert network_of("203.0.113.5", "8.8.8.8", proxies) == "8.8.8.8"
    assert network_of("127.0.0.1", "1.1.1.1, 8.8.8.8, 203.0.113.5", proxies) == "8.8.8.8"
    assert network_of("172.18.0.3", "8.8.8.8", ()) == "172.18.0.3"


def test_several_headers_are_one_list() -> None:
    request = make_mocked_request(
        "GET", "/", headers=[("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "8.8.8.8")]
    )  # type: ignore[arg-type]
    assert ClientAddresses().network_asking(request.clone(remote="127.0.0.1")) == "8.8.8.8"
