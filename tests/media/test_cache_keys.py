"""The keys of the cache: the same for ever, for what is in a cache is found by nothing else."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.media.test_plan import GOLDEN, STEREO
from tubegen.config import MediaConfig
from tubegen.media.cache.keys import key_of
from tubegen.media.ffmpeg.capabilities import Abilities
from tubegen.media.plan.cache_keys import (
    attachment_key,
    audio_track_key,
    chunk_key,
    cover_key,
    digest_key,
    picture_key,
    poster_key,
    presentation_key,
    probe_key,
    remuxed_video_key,
    speed_key,
    still_key,
    text_tracks_key,
)
from tubegen.media.plan.plan import Plan, make_plan
from tubegen.media.source.probe import Probe

FIXTURES = Path(__file__).parents[1] / "fixtures" / "cache"
KEYS: dict[str, Any] = json.loads((FIXTURES / "keys.json").read_bytes())
PROBES = sorted((FIXTURES / "records").glob("probe-*.json"))
ABILITIES = Abilities(
    ffmpeg="5.1", x264="164", svt_av1="2.3.0", x265="3.5", aac=True, bwdif=True, zscale=True,
    hardware="nvenc", device="GPU ü",
)  # fmt: skip
SETTINGS = {
    "default": MediaConfig(),
    "everything": MediaConfig(
        av1="on", hdr=True, surround=True, loudness=0, quality="archive",
        renditions=(2160, 1080, 720, 480, 240),
    ),
    "encoded": MediaConfig(copy=False, av1="off", quality="draft", download=240),
    "hardware": MediaConfig(copy=False, encoder="nvenc"),
    "preview": MediaConfig(),
}  # fmt: skip


def plan_keys(plan: Plan) -> dict[str, str | list[str]]:
    presentation = presentation_key(plan, "files")
    return {
        "presentation": presentation,
        "single": presentation_key(plan, "single"),
        "chunks": [chunk_key(plan, number) for number in range(len(plan.chunks))],
        "sounds": [audio_track_key(plan, track) for track in plan.audio_tracks],
        "copy": remuxed_video_key(plan),
        "still": still_key(plan),
        "poster": poster_key(plan),
        "attachments": [attachment_key(presentation, rendition.name) for rendition in plan.renditions],
    }


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("file", PROBES, ids=lambda file: file.stem)
def test_what_is_made_of_a_source_has_the_key_it_always_had(file: Path, settings: str) -> None:
    probe = msgspec.json.decode(file.read_bytes(), type=Probe)
    plan = make_plan(probe, SETTINGS[settings], ABILITIES, preview=settings == "preview")
    assert plan_keys(plan) == KEYS[f"{file.stem} {settings}"]


@pytest.mark.parametrize("file", PROBES, ids=lambda file: file.stem)
def test_what_is_known_of_a_file_has_the_key_it_always_had(file: Path) -> None:
    probe = msgspec.json.decode(file.read_bytes(), type=Probe)
    assert KEYS[file.stem] == {
        "probe": probe_key(probe.sha256),
        "texts": text_tracks_key(probe.sha256, [track.index for track in probe.text_streams]),
        "cover": cover_key(probe.sha256),
        "picture": picture_key(probe.sha256, "avatar"),
    }


def test_what_is_known_of_a_machine_has_the_key_it_always_had() -> None:
    assert digest_key(Path("/site/content/films/straße.mp4")) == KEYS["digest"]
    assert key_of("abilities", "/usr/bin/ffmpeg", 123456, 1700000000123456789) == KEYS["abilities"]
    assert speed_key("host", KEYS["abilities"]) == KEYS["speed"]


@pytest.mark.parametrize(
    ("member", "field"),
    [
        (member, field)
        for member in ("encoder", "effort")
        for field in getattr(GOLDEN, member).__struct_fields__
    ],
)
def test_the_keys_change_with_every_setting_of_the_encoders(member: str, field: str) -> None:
    record = getattr(GOLDEN, member)
    changed = msgspec.structs.replace(GOLDEN, **{member: _changed(record, field)})
    assert presentation_key(changed, "files") != presentation_key(GOLDEN, "files")
    assert chunk_key(changed, 0) != chunk_key(GOLDEN, 0)


@pytest.mark.parametrize("field", GOLDEN.renditions[0].__struct_fields__)
def test_the_keys_change_with_every_field_of_a_rendition(field: str) -> None:
    renditions = (_changed(GOLDEN.renditions[0], field), *GOLDEN.renditions[1:])
    changed = msgspec.structs.replace(GOLDEN, renditions=renditions)
    assert presentation_key(changed, "files") != presentation_key(GOLDEN, "files")
    assert chunk_key(changed, 0) != chunk_key(GOLDEN, 0)


@pytest.mark.parametrize("field", STEREO.__struct_fields__)
def test_the_keys_change_with_every_field_of_an_audio_track(field: str) -> None:
    changed = msgspec.structs.replace(GOLDEN, audio_tracks=(_changed(STEREO, field),))
    assert presentation_key(changed, "files") != presentation_key(GOLDEN, "files")
    assert audio_track_key(changed, changed.audio_tracks[0]) != audio_track_key(GOLDEN, STEREO)


def _changed(record: Any, field: str) -> Any:
    value = getattr(record, field)
    return msgspec.structs.replace(record, **{field: value + "x" if isinstance(value, str) else value + 1})
