"""Screens are recognised by how still they are; a camera's film and an animation never are."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from tests.assemble.sites import SITE
from tests.folders import write
from tests.media.conftest import PAL
from tests.media.films import encode
from tests.media.test_plan import ABILITIES
from tubegen.cli import main
from tubegen.config import MediaConfig
from tubegen.config.media import Extra
from tubegen.media.encode.encoders import video_options
from tubegen.media.plan.plan import Plan, make_plan

SLIDE = "drawtext=text='Slide %{eif\\:floor(t/4)\\:d}  The tide comes in twice a day':fontsize=48:x=60:y=90"


def planned(
    key_frame_bytes: int,
    inter_frame_bytes: int,
    av1: Extra = "auto",
    quality: str = "default",
    **changes: object,
) -> Plan:
    assert PAL.video
    video = msgspec.structs.replace(
        PAL.video, key_frame_bytes=key_frame_bytes, inter_frame_bytes=inter_frame_bytes, **changes
    )
    media = MediaConfig(av1=av1, quality=quality)
    return make_plan(msgspec.structs.replace(PAL, video=video), media, ABILITIES)


@pytest.mark.parametrize(
    ("key_frame_bytes", "inter_frame_bytes"),
    [(67_055, 75), (97_355, 200), (80_481, 135), (25_220, 86), (60_989, 207), (96_450, 114), (22_187, 130)],
)  # fmt: skip
def test_recordings_of_screens_and_slides(key_frame_bytes: int, inter_frame_bytes: int) -> None:
    """Slides, a terminal and a pointer in 1080p, as several encoders' settings left them."""
    plan = planned(key_frame_bytes, inter_frame_bytes)
    assert plan.content == "screen"
    assert (plan.gop, plan.effort.crf) == (100, 19.0)
    assert (plan.effort.av1_preset, plan.effort.av1_crf) == (8, 48)
    assert plan.chunks[:2] == ((0, 300), (300, 700))


def test_rungs_that_cannot_be_read_are_left_out_where_a_larger_one_is_as_light() -> None:
    light, heavy = planned(67_055, 75, bit_rate=210_000), planned(67_055, 75, bit_rate=500_000)
    assert [rung.name for rung in light.renditions] == ["1080p", "720p", "480p"]
    assert [rung.name for rung in heavy.renditions] == ["1080p", "720p", "480p", "240p"]


@pytest.mark.parametrize(
    ("key_frame_bytes", "inter_frame_bytes", "changes"),
    [
        (204_400, 14_700, {}),
        (76_700, 18_770, {}),
        (21_820, 1_036, {"width": 1280, "height": 720}),
        (12_680, 1_500, {"width": 1280, "height": 720}),
        (5_820, 910, {"width": 1280, "height": 720}),
        (144_600, 342, {"codec": "av1"}),
        (96_450, 114, {"codec": "vp9"}),
        (96_450, 114, {"end": 9.0}),
        (96_450, 114, {"interlaced": True}),
        (96_450, 0, {}),
        (15_000, 114, {}),
    ],
    ids=["animation", "live action", "animation at crf 36", "live action at crf 34", "at crf 42 with 16 b-frames",
         "av1", "vp9", "short", "interlaced", "key frames alone", "blurred"],
)  # fmt: skip
def test_what_is_none(key_frame_bytes: int, inter_frame_bytes: int, changes: dict[str, object]) -> None:
    """Real films of this house's tests, and doubts."""
    plan = planned(key_frame_bytes, inter_frame_bytes, **changes)
    assert plan.content == "film"
    assert (plan.gop, plan.effort.crf) == (50, 21.5)


@pytest.mark.parametrize(
    ("inter_frame_bytes", "told"),
    [(75, "lp=1:scd=0:scm=1"), (9000, "lp=1:scd=0:hierarchical-levels=3:lookahead=0:enable-tf=0")],
)
def test_av1_has_tools_for_screens(inter_frame_bytes: int, told: str) -> None:
    plan = planned(67_055, inter_frame_bytes, av1="on")
    twin = next(rung for rung in plan.renditions if rung.codec == "av1")
    assert video_options(plan, twin, 0)["svtav1-params"] == told


@pytest.mark.parametrize(("quality", "preset"), [("draft", 12), ("default", 8), ("archive", 6)])
def test_a_draft_stays_a_fast_one(quality: str, preset: int) -> None:
    assert planned(67_055, 75, quality=quality).effort.av1_preset == preset


def test_slides_are_seen_in_the_plan_of_a_build(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"tubegen.toml": SITE.format(cache="cache")})
    (site / "content/talk").mkdir(parents=True)
    picture = f"color=c=white:s=1280x720:r=25:d=12,{SLIDE}"
    encode("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
           str(site / "content/talk/film.mp4"))  # fmt: skip
    said = CliRunner().invoke(main, ["build", str(site), "--plan"])
    assert said.exit_code == 0, said.output
    assert (
        "  screen     it stands still for most of the time: sharper, with fewer key frames\n" in said.stdout
    )
    facts = json.loads(
        CliRunner().invoke(main, ["build", str(site), "--plan", "--json"]).stdout.splitlines()[0]
    )
    assert facts["content"] == "screen"
