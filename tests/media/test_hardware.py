"""Encoders in hardware: what they are told, and what is said where they are not there. None of them is on the machines
that run this, so that ffmpeg gets as far as opening the device."""

import shlex
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from tests.assemble.sites import SITE, make_clip
from tests.folders import write
from tests.media.test_plan import ABILITIES
from tubegen.cli import main
from tubegen.config import MediaConfig
from tubegen.config.media import QUALITIES
from tubegen.errors import InputError, TubegenError
from tubegen.media.encode import graphs
from tubegen.media.encode.chunks import ChunkRequest, work_on
from tubegen.media.ffmpeg.capabilities import try_hardware
from tubegen.media.ffmpeg.hardware import DEVICE, NAMES, device, options
from tubegen.media.ffmpeg.program import Ffmpeg, FfmpegError
from tubegen.media.plan.cache_keys import chunk_key, presentation_key
from tubegen.media.plan.plan import Plan, make_plan
from tubegen.media.source.probe import Probe

TOLD = Path(__file__).parents[1] / "golden/hardware.txt"


def planned(probe: Probe, name: str = "nvenc", device: str = "", **media: object) -> Plan:
    able = msgspec.structs.replace(ABILITIES, hardware=name, device=device)
    return make_plan(probe, MediaConfig(encoder=name, **media), able)  # pyright: ignore[reportArgumentType]


def chunk(plan: Plan, number: int = 1) -> list[str]:
    return graphs.chunk(Path("film.ts"), plan, number, [Path(f"{n}.mp4") for n in range(len(plan.encoded))])


def test_what_they_are_told(pal: Probe, update_golden: bool) -> None:
    """Two renditions, of which x264 makes the one that is too small for some of them."""
    lines = [shlex.join(chunk(planned(pal, name, renditions=(720, 120)))) for name in NAMES]
    text = "\n\n".join(lines).replace(" -map ", "\n  -map ") + "\n"
    if update_golden:
        TOLD.write_text(text, "utf-8")
    assert text == TOLD.read_text("utf-8")


def built_with() -> list[str]:
    """The encoders that this ffmpeg was built with, whatever device is there."""
    encoders = Ffmpeg().ask("-hide_banner", "-encoders")
    return [name for name in NAMES if f" h264_{name} " in encoders]


@pytest.mark.parametrize("name", built_with())
def test_ffmpeg_knows_every_word_of_it(name: str) -> None:
    """It complains of the device alone."""
    ffmpeg = Ffmpeg()
    known = ffmpeg.ask("-hide_banner", "-h", f"encoder=h264_{name}")
    told = {option: str(value) for option, value in options(name, QUALITIES["default"], 1_000_000).items()}
    words = [word for option, value in told.items() for word in (f"-{option}", value)]
    private = set(told) - {"c:v", "b:v", "global_quality", "profile:v"}
    assert not [option for option in private if f"\n  -{option} " not in known]
    if try_hardware(ffmpeg, name) is not None:
        return
    picture = ["-f", "lavfi", "-i", "color=s=256x256:d=0.1", "-vf", "format=nv12"]
    with pytest.raises(FfmpegError) as fault:
        ffmpeg.run([*picture, *words, "-v", "error", "-f", "null", "-"], about=Path("film"))
    said = str(fault.value)
    assert not any(bad in said for bad in ("Option not found", "Invalid argument", "Unrecognized")), said


def test_key_frames_are_forced_where_x264s_lie(pal: Probe) -> None:
    arguments = chunk(planned(pal), 1)
    at = arguments.index("-force_key_frames")
    assert arguments[at + 1].split(",")[:3] == ["0.000000", "2.000000", "4.000000"]
    assert arguments[arguments.index("-g") + 1] == "50"


def test_vaapi_opens_its_device_first(pal: Probe) -> None:
    assert tuple(chunk(planned(pal, "vaapi"))[:4]) == DEVICE["vaapi"]


def test_nothing_of_x264s_is_taken_for_theirs(pal: Probe) -> None:
    """Nor of another device's; the sound is the same."""
    plain = make_plan(pal, MediaConfig(), ABILITIES)
    plans = [plain, planned(pal), planned(pal, device="A 4000"), planned(pal, "qsv")]
    assert len({presentation_key(plan, "files") for plan in plans}) == len(plans)
    assert len({chunk_key(plan, 0) for plan in plans}) == len(plans)


