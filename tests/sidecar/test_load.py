"""Settings from tubegen.toml, variables and flags."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from tubegen.errors import InputError
from tubegen.sidecar.load import load_settings

TOML = '[site]\ntitle = "F"\nurl = "https://films.example/sea/"\n[federation]\nhandle = "films"\n'


def site(folder: Path, text: str = TOML) -> Path:
    (folder / "tubegen.toml").write_text(text)
    return folder


def test_what_a_plain_site_gets(tmp_path: Path) -> None:
    """D-30: the site's own host is that of its people."""
    found = load_settings(site(tmp_path), flags={}, environment={})
    assert found.base_url == "https://films.example"
    assert found.catalogue == str(tmp_path / "public/federation")
    assert found.database == f"sqlite:///{tmp_path}/federation/sidecar.sqlite"
    assert found.keys == tmp_path / "federation/keys"
    assert found.roles == {"web", "worker", "tracker"}


def test_flags_over_variables_over_the_file(tmp_path: Path) -> None:
    written = site(tmp_path, f'{TOML}listen = "127.0.0.1:1001"\nmedia_bandwidth = 3\n')
    assert load_settings(written, flags={}, environment={}).listen == ("127.0.0.1", 1001)
    assert load_settings(written, flags={}, environment={}).media_bandwidth == 3_000_000
    environment = {"TUBEGEN_LISTEN": "[::1]:1002", "TUBEGEN_MEDIA_BANDWIDTH": "4"}
    assert load_settings(written, flags={}, environment=environment).listen == ("::1", 1002)
    assert load_settings(written, flags={}, environment=environment).media_bandwidth == 4_000_000
    flags = {"listen": "0.0.0.0:1003"}
    assert load_settings(written, flags=flags, environment=environment).listen == ("0.0.0.0", 1003)


def test_far_from_the_site(tmp_path: Path) -> None:
    environment = {
        "TUBEGEN_BASE_URL": "https://Films.Example/",
        "TUBEGEN_CATALOGUE": "https://cdn.example/federation/index.json",
        "TUBEGEN_DATABASE": "postgresql://sidecar@db/films",
        "TUBEGEN_ROLES": "web, worker",
        "TUBEGEN_PRIVATE_NETWORKS": "10.0.0.0/8,::1/128",
        "TUBEGEN_DISCOVERABLE": "false",
        "TUBEGEN_SLOTS": "8",
    }
    found = load_settings(tmp_path, flags={}, environment=environment)
    assert found.base_url == "https://films.example"
    assert found.catalogue == "https://cdn.example/federation"
    assert found.database == "postgresql://sidecar@db/films"
    assert found.roles == {"web", "worker"}
    assert found.private_networks == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert (found.discoverable, found.slots) == (False, 8)


def test_the_catalogue_of_what_is_served(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    found = load_settings(site(tmp_path), flags={"serve": str(tmp_path / "out")}, environment={})
    assert found.catalogue == str(tmp_path / "out/federation")


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"listen": "8080"}, "--listen: cannot be '8080'; write HOST:PORT"),
        ({"listen": "x:99999"}, "--listen: cannot be 'x:99999'"),
        ({"base_url": "films.example"}, "--base-url: cannot be"),
        ({"base_url": "https://films.example/sea"}, "write scheme and host alone"),
        ({"base_url": "https://me@films.example"}, "--base-url: cannot be"),
        ({"catalogue": "ftp://x/"}, "--catalogue: cannot be"),
        ({"roles": "web,cook"}, "choose from web, worker, tracker"),
        ({"roles": ""}, "choose from web, worker, tracker"),
        ({"slots": "0"}, "from 1 to 1024"),
        ({"private_networks": "10.0.0.1/8"}, "write networks as"),
        ({"discoverable": "yes"}, "write true or false"),
        ({"serve": "/nowhere"}, "--serve: cannot be '/nowhere'"),
        ({"media_bandwidth": "-1"}, "whole number"),
    ],
)
def test_what_cannot_be_understood(tmp_path: Path, flags: dict[str, str], told: str) -> None:
    with pytest.raises(InputError) as found:
        load_settings(site(tmp_path), flags=flags, environment={})
    assert told in str(found.value)
    assert "\n" not in str(found.value)


def test_a_database_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no known database") as found:
        load_settings(site(tmp_path), flags={"database": "mysql://me:hush@db/x"}, environment={})
    assert "hush" not in str(found.value)


def test_a_site_without_a_handle(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no handle by which people could follow it"):
        load_settings(site(tmp_path, TOML.replace('handle = "films"', "")), flags={}, environment={})


def test_no_site_and_no_address(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no tubegen\.toml .*; give --base-url too"):
        load_settings(tmp_path, flags={}, environment={})
