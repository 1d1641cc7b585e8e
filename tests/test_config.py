"""tubegen.toml: what it gives when all is well, and that nothing in it is a traceback."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tubegen.config import Config, FederationConfig, SiteConfig, absolute, load_config
from tubegen.errors import InputError, Problems

LEAST = '[site]\ntitle = "A"\nurl = "https://a.example"\n'


def read(folder: Path, text: str) -> tuple[Config, list[str]]:
    (folder / "tubegen.toml").write_text(text, "utf-8")
    problems = Problems(folder)
    config = load_config(folder, problems)
    return config, [str(problem) for problem in sorted(problems.found)]


def test_the_least_that_a_site_must_say(tmp_path: Path) -> None:
    config, lines = read(tmp_path, LEAST)
    assert not lines
    assert config.site == SiteConfig(title="A", url="https://a.example/")
    assert config.media.renditions == (1080, 720, 480, 240)
    assert config.defaults.p2p == "ask"
    assert config.federation == FederationConfig(base_url="https://a.example")


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://A.example/films/", "https://a.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://füchse.example/", "https://xn--fchse-kva.example"),
        ("https://straße.example/", "https://xn--strae-oqa.example"),
        ("https://[2001:db8::1]:8443/films/", "https://[2001:db8::1]:8443"),
    ],
)
def test_people_are_followed_at_the_host_of_the_site(tmp_path: Path, url: str, base: str) -> None:
    config, lines = read(tmp_path, f'[site]\ntitle = "A"\nurl = "{url}"\n')
    assert (config.federation.base_url, lines) == (base, [])


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "https://a.example/films"',
        'base_url = "https://a.example?films"',
        'base_url = "https://ada@a.example"',
        'base_url = "https://a.example:99999"',
        'base_url = "a.example"',
        'listen = "127.0.0.1"',
        'listen = "127.0.0.1:0"',
        'listen = ":8080"',
        "listen = 8080",
        'database = "films.sqlite"',
        'database = "sqlite://"',
        'allow_private_networks = ["10.0.0.1/8"]',
        'media_bandwidth = "100 Mbit/s"',
        "attach_max = 96",
        "discoverable = 1",
        "hande = 1",
        'handle = "___"',
    ],
)
def test_a_mistake_about_followers_is_one_line(tmp_path: Path, line: str) -> None:
    config, lines = read(tmp_path, f"{LEAST}[federation]\n{line}")
    assert len(lines) == 1, lines
    assert lines[0].startswith("tubegen.toml:5: ")
    assert config.federation.base_url == "https://a.example"


def test_everything_is_read(tmp_path: Path) -> None:
    config, lines = read(
        tmp_path,
        """\
