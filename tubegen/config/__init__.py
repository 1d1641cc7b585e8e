"""`tubegen.toml`: what a site says about itself as a whole.

Every field has its meaning below it. Unknown keys are mistakes, told with the nearest spelling.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, cast
from urllib.parse import SplitResult, urlsplit

import msgspec

from tubegen.config.deploy import TargetConfig as TargetConfig
from tubegen.config.deploy import read_targets
from tubegen.config.media import Layout as Layout
from tubegen.config.media import MediaConfig as MediaConfig
from tubegen.config.media import read_media
from tubegen.contract import CATEGORIES, LICENCES, Licence
from tubegen.documents import read_text, read_toml
from tubegen.errors import InputError, Problem, Problems
from tubegen.origin import ascii_name
from tubegen.schema import Table, is_address

FILE = "tubegen.toml"

P2PMode = Literal["on", "ask", "off"]


class SiteConfig(msgspec.Struct, frozen=True, kw_only=True):
    """[site]"""

    title: str
    """Name of the site."""
    url: str
    """Where the site will live, ending in a slash; it may have a path."""
    language: str = "en"
    """BCP 47 tag of the site's own texts, and of videos that say nothing else."""
    description: str = ""
    """One sentence for search engines, previews and the feed."""
    clean_urls: bool = True
    """Links end in a folder (`watch/tide/`). With false they name `index.html`, as a USB stick needs it."""
    per_page: int = 24
    """Videos on a page of a list."""


class P2PConfig(msgspec.Struct, frozen=True, kw_only=True):
    """[p2p]"""

    mode: P2PMode = "ask"
    """Whether viewers share what they watch: on (until they say no), ask (once they say yes) or off. Told to the
    player and to other servers."""
    tracker: str = ""
    """Where the viewers of a video meet, `wss://…`. What is not written is the sidecar's own when the site
    federates; without one, nobody shares."""
    stun: tuple[str, ...] = ()
    """Servers that tell viewers their own address, `stun:stun.example:3478`, so that those behind routers find each
    other. They learn who watches: none is asked unless it is written here."""
    mirrors: tuple[str, ...] = ()
    """Addresses at which the whole site lies once more, each ending in a slash. The player turns to them when the
    site's own host fails; what they give is checked, so anybody may run one."""


class FederationConfig(msgspec.Struct, frozen=True, kw_only=True):
    """[federation]"""

    handle: str = ""
    """User name of the site's publisher, as in @films@example.org. Empty: the site does not federate."""
    base_url: str = ""
    """Scheme and host that follow the site's people for ever, `https://films.example`, without a slash at the
    end. What is not written is read from [site] url."""
    listen: tuple[str, int] = ("127.0.0.1", 8080)
    """Address and port at which the sidecar answers."""
    database: str = "sqlite:///federation/sidecar.sqlite"
    """`sqlite:///FILE`, relative to the site's folder, or `postgresql://…`."""
    keys: str = "federation/keys"
    """Where the private keys of the site's actors are: a folder in the site or any absolute path."""
    allow_private_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that are not public, yet may be talked to: a test bench, servers in the same building."""
    media_bandwidth: int = 0
    """Megabits per second that the media host can give when the servers of all followers fetch a new film at
    once: posts are paced by it. 0: as fast as they go."""
    attach_max: int = 25
    """Megabytes (10⁶ bytes) of the largest MP4 to attach to a post; 0 attaches none."""
    discoverable: bool = True
    """Whether other servers may suggest the site's people and index their posts."""


class ThemeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """[theme]"""

    name: str = "default"
    """A theme that comes with tubegen or a folder `themes/<name>` in the site."""
    parameters: Mapping[str, str | int | float | bool] = {}
    """Values for the theme's own settings."""


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who made the film."""

    name: str
    role: str = ""
    url: str = ""


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What a video takes from its channel, and a channel from the site, when it says nothing itself."""

    language: str = "en"
    licence: Licence | None = None
    category: str = ""
    tags: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    sensitive: bool = False
    warning: str = ""
    p2p: P2PMode = "ask"
    download: bool = True


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of `tubegen.toml`."""

    site: SiteConfig
    media: MediaConfig = MediaConfig()
    p2p: P2PConfig = P2PConfig()
    federation: FederationConfig = FederationConfig()
    theme: ThemeConfig = ThemeConfig()
    defaults: Defaults = Defaults()
    deploy: tuple[TargetConfig, ...] = ()


def load_config(folder: Path, problems: Problems) -> Config:
    """Read `folder/tubegen.toml`. Mistakes go to `problems`, which gets defaults in their place.

    Raises InputError when there is nothing to go on with: no file, or no TOML in it.
    """
    path = folder / FILE
    if not path.exists():
        raise InputError(
            Problem(
                str(folder),
                0,
                f"there is no {FILE} here",
                "name the folder of a site, or make one with: tubegen init FOLDER",
            )
        )
    text = read_text(path, problems)
    table = read_toml(text, path, problems) if text is not None else None
    if table is None:
        raise InputError(*problems.found)

    site = _site(table.table("site"))
    federation = _federation(table.table("federation"), site)
    p2p = _p2p(table.table("p2p"), federation)
    config = Config(
        site=site,
        media=read_media(table.table("media")),
        p2p=p2p,
        federation=federation,
        theme=_theme(table.table("theme")),
        defaults=read_defaults(table.table("defaults"), Defaults(language=site.language, p2p=p2p.mode)),
        deploy=read_targets(table.table("deploy")),
    )
    table.done()
    return config


def read_defaults(table: Table, above: Defaults) -> Defaults:
    """The options a folder hands down, over those it was handed itself; reports unknown keys."""
    own = read_shared(table, above)
    table.done()
    return own


def read_shared(table: Table, above: Defaults) -> Defaults:
    """The keys that a video, a channel and the site have in common, over what is handed down."""
    return Defaults(
        language=table.language("language", above.language),
        licence=_licence(table, above.licence),
        category=table.choice("category", above.category, CATEGORIES, what="a category"),
        tags=tuple(dict.fromkeys((*above.tags, *table.texts("tags")))),
        credits=_credits(table) or above.credits,
        sensitive=table.flag("sensitive", above.sensitive),
        warning=table.text("warning", above.warning),
        p2p=cast("P2PMode", _p2p_mode(table, "p2p", above.p2p)),
        download=table.flag("download", above.download),
    )


def _site(table: Table) -> SiteConfig:
    url = table.address("url", required=True)
    site = SiteConfig(
        title=table.text("title", required=True),
        url=url if url.endswith("/") else url + "/",
        language=table.language("language", "en"),
        description=table.text("description"),
        clean_urls=table.flag("clean_urls", True),
        per_page=table.whole("per_page", 24, least=4, most=500),
    )
    table.done()
    return site


def _p2p(table: Table, federation: FederationConfig) -> P2PConfig:
    own = re.sub("^http", "ws", federation.base_url) + "/tracker/socket" if federation.handle else ""
    p2p = P2PConfig(
        mode=cast("P2PMode", _p2p_mode(table, "mode", "ask")),
        tracker=_tracker(table) or own,
        stun=tuple(_stun(table)),
        mirrors=tuple(_mirrors(table)),
    )
    table.done()
    return p2p


def _tracker(table: Table) -> str:
    value = table.text("tracker")
    if not value or (re.match("wss?://", value) and is_address(value.replace("ws", "http", 1))):
        return value
    table.wrong("tracker", f"'{value}' is not the address of a tracker", 'write tracker = "wss://…"')
    return ""


def _stun(table: Table) -> list[str]:
    servers = [value if re.match("stuns?:", value) else f"stun:{value}" for value in table.texts("stun")]
    for value in servers:
        if not re.fullmatch(r"stuns?:(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]@]+)(:[0-9]{1,5})?", value):
            table.wrong(
                "stun", f"'{value}' is not a STUN server", 'write one such as "stun:stun.example:3478"'
            )
            return []
    return servers


def _mirrors(table: Table) -> list[str]:
    mirrors: list[str] = []
    for value in table.texts("mirrors"):
        if not is_address(value) or "?" in value or "#" in value:
            table.wrong("mirrors", f"'{value}' is not the address of a mirror", 'write "https://…/"')
        else:
            mirrors.append(value.rstrip("/") + "/")
    return mirrors


def _p2p_mode(table: Table, key: str, default: str) -> str:
    if isinstance(value := table.take(key), bool):
        return "on" if value else "off"
    return table.choice(key, default, ("on", "ask", "off"))


def _federation(table: Table, site: SiteConfig) -> FederationConfig:
    plain = FederationConfig()
    federation = FederationConfig(
        handle=read_user_name(table, "handle"),
        base_url=_base_url(table) or origin(urlsplit(site.url)),
        listen=_listen(table, plain.listen),
        database=_database(table, plain.database),
        keys=table.text("keys", plain.keys),
        allow_private_networks=tuple(_networks(table)),
        media_bandwidth=table.whole("media_bandwidth", plain.media_bandwidth, least=0, most=1_000_000),
        attach_max=table.whole("attach_max", plain.attach_max, least=0, most=95),
        discoverable=table.flag("discoverable", plain.discoverable),
    )
    table.done()
    return federation


INSTANCE = "instance"
"""The user name of the site as a server: its key and its address are called so, and nobody else's."""