def test_a_machine_that_has_one_uses_it_only_when_told(pal: Probe) -> None:
    able = msgspec.structs.replace(ABILITIES, hardware="nvenc", device="A 4000")
    assert make_plan(pal, MediaConfig(), able) == make_plan(pal, MediaConfig(), ABILITIES)


def test_a_preview_and_a_still_are_left_to_x264(pal: Probe) -> None:
    able = msgspec.structs.replace(ABILITIES, hardware="nvenc")
    media = MediaConfig(encoder="nvenc")
    assert not make_plan(pal, media, able, preview=True).encoder.hardware
    assert not make_plan(msgspec.structs.replace(pal, video=None), media, able).encoder.hardware


def test_another_one_than_the_one_that_works_is_refused(pal: Probe) -> None:
    able = msgspec.structs.replace(ABILITIES, hardware="nvenc")
    with pytest.raises(InputError, match=r'tubegen\.toml: encoder = "qsv" needs Intel'):
        make_plan(pal, MediaConfig(encoder="qsv"), able)


@pytest.mark.parametrize("command", [["build"], ["build", "--plan"]], ids=" ".join)
def test_without_it_a_build_ends_before_it_begins(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if try_hardware(Ffmpeg(), "nvenc") is not None:
        monkeypatch.setattr("tubegen.media.ffmpeg.capabilities.try_hardware", lambda *_: None)
    site = write(tmp_path / "site", {"tubegen.toml": SITE.format(cache="cache") + 'encoder = "nvenc"\n'})
    make_clip(site / "content/tide/film.mp4", "red")
    make_clip(site / "content/tram/film.mp4", "blue")
    result = CliRunner().invoke(main, [*command[:1], str(site), *command[1:]])
    assert result.exit_code == 2
    assert result.stderr == (
        'tubegen.toml: encoder = "nvenc" needs NVIDIA\'s NVENC, which does not work on this machine; '
        "take it out, or see what is there with: tubegen doctor\n"
    )
    assert not (site / "public").exists()


def test_a_worker_without_it_refuses(pal: Probe, tmp_path: Path) -> None:
    plan = planned(pal, device="NVIDIA GeForce RTX 3060")
    request = ChunkRequest(source=str(tmp_path), sha256="0", plan=plan, number=0, cache=str(tmp_path))
    with pytest.raises(TubegenError) as fault:
        work_on(request)
    assert (
        "and this build ffmpeg 5.1 x264 164 hardware nvenc device NVIDIA GeForce RTX 3060; give all of "
        in str(fault.value)
    )
    assert str(fault.value).endswith('such an encoder, or take encoder = "nvenc" out of tubegen.toml')


@pytest.mark.parametrize(
    ("said", "whose"),
    [
        ("[h264_nvenc @ 0x1] [ GPU #0 - < NVIDIA GeForce RTX 3090 > has Compute SM 8.6 ]\n",
         "NVIDIA GeForce RTX 3090"),
        ("[VAAPI @ 0x1] VAAPI driver: Intel iHD driver for Intel(R) Gen Graphics - 24.1.5 (8068c2e).\n",
         "Intel iHD driver for Intel(R) Gen Graphics - 24.1"),
        ("[AVHWDeviceContext @ 0x2] VAAPI driver: Mesa Gallium driver 25.2.0 for AMD Radeon Vega 3 Graphics "
         "(radeonsi, raven, ACO, DRM 3.61, 6.12.41).\n",
         "Mesa Gallium driver 25.2 for AMD Radeon Vega 3 Graphics"),
        ("[VAAPI @ 0x1] VAAPI driver: Mesa Gallium driver 26.0.8 for NVE4.\n", "Mesa Gallium driver 26.0 for NVE4"),
        ("nothing", ""),
    ],
)  # fmt: skip
def test_whose_it_is(said: str, whose: str) -> None:
    """As drivers introduce themselves: neither a kernel nor a patch makes another device."""
    assert device(f"before\n{said}after\n") == whose