[site]
title = "A"
url = "https://a.example/films"
language = "pt-BR"
description = "Films"
clean_urls = false
per_page = 6
[media]
renditions = [240, 720]
quality = "archive"
download = 480
segments = "single"
cache = "/srv/cache"
[p2p]
mode = true
stun = ["stun.example:3478", "stuns:[::1]"]
mirrors = ["https://mirror.example/films", "http://other.example/"]
[federation]
handle = "Films"
base_url = "https://People.Example:443/"
listen = "[::1]:9000"
database = "postgresql://films@/films"
keys = "/srv/keys"
allow_private_networks = ["10.0.0.0/8", "fd00::/8"]
media_bandwidth = 100
attach_max = 40
discoverable = false
[theme]
name = "mine"
parameters = {accent = "red", columns = 3, dark = true}
[defaults]
licence = "cc-by-4.0"
category = "Films"
tags = ["sea"]
credits = ["Ada", {name = "Bo", role = "Sound", url = "https://bo.example"}]
sensitive = true
warning = "Storms"
download = false
""",
    )
    assert not lines
    assert config.site.url == "https://a.example/films/"
    assert config.media.renditions == (720, 240)
    assert config.media.segments == "single"
    assert (config.p2p.mode, config.defaults.p2p) == ("on", "on")
    assert config.p2p.tracker == "wss://people.example/tracker/socket"
    assert config.p2p.stun == ("stun:stun.example:3478", "stuns:[::1]")
    assert config.p2p.mirrors == ("https://mirror.example/films/", "http://other.example/")
    assert config.federation == FederationConfig(
        handle="films",
        base_url="https://people.example",
        listen=("::1", 9000),
        database="postgresql://films@/films",
        keys="/srv/keys",
        allow_private_networks=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
        media_bandwidth=100,
        attach_max=40,
        discoverable=False,
    )
    assert config.theme.parameters == {"accent": "red", "columns": 3, "dark": True}
    assert config.defaults.language == "pt-BR"
    assert config.defaults.licence
    assert config.defaults.licence.spdx == "CC-BY-4.0"
    assert [who.name for who in config.defaults.credits] == ["Ada", "Bo"]
    assert config.defaults.warning == "Storms"
    assert config.defaults.download is False


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[site]", 1),
        ('[p2p]\nmode = "sometimes"', 5),
        ('[p2p]\ntracker = "https://tracker.example/"', 5),
        ('[p2p]\nstun = "stun:a b"', 5),
        ('[p2p]\nmirrors = ["mirror.example"]', 5),
        ('[federation]\nhandle = "my films"', 5),
        ("[media]\nrenditions = [90]", 5),
        ('[media]\nquality = "best"', 5),
        ('[media]\nsegments = "parts"', 5),
        ('[media]\nencoder = "h264_nvenc"', 5),
        ("[site.more]\na = 1", 4),
        ("[theme]\nparameters = 3", 5),
        ("[theme]\nparameters = {a = [1]}", 5),
        ("[defaults]\ntitle = 'x'", 5),
        ("[[defaults]]\nlicence = 'MIT'", 4),
        ("[defaults]\ncredits = [{role = 'Sound'}]", 5),
        ("[defaults]\ncredits = 'Ada'", 5),
        ("[defaults]\nlicence = 'CC'", 5),
        ("[other]", 4),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, line: int) -> None:
    if text == "[site]":
        _, lines = read(tmp_path, text)
        assert [one.partition(";")[0] for one in lines] == [
            "tubegen.toml:1: 'title' is missing",
            "tubegen.toml:1: 'url' is missing",
        ]
        return
    _, lines = read(tmp_path, LEAST + text)
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"tubegen.toml:{line}: "), lines


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'[site]\ntitle = "caf\xe9"\n', "tubegen.toml:2: this is not UTF-8 text; save the file as UTF-8"),
        (b"[site]\ntitle = A\n", 'tubegen.toml:2: this is not TOML: invalid value; write key = "value"'),
        (
            b'[site]\na = "\n',
            "tubegen.toml:2: this is not TOML: illegal character '\\n'; write key = \"value\"",
        ),
    ],
)
def test_what_cannot_be_read_at_all_is_an_input_error(tmp_path: Path, data: bytes, line: str) -> None:
    (tmp_path / "tubegen.toml").write_bytes(data)
    with pytest.raises(InputError) as caught:
        load_config(tmp_path, Problems(tmp_path))
    assert str(caught.value) == line


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no tubegen\.toml here; .*tubegen init"):
        load_config(tmp_path, Problems(tmp_path))


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    config, lines = read(tmp_path, "\ufeff" + LEAST.replace("\n", "\r\n"))
    assert (config.site.title, lines) == ("A", [])


@given(
    st.dictionaries(
        st.sampled_from(["site", "media", "p2p", "federation", "theme", "defaults", "else"]),
        st.one_of(
            st.just('"x"'),
            st.just("[1]"),
            st.dictionaries(
                st.sampled_from(
                    [
                        "title",
                        "url",
                        "parameters",
                        "name",
                        "renditions",
                        "licence",
                        "tags",
                        "credits",
                        "p2p",
                        "mode",
                        "handle",
                        "base_url",
                        "listen",
                        "database",
                        "allow_private_networks",
                        "warning",
                        "category",
                        "language",
                        "per_page",
                        "sensitive",
                    ]
                ),
                st.sampled_from(
                    ['"x"', "3", "true", "[1]", '["a"]', "{a = 1}", "[{a = 1}]", "2026-01-01", "1.5"]
                ),
                max_size=4,
            ).map(lambda keys: "{" + ", ".join(f"{key} = {value}" for key, value in keys.items()) + "}"),
        ),
        max_size=4,
    )
)
def test_no_settings_are_a_crash(tmp_path_factory: pytest.TempPathFactory, sections: dict[str, str]) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-config"
    folder.mkdir(exist_ok=True)
    _, lines = read(folder, "\n".join(f"{name} = {value}" for name, value in sections.items()))
    assert all(line.startswith("tubegen.toml:") for line in lines)


@pytest.mark.parametrize(
    ("value", "mode"), [("true", "on"), ("false", "off"), ('"ask"', "ask"), ('"off"', "off")]
)
def test_sharing_may_be_told_as_a_switch(tmp_path: Path, value: str, mode: str) -> None:
    config, lines = read(tmp_path, f"{LEAST}[p2p]\nmode = {value}")
    assert (config.p2p.mode, config.defaults.p2p, lines) == (mode, mode, [])


def test_addresses() -> None:
    site = SiteConfig(title="A", url="https://a.example/films/")
    assert absolute(site, "watch/b/") == "https://a.example/films/watch/b/"
    assert absolute(site, "https://b.example/") == "https://b.example/"
