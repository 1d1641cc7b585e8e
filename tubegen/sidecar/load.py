"""Settings of the sidecar from where people write them: `tubegen.toml`, then `TUBEGEN_*`, then flags."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from tubegen.config import FILE, FederationConfig, load_config
from tubegen.errors import InputError, Problem, Problems
from tubegen.origin import origin_of
from tubegen.sidecar.settings import Role, Settings

ROLES: tuple[Role, ...] = ("web", "worker", "tracker")

_MEGA = 1_000_000

_DATABASES = ("sqlite:///", "postgresql://")


class Given(msgspec.Struct, frozen=True):
    """A setting as text, and the name by which the person knows it."""

    name: str
    text: str

    def wrong(self, hint: str) -> InputError:
        return InputError(Problem(self.name, 0, f"cannot be '{self.text}'", hint))


def load_settings(site: Path, *, flags: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """The settings for the folder `site`. It need not hold a `tubegen.toml`: a sidecar may run far from the
    site, and know it by the address of its catalogue.

    `flags` has texts by field of Settings; they and the variables name files from the working directory,
    `tubegen.toml` from the site. Raises InputError: something cannot be understood, the site has no handle,
    or nothing says where it lives.
    """
    found: dict[str, Any] = {}
    for field, (flag, read) in _READERS.items():
        if field in flags:
            found[field] = read(Given(flag, flags[field]))
        elif text := environment.get(f"TUBEGEN_{field.upper()}"):
            found[field] = read(Given(f"TUBEGEN_{field.upper()}", text))
    federation = _federation(site)
    if "base_url" not in found and not federation.base_url:
        raise InputError(
            Problem(str(site), 0, f"there is no {FILE} that says where the site lives", "give --base-url too")
        )
    site = site.absolute()
    output: Path = found.get("serve") or site / "public"
    written: dict[str, Any] = {
        "base_url": federation.base_url,
        "catalogue": str(output / "federation"),
        "database": _placed(federation.database, site),
        "keys": site / federation.keys,
        "listen": federation.listen,
        "private_networks": federation.allow_private_networks,
        "media_bandwidth": federation.media_bandwidth * _MEGA,
        "discoverable": federation.discoverable,
    }
    return Settings(**{**written, **found})


def _federation(site: Path) -> FederationConfig:
    """What `tubegen.toml` says, if there is one. Raises InputError when it is wrong or names no handle."""
    if not (site / FILE).exists():
        return FederationConfig()
    problems = Problems(site)
    config = load_config(site, problems)
    problems.raise_if_any()
    if not config.federation.handle:
        raise InputError(
            Problem(
                str(site / FILE),
                0,
                "the site has no handle by which people could follow it",
                'write one: [federation] handle = "films"',
            )
        )
    return config.federation


def _placed(database: str, folder: Path) -> str:
    """A database file relative to `folder` by its whole path."""
    scheme, slashes, file = database.partition("sqlite:///")
    return f"{scheme}{slashes}{folder / file}" if slashes else database


def _base_url(given: Given) -> str:
    hint = "write scheme and host alone: https://films.example"
    text = given.text.removesuffix("/")
    try:
        scheme, host = origin_of(text)
    except ValueError:
        raise given.wrong(hint) from None
    if urlsplit(text).path or urlsplit(text).query or urlsplit(text).fragment:
        raise given.wrong(hint)
    return f"{scheme}://{host}"


def _catalogue(given: Given) -> str:
    if given.text.startswith("https://"):
        return given.text.removesuffix("/index.json").removesuffix("/")
    if "://" in given.text:
        raise given.wrong("name a folder, or an address that begins with https://")
    return str(Path(given.text).absolute())


def _database(given: Given) -> str:
    if not given.text.startswith(_DATABASES):
        # the address may hold a password: it is not repeated
        raise InputError(
            Problem(
                given.name,
                0,
                "this is no known database",
                "write sqlite:///FILE or postgresql://USER@HOST/NAME",
            )
        )
    return _placed(given.text, Path.cwd())


def _listen(given: Given) -> tuple[str, int]:
    host, _, port = given.text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (host and port.isascii() and port.isdecimal() and int(port) < 65536):
        raise given.wrong("write HOST:PORT, as in 127.0.0.1:8080")
    return host, int(port)


def _folder(given: Given) -> Path:
    return Path(given.text).absolute()


def _site_folder(given: Given) -> Path:
    if not Path(given.text).is_dir():
        raise given.wrong("name the folder that tubegen build wrote, usually SITE/public")
    return Path(given.text).absolute()


def _roles(given: Given) -> frozenset[Role]:
    names = {name.strip() for name in given.text.split(",")}
    if not names <= set(ROLES):
        raise given.wrong(f"choose from {', '.join(ROLES)}, separated by commas")
    return frozenset(cast("set[Role]", names))


def _networks(given: Given) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in given.text.split(",") if part.strip())
    except ValueError:
        raise given.wrong("write networks as 10.0.0.0/8, separated by commas") from None


def _number(given: Given) -> int:
    if not (given.text.isascii() and given.text.isdecimal()):
        raise given.wrong("write a whole number")
    return int(given.text)


def _megabits(given: Given) -> int:
    return _number(given) * _MEGA


def _slots(given: Given) -> int:
    if not 1 <= (number := _number(given)) <= 1024:
        raise given.wrong("write a number from 1 to 1024")
    return number


def _switch(given: Given) -> bool:
    if given.text.lower() not in ("true", "false"):
        raise given.wrong("write true or false")
    return given.text.lower() == "true"


_READERS: dict[str, tuple[str, Callable[[Given], Any]]] = {
    "base_url": ("--base-url", _base_url),
    "catalogue": ("--catalogue", _catalogue),
    "database": ("--db", _database),
    "keys": ("--keys", _folder),
    "listen": ("--listen", _listen),
    "serve": ("--serve", _site_folder),
    "roles": ("--role", _roles),
    "private_networks": ("--private-networks", _networks),
    "trusted_proxies": ("--trusted-proxies", _networks),
    "slots": ("--slots", _slots),
    "media_bandwidth": ("--media-bandwidth", _megabits),
    "discoverable": ("--discoverable", _switch),
}
"""By field of Settings: the flag's name, and what makes a value of the text."""
