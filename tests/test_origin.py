"""Hosts are compared in one form (interop X-6)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tubegen.origin import host_of, normal_host, same_origin


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://good.example/users/alice", "good.example"),
        ("https://good.example", "good.example"),
        ("https://GOOD.Example/", "good.example"),
        ("HTTPS://good.example/", "good.example"),
        ("https://good.example./", "good.example"),
        ("https://good.example:443/", "good.example"),
        ("https://good.example:0443/", "good.example"),
        ("https://good.example:/", "good.example"),
        ("http://good.example:80/", "good.example"),
        ("https://good.example:80/", "good.example:80"),
        ("http://good.example:443/", "good.example:443"),
        ("https://good.example?x", "good.example"),
        ("https://good.example#x", "good.example"),
        ("https://Bücher.example/", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("https://straße.example/", "xn--strae-oqa.example"),
        ("https://bu\u0308cher.example/", "xn--bcher-kva.example"),
        ("https://good。example/", "good.example"),
        ("https://ｇｏｏｄ.example/", "good.example"),
        ("https://127.0.0.1:9001/", "127.0.0.1:9001"),
        ("https://[::1]/", "[::1]"),
        ("https://[0:0:0:0:0:0:0:1]:8443/", "[::1]:8443"),
        ("https://my_host.example/", "my_host.example"),
    ],
)
def test_one_form(url: str, host: str) -> None:
    """X-6: IDNA, lower case, no dot at the end, no default port."""
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "good.example",
        "//good.example/",
        "https:good.example",
        "https:///",
        "https://",
        "acct:alice@good.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://user@good.example/",
        "https://good.example@evil.example/",
        "https://good.example\\@evil.example/",
        "https://good.example\t.evil.example/",
        "https://good.example\n/",
        " https://good.example/",
        "https://good.example /",
        "https://good%2eexample/",
        "https://good..example/",
        "https://.good.example/",
        "https://./",
        "https://good.example:x/",
        "https://good.example:65536/",
        "https://good.example:0/",
        "https://[fe80::1%25eth0]/",
        "https://[2a00::1%eth0]/",
        "https://good.example:٤٤٣/",
        "https://good.example:443:443/",
        "https://[::1/",
        "https://::1]/",
        "https://[::1]x/",
        "https://[good.example]/",
        "https://a\u2025b.example/",
        "https://" + "ü" * 300 + ".example/",
    ],
)
def test_no_form(url: str) -> None:
    """X-6, X-15: what readers of addresses could take for different hosts has none."""
    with pytest.raises(ValueError):
        host_of(url)
    assert not same_origin(url, url)


def test_same_origin() -> None:
    assert same_origin("https://good.example/a", "https://GOOD.example.:443/b?c#d")
    assert not same_origin("https://good.example/", "http://good.example/")
    assert not same_origin("https://good.example/", "https://good.example:8443/")
    assert not same_origin("https://good.example/", "https://www.good.example/")
    assert not same_origin("https://good.example/", "https://good.example.evil.example/")
    assert not same_origin("https://good.example/", "https://g\u043e\u043ed.example/")


def test_a_host_header() -> None:
    assert normal_host("Films.Example:443") == "films.example"
    assert normal_host("films.example:80", "http") == "films.example"
    for unfit in ("films.example, films.example", "a@films.example", "a:b@films.example", "x::1]", "a@[::1]"):
        with pytest.raises(ValueError):
            normal_host(unfit)


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(":/.[]@%0aü").map(lambda rest: "https://" + rest)))
def test_nothing_but_value_error_comes_out(url: str) -> None:
    try:
        host = host_of(url)
    except ValueError:
        return
    assert host_of(f"https://{host}/") in (host, host.removesuffix(":443"))
