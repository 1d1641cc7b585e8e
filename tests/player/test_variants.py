"""Masters with several tracks of sound, and with the same picture in two codecs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.player.conftest import Player, Site, ffmpeg
from tests.player.test_looks import violations

SECONDS = 12
SOUNDS = (("en", "English", 330), ("fr", "Français", 440), ("en", "Audio description", 550))
CODECS = {"avc": "avc1.42c01e", "av1": "av01.0.01M.08"}


def make_variants(folder: Path) -> None:
    """Pictures of two sizes, the larger also in AV1; three tracks of sound, and a mention of others around."""
    folder.mkdir()
    cmaf = ["-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    picture = ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d={SECONDS}", "-pix_fmt", "yuv420p", "-g", "50"]
    x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-sc_threshold", "0"]
    svt = ["-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "keyint=50"]
    encodes = {
        "180p": [*picture, *x264],
        "180p-av1": [*picture, *svt],
        "90p": [*picture, "-vf", "scale=160:90", *x264],
        **{
            f"sound-{n}": ["-f", "lavfi", "-i", f"sine={tone}:d={SECONDS}", "-c:a", "aac"]
            for n, (_, _, tone) in enumerate(SOUNDS)
        },
    }
    for name, encode in encodes.items():
        files = ["-hls_fmp4_init_filename", f"{name}-init.mp4", "-hls_segment_filename", f"{name}-%d.m4s"]
        ffmpeg(*encode, *cmaf, *files, f"{name}.m3u8", cwd=folder)
    ffmpeg(*picture, *x264, "web.mp4", cwd=folder)
    variants = [
        ("90p", "avc", 200_000, "160x90"),
        ("180p-av1", "av1", 400_000, "320x180"),
        ("180p", "avc", 600_000, "320x180"),
    ]
    for master, codecs, groups in (
        ("master", ["avc"], ["sound"]),
        ("twins", ["avc", "av1"], ["sound", "surround"]),
    ):
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        for group in groups:
            lines += [
                f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{group}",NAME="{name}",LANGUAGE="{language}",'
                f'DEFAULT={"NO" if n else "YES"},AUTOSELECT=YES,CHANNELS="{6 if group == "surround" else 1}",'
                f'URI="{group}-{n}.m3u8"'
                for n, (language, name, _) in enumerate(SOUNDS)
            ]
        for group in groups:
            for name, codec, bits, size in variants:
                if codec in codecs:
                    lines += [
                        f"#EXT-X-STREAM-INF:BANDWIDTH={bits + 50_000 * groups.index(group)},"
                        f'CODECS="{CODECS[codec]},mp4a.40.2",RESOLUTION={size},FRAME-RATE=25.000,AUDIO="{group}"',
                        f"{name}.m3u8",
                    ]
        (folder / f"{master}.m3u8").write_text("\n".join([*lines, ""]), "utf-8")


@pytest.fixture(scope="session")
def variants(site: Site) -> Site:
    make_variants(site.root / "variants")
    return site


@pytest.fixture
def watch(variants: Site, open_player: Callable[..., Player]) -> Callable[..., Player]:
    def watch_(master: str = "master", *, language: str = "en", fragment: str = "") -> Player:
        data = {"hls": f"../../variants/{master}.m3u8", "duration": SECONDS, "id": f"{master}-{language}"}
        name = f"{master}-{language}"
        return open_player(variants.write(name, data=data, language=language), fragment=fragment)

    return watch_


def asked(site: Site, name: str) -> list[str]:
    """The segments of this rendition that were."""
    return [path for path in site.seen if re.search(rf"/{name}-\d+\.m4s$", path)]


def sound_items(player: Player):
    return player.page.locator(".sound-item media-chrome-menu-item")


def test_sounds_are_listed_by_name_and_another_is_fetched(
    variants: Site, watch: Callable[..., Player]
) -> None:
    variants.seen.clear()
    player = watch()
    player.start()
    assert asked(variants, "sound-0")
    assert not asked(variants, "sound-1")
    assert not asked(variants, "sound-2")
    player.open_settings("Sound")
    expect(sound_items(player)).to_have_text(["English", "Français", "Audio description"])
    expect(sound_items(player).nth(0)).to_have_attribute("aria-checked", "true")
    assert violations(player) == []
    with player.page.expect_response("**/sound-2-*.m4s"):
        sound_items(player).nth(2).click()
    assert player.page.evaluate("JSON.parse(localStorage['tubegen:preferences']).sound") == {
        "language": "en",
        "name": "Audio description",
    }
    expect(player.page.get_by_role("menuitem", name="Sound Audio description")).to_be_visible()
    assert not player.problems
    variants.seen.clear()
    again = watch()
    again.start()
    assert asked(variants, "sound-2")
    assert not asked(variants, "sound-0")


def test_another_sound_by_keyboard(watch: Callable[..., Player]) -> None:
    player = watch()
    player.start()
    player.page.locator("media-settings-menu-button").focus()
    player.press("Enter")
    player.page.locator(".sound-item").focus()
    player.press("Enter")
    expect(sound_items(player).nth(0)).to_be_focused()
    player.press("ArrowDown")
    expect(sound_items(player).nth(1)).to_be_focused()
    with player.page.expect_response("**/sound-1-*.m4s"):
        player.press("Enter")


def test_the_page_s_language_speaks_first(variants: Site, watch: Callable[..., Player]) -> None:
    variants.seen.clear()
    player = watch(language="fr-CA")
    player.start()
    assert asked(variants, "sound-1")
    assert not asked(variants, "sound-0")


def test_an_embed_s_owner_may_choose_the_sound(
    variants: Site, watch: Callable[..., Player], context: BrowserContext
) -> None:
    variants.seen.clear()
    player = watch(fragment="?sound=fr&api=1")
    player.start()
    assert asked(variants, "sound-1")
    assert not asked(variants, "sound-0")
    assert not player.page.evaluate("JSON.parse(localStorage['tubegen:preferences']).sound")
    (variants.root / "holder.html").write_text(
        f"""<!doctype html><title>Holder</title><iframe allow="autoplay" src="{player.page.url}"></iframe><script>
        window.call = (method, value) => new Promise((done) => {{
          addEventListener('message', ({{ data }}) => data.id === method && done(data.value));
          frames[0].postMessage({{ tubegen: 1, id: method, method, value }}, '*');
        }})</script>""",
        "utf-8",
    )
    around = context.new_page()
    around.goto(f"{variants.address}/holder.html")
    frame = around.frame_locator("iframe")
    frame.locator(".player-start").click()
    around.wait_for_function("call('getSounds').then((sounds) => sounds.length === 3)")
    sounds = around.evaluate("call('getSounds')")
    assert [(sound["label"], sound["playing"]) for sound in sounds] == [
        ("English", False),
        ("Français", True),
        ("Audio description", False),
    ]
    around.evaluate("call('setSound', 'en')")
    around.wait_for_function("call('getSounds').then(([english]) => english.playing)")


def test_the_panel_tells_what_plays(watch: Callable[..., Player]) -> None:
    player = watch()
    player.start()
    player.page.locator("media-settings-menu-button").focus()
    player.press("Enter")
    player.page.locator(".figures-item").focus()
    player.press("Enter")
    panel = player.page.get_by_role("dialog", name="Statistics")
    expect(panel.get_by_role("button", name="Close")).to_be_focused()

    def figure(name: str):
        return panel.locator("dt", has_text=name).locator("+ dd")

    for name, value in {
        "From the site": r"^\d[\d.]* MB$",
        "Connection speed": r"^\d[\d.]* Mb/s$",
        "Loaded ahead": r"^\d[\d.]* sec$",
        "Frames dropped": r"^\u2066\d+ / \d+\u2069$",
        "Quality": r"^\u2066\d+ × \d+\u2069, 0.\d Mb/s$",
        "Size on the screen": r"^\u2066\d+ × \d+\u2069$",
        "Sound": r"^English$",
        "Volume": r"^100%$",
        "Codecs": r"^avc1\.\w+, mp4a\.40\.2$",
        "Mode of playing": r"^HLS$",
        "Video ID": r"^master-en$",
    }.items():
        expect(figure(name)).to_have_text(re.compile(value))
    expect(panel.locator("dt", has_text="From other viewers")).to_have_count(0)
    assert violations(player) == []
    player.press("Escape")
    expect(panel).to_have_count(0)


def test_sound_is_chosen_among_those_who_share(variants: Site, open_player: Callable[..., Player]) -> None:
    meeting = {"id": "variants", "tracker": "ws://127.0.0.1:9/tracker/socket", "stun": []}
    data = {"hls": "../../variants/master.m3u8", "duration": SECONDS, "p2p": "on", "swarm": meeting}
    player = open_player(variants.write("shared", data=data))
    player.start()
    player.open_settings("Sound")
    with player.page.expect_response("**/sound-1-*.m4s"):
        sound_items(player).nth(1).click()
    player.page.get_by_role("menuitem", name="Statistics").click()
    panel = player.page.get_by_role("dialog", name="Statistics")
    expect(panel.locator("dt", has_text="Mode of playing").locator("+ dd")).to_have_text("HLS, P2P")
    expect(panel.locator("dt", has_text="Sound").locator("+ dd")).to_have_text("Français")
    player.press("Escape")
    player.until("video.ended", timeout=60_000)
    assert player.state("video.src").startswith("blob:")


def test_one_sound_alone_offers_no_menu(playing: Player) -> None:
    playing.open_settings()
    expect(playing.page.locator(".sound-item")).to_be_hidden()
    expect(playing.page.locator(".figures-item")).to_be_visible()


def decodes(*, smooth: bool, efficient: bool) -> str:
    answer = json.dumps({"supported": True, "smooth": smooth, "powerEfficient": efficient})
    return f"MediaCapabilities.prototype.decodingInfo = async () => ({answer});"


IN_THE_HAND = """{ const real = matchMedia;
window.matchMedia = (query) => query.includes('coarse') ? { matches: true, addEventListener() {} } : real(query) }"""


def test_a_newer_codec_is_preferred_and_each_height_stands_once(
    variants: Site, watch: Callable[..., Player]
) -> None:
    variants.seen.clear()
    player = watch("twins")
    player.start()
    player.open_settings("Quality")
    expect(player.page.locator("media-rendition-menu media-chrome-menu-item")).to_have_text(
        ["180p", "90p", "Auto (90p)"]
    )
    expect(sound_items(player)).to_have_count(len(SOUNDS))
    assert not [path for path in variants.seen if "surround" in path], "browsers mix it down"
    # From H.264 to AV1 by itself, as the line allows.
    player.until("video.videoHeight === 180")
    assert asked(variants, "180p-av1")
    assert not asked(variants, "180p")
    assert not player.problems


@pytest.mark.parametrize(
    ("script", "newer"),
    [
        pytest.param(decodes(smooth=False, efficient=True), False, id="drops frames"),
        pytest.param("delete SourceBuffer.prototype.changeType", False, id="cannot change"),
        pytest.param(decodes(smooth=True, efficient=False) + IN_THE_HAND, False, id="costs battery"),
        pytest.param(decodes(smooth=True, efficient=False), True, id="costs current"),
    ],
)
def test_the_newer_codec_is_for_who_plays_it_well(
    variants: Site, watch: Callable[..., Player], context: BrowserContext, script: str, newer: bool
) -> None:
    context.add_init_script(script)
    variants.seen.clear()
    player = watch("twins")
    player.start()
    player.until("video.videoHeight === 180")
    assert bool(asked(variants, "180p-av1")) == newer
    assert bool(asked(variants, "180p")) == (not newer)
