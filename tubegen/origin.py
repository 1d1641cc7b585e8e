"""Whether two addresses belong to the same server: the one place where hosts are compared.

Everything a server may say about its own people hangs on this answer, so names are brought to one form
first: IDNA (UTS 46), lower case, no dot at the end, no default port. What cannot be read has no origin and
is the same as nothing (interop X-6).
"""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import urlsplit

import idna

_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
"""Characters that some readers of addresses skip or mend and others do not."""
_PLAIN = re.compile(r"(https?)://([0-9A-Za-z._:-]+)(?:[/?#][!-\[\]-~]*)?")
"""An address that every reader takes for the same. Nearly all are such, and there is no need to look closer."""
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PORT = re.compile(r"[0-9]{1,5}")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def same_origin(a: str, b: str) -> bool:
    """Whether two http(s) addresses share scheme, host and port; False when either is no such address."""
    try:
        return origin_of(a) == origin_of(b)
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host of an http(s) address in its one form, with its port unless that is the scheme's own.

    Raises ValueError when `url` is no absolute http(s) address, names a user, or holds spaces or backslashes.
    """
    return origin_of(url)[1]


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host (as `host_of`) of an address. Raises ValueError as `host_of` does."""
    if plain := _PLAIN.fullmatch(url):
        return plain[1], normal_host(plain[2], plain[1])
    if _UNFIT.search(url):
        raise ValueError("the address holds a space, a control character or a backslash")
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("the address does not begin with https:// or http://")
    return parts.scheme, normal_host(parts.netloc, parts.scheme)


@lru_cache(maxsize=4096)
def normal_host(authority: str, scheme: str = "https") -> str:
    """`Films.Example.:443` → `films.example`: a host, perhaps with its port, as a Host header has it.

    Raises ValueError when it is neither a name nor an address.
    """
    name, bracket, rest = authority.partition("]")
    if bracket:
        host, (_, _, port) = _literal(name), rest.partition(":")
        if rest and not rest.startswith(":"):
            raise ValueError("something stands behind the bracket of an IPv6 address")
    else:
        name, _, port = authority.partition(":")
        host = _name(name)
    if not port:
        return host
    if not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
        raise ValueError("the port is no number from 1 to 65535")
    port = str(int(port))
    return host if port == _DEFAULT_PORTS.get(scheme) else f"{host}:{port}"


def ascii_name(name: str) -> str:
    """A domain name as the DNS has it: `straße.example` → `xn--strae-oqa.example` (UTS #46, non-transitional).

    A name in ASCII is returned as it is. Raises ValueError when there is no such name.
    """
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError("the host is no valid international name") from error


def _name(name: str) -> str:
    """A domain name or an IPv4 address in its one form."""
    name = ascii_name(name).lower().removesuffix(".")
    if not _NAME.fullmatch(name):
        raise ValueError("the host is neither a name nor an address")
    return name


def _literal(opened: str) -> str:
    """`[0:0::1` → `[::1]`."""
    if not opened.startswith("["):
        raise ValueError("a bracket closes that was never opened")
    address = IPv6Address(opened[1:])
    if address.scope_id is not None:  # each machine has zones of its own, by names of its own
        raise ValueError("an address with a zone is one machine's own")
    return f"[{address.compressed}]"
