"""How this sidecar runs: `tubegen.toml`, then `TUBEGEN_*` variables, then flags, each over the one before."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

import msgspec

Clock = Callable[[], float]
"""Seconds since 1970. The application factory takes one, so that recorded requests can be tried at their time."""

Role = Literal["web", "worker", "tracker"]

PRIVATE_NETWORKS = tuple(
    ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""This machine and the networks that are not public: where front servers, also in containers, ask from."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    base_url: str
    """Identity host: `https://films.example`, without a slash at the end."""
    catalogue: str
    """Folder or https address that holds `index.json` of the federation catalogue."""
    database: str
    """`sqlite:///FILE` or `postgresql://…`."""
    keys: Path
    """Folder of the actors' private keys, 0700; its files are 0600."""
    listen: tuple[str, int] = ("127.0.0.1", 8080)
    serve: Path | None = None
    """The static site, to be served from the same origin."""
    roles: frozenset[Role] = frozenset({"web", "worker", "tracker"})
    private_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that are not public, yet may be talked to: a test bench, servers in the same building."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = PRIVATE_NETWORKS
    """Networks whose machines are believed when X-Forwarded-For says for whom they ask: front servers."""
    slots: int = 64
    """Deliveries under way at a time."""
    media_bandwidth: int = 0
    """Bits per second that the media host can give when every follower's server fetches the attached MP4 at
    once; deliveries that carry one are paced by it. 0: as fast as they go."""
    discoverable: bool = True
    """Whether other servers may suggest the site's actors and index their posts."""