def read_user_name(table: Table, key: str) -> str:
    """The name of an actor on other servers, in lower case; empty when there is none."""
    name = table.text(key)
    if name and not re.fullmatch(r"(?=_*[A-Za-z0-9])[A-Za-z0-9_]{1,30}", name):
        table.wrong(key, f"'{name}' cannot be a user name", "use up to 30 letters a-z, digits and _")
        return ""
    if name.lower() == INSTANCE:
        table.wrong(key, f"'{name}' is the user name of the site as a server", "choose another")
        return ""
    return name.lower()


def _base_url(table: Table) -> str:
    """Ids of actors and posts stand at the root of a host, and PeerTube takes them for names of it."""
    parts = urlsplit(table.address("base_url"))
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        table.wrong(
            "base_url",
            f"'{parts.geturl()}' is more than a host",
            f'write base_url = "{origin(parts)}"',
        )
    return origin(parts)


def origin(parts: SplitResult) -> str:
    """`https://Films.Example/sea/` → `https://films.example`; a host of other letters as the net writes it."""
    if not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = ascii_name(host)
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


def _listen(table: Table, default: tuple[str, int]) -> tuple[str, int]:
    value = table.text("listen")
    if not value:
        return default
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):([0-9]{1,5})", value)
    if match and 0 < int(match[2]) < 65536:
        return match[1].strip("[]"), int(match[2])
    table.wrong("listen", f"'{value}' is not an address and a port", 'write listen = "127.0.0.1:8080"')
    return default


def _database(table: Table, default: str) -> str:
    value = table.text("database", default)
    if re.match(r"sqlite:///[^?]|postgresql(\+psycopg)?://", value):
        return value
    table.wrong(
        "database", f"'{value}' is not a database tubegen knows", f'write "{default}" or "postgresql://…"'
    )
    return default


def _networks(table: Table) -> list[IPv4Network | IPv6Network]:
    networks: list[IPv4Network | IPv6Network] = []
    for text in table.texts("allow_private_networks"):
        try:
            networks.append(ip_network(text))
        except ValueError:
            table.wrong(
                "allow_private_networks", f"'{text}' is not a network", "write one such as 10.0.0.0/8"
            )
    return networks


def _theme(table: Table) -> ThemeConfig:
    name = table.text("name", "default")
    parameters = table.table("parameters")
    given = table.take("parameters")
    values = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    for key, value in values.items():
        if not isinstance(value, (str, int, float, bool)):
            parameters.wrong(
                key, f"'{key}' must be a text, a number, true or false", "take the list or table apart"
            )
    table.done()
    return ThemeConfig(
        name=name,
        parameters={k: v for k, v in sorted(values.items()) if isinstance(v, (str, int, float, bool))},
    )


def _licence(table: Table, default: Licence | None) -> Licence | None:
    spdx = table.text("licence")
    if not spdx:
        return default
    if spdx.startswith("LicenseRef-"):
        return Licence(spdx, spdx.removeprefix("LicenseRef-").replace("-", " "))
    by_case = {known.lower(): licence for known, licence in LICENCES.items()}
    if found := by_case.get(spdx.lower()):
        return found
    table.choice("licence", "", LICENCES, what="an SPDX licence tubegen knows (LicenseRef-… names any other)")
    return default


def _credits(table: Table) -> tuple[Credit, ...]:
    people: list[Credit] = []
    for item in table.tables("credits"):
        if isinstance(item, str):
            people.append(Credit(name=item.strip()))
            continue
        person = Credit(
            name=item.text("name", required=True), role=item.text("role"), url=item.address("url")
        )
        item.done()
        people.append(person)
    return tuple(people)


def absolute(site: SiteConfig, link: str) -> str:
    """The full address of a link that is relative to the root of the site."""
    return link if "://" in link and is_address(link) else site.url + link
