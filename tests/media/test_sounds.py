"""Tracks of sound: as loud as all others, and each by itself where there are several."""

import re
import subprocess
from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from tests.media.films import PICTURE, X264, Playlist, decoded, encode, ffprobe, film
from tests.media.test_presentation import check_files, show, whole
from tubegen.config import MediaConfig
from tubegen.media.encode.loudness import measured
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan.audio_tracks import plan_audio_tracks
from tubegen.media.source.probe import AudioStream

MEDIA = MediaConfig(renditions=(120,), quality="draft")


def loudness(path: Path) -> tuple[float, float]:
    """LUFS and dBTP of the sound of a file, by loudnorm, which tubegen does not use."""
    command = ["ffmpeg", "-nostdin", "-i", str(path), "-af", "loudnorm=print_format=json", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    values = dict(re.findall(r'"(input_\w+)" : "([-\w.]+)"', said))
    return float(values["input_i"]), float(values["input_tp"])


@pytest.mark.parametrize(
    ("volume", "wanted"),
    [("0.2", -16), ("1", -16), ("0.002", None)],
    ids=["quiet", "as it is", "hardly there"],
)
def test_all_films_are_equally_loud(
    volume: str, wanted: float | None, pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    tone = f"sine=frequency=997:sample_rate=48000,volume={volume}"
    source = tmp_path / "source.mkv"
    sound = ["-f", "lavfi", "-i", f"{tone},atrim=duration=4", "-c:a", "pcm_s16le"]
    encode("-f", "lavfi", "-i", f"{PICTURE}:duration=4", *sound, *X264, str(source))
    before, _ = loudness(source)
    heard, peak = loudness(whole(show(pipelines(media=MEDIA), source), tmp_path / "whole.mp4"))
    assert heard == pytest.approx(before + 20 if wanted is None else wanted, abs=0.6)
    assert peak <= -1.0


def test_what_is_loud_only_for_a_moment_is_not_clipped(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    """Its dynamics stay, and so it stays less loud than others."""
    source = tmp_path / "source.mkv"
    tone = "sine=frequency=440:sample_rate=48000:duration=5,volume=0.05:enable='gt(mod(t,1),0.02)',volume=7.5"
    encode(
        "-f",
        "lavfi",
        "-i",
        f"{PICTURE}:duration=5",
        "-f",
        "lavfi",
        "-i",
        tone,
        *X264,
        "-c:a",
        "flac",
        str(source),
    )
    heard, peak = loudness(whole(show(pipelines(media=MEDIA), source), tmp_path / "whole.mp4"))
    assert heard < -17
    assert peak <= -1.0


def test_sound_can_be_left_as_it_is(pipelines: Callable[..., MediaPipeline], tmp_path: Path) -> None:
    source = film(tmp_path / "source.mp4", "-af", "volume=0.05")
    as_it_is = MediaConfig(renditions=(120,), quality="draft", loudness=0)
    heard, _ = loudness(whole(show(pipelines(media=as_it_is), source), tmp_path / "whole.mp4"))
    assert heard == pytest.approx(loudness(source)[0], abs=0.5)


def test_silence_stays_silent(pipelines: Callable[..., MediaPipeline], tmp_path: Path) -> None:
    source = film(tmp_path / "source.mp4", tone="anullsrc=r=48000", seconds=2)
    played = whole(show(pipelines(media=MEDIA), source), tmp_path / "whole.mp4")
    assert not any(decoded(played, "-map", "0:a", kind="s16le"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("noise", (-70.0, 0.0)),
        ("Summary:\n  I:  -nan LUFS\n", (-70.0, 0.0)),
        ("I: -3.0 LUFS Summary:\n  Integrated loudness:\n    I:         -23.1 LUFS\n  True peak:\n    Peak:       -1.2 dBFS", (-23.1, -1.2)),
        ("Summary:\n    I:         -70.0 LUFS\n    Peak:       -inf dBFS", (-70.0, float("-inf"))),
    ],
)  # fmt: skip
def test_the_last_words_of_the_meter_are_read(said: str, expected: tuple[float, float]) -> None:
    assert measured(said) == expected


@pytest.fixture(scope="module")
def bilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """English at 440 Hz in stereo, French at 880 Hz in six channels; five seconds."""
    path = tmp_path_factory.mktemp("bilingual") / "source.mkv"
    encode(
        *("-f", "lavfi", "-i", f"{PICTURE}:duration=5"),
        *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=5"),
        *("-f", "lavfi", "-i", "sine=frequency=880:sample_rate=48000:duration=5,aformat=channel_layouts=5.1"),
        *("-map", "0", "-map", "1", "-map", "2", *X264, "-c:a", "aac"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra"),
        *("-disposition:a:1", "visual_impaired"),
        str(path),
    )
    return path


def pitch(samples: bytes) -> float:
    """Hertz, by counting how often a tone crosses zero."""
    values = memoryview(samples).cast("h")
    return sum((a < 0) != (b < 0) for a, b in pairwise(values)) * 24000 / len(values)


def begins(playlist: Playlist) -> list[float]:
    """When each segment begins."""
    return list(accumulate((seconds for _, seconds in playlist.segments[:-1]), initial=0.0))


def test_each_language_is_a_rendition_of_its_own(
    bilingual: Path, pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    shown = show(pipelines(media=MEDIA), bilingual)
    check_files(shown)
    assert [(s.name, s.language, s.channels, s.default) for s in shown.made.audio_tracks] == [
        ("sound-en", "en", 2, True),
        ("sound-fr", "fr", 2, False),
    ]
    assert [(s.title, s.described) for s in shown.made.audio_tracks] == [
        ("", False),
        ("Audio description", True),
    ]
    assert [r.codecs.split(",")[1:] for r in shown.made.renditions] == [[]]
    picture = Playlist.read(shown.folder / shown.made.renditions[0].playlist)
    for sound, hertz in zip(shown.made.audio_tracks, (440, 880), strict=True):
        playlist = Playlist.read(shown.folder / sound.playlist)
        starts = zip(begins(playlist), begins(picture), strict=True)
        assert all(abs(own - theirs) < 512.5 / 48000 for own, theirs in starts)
        heard = tmp_path / f"{sound.name}.mp4"
        parts = [playlist.init, *(name for name, _ in playlist.segments)]
        heard.write_bytes(b"".join((shown.folder / name).read_bytes() for name in parts))
        samples = decoded(heard, "-ac", "1", kind="s16le")
        assert pitch(samples) == pytest.approx(hertz, rel=0.02)
        assert len(samples) / 2 / 48000 == pytest.approx(5, abs=1024 / 48000)
    said = ffprobe(shown.folder / shown.made.download.name, "-show_streams", "-select_streams", "a")
    assert [s["tags"]["handler_name"] for s in said["streams"]] == ["en", "Audio description"]


def test_surround_is_kept_on_request(bilingual: Path, pipelines: Callable[..., MediaPipeline]) -> None:
    media = MediaConfig(renditions=(120,), quality="draft", surround=True)
    shown = show(pipelines(media=media), bilingual)
    assert [(s.name, s.channels) for s in shown.made.audio_tracks] == [
        ("sound-en", 2), ("sound-fr", 2), ("sound-fr-surround", 6),
    ]  # fmt: skip
    init = Playlist.read(shown.folder / shown.made.audio_tracks[2].playlist).init
    assert ffprobe(shown.folder / init, "-show_streams")["streams"][0]["channels"] == 6


def test_names_are_never_given_twice() -> None:
    streams = [
        AudioStream(
            index=n, start=0, end=0, codec="aac", channels=6, language=language, title="", default=False
        )
        for n, language in enumerate(["", "en", "en", "", "en", "pt-BR"])
    ]
    names = [track.name for track in plan_audio_tracks(tuple(streams), surround=True)]
    assert names[:4] == ["sound", "sound-surround", "sound-en", "sound-en-surround"]
    assert len(set(names)) == len(names) == 12
    assert "sound-pt-br" in names
