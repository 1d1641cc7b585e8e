"""The picture of a sound has its shape."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tubegen.media.encode.waveform import draw_waveform
from tubegen.media.ffmpeg.program import Ffmpeg


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of tone, a second of silence, a second of tone, beside a cover."""
    path = tmp_path_factory.mktemp("tone") / "tone.mka"
    sound = "sine=d=3,volume=0.05,volume=enable='between(t,1,2)':volume=0"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", sound, "-c:a", "flac", str(path)], check=True
    )
    return path


def test_the_wave_is_high_where_it_is_loud_and_flat_where_it_is_not(tone: Path, tmp_path: Path) -> None:
    draw_waveform(Ffmpeg(), tone, 0, (320, 180), tmp_path / "wave.png")
    with Image.open(tmp_path / "wave.png") as picture:
        assert picture.size == (320, 180)
        grey = picture.convert("L")
        pixels = grey.tobytes()

        def high(x: int) -> int:
            return sum(abs(pixels[320 * y + x] - pixels[0]) > 20 for y in range(180))

        for edge in (0, 16, 303, 319):
            assert high(edge) == 0, "room at the sides"
        for loud in (60, 90, 230, 260):
            assert high(loud) > 45, "quiet as it is"
        assert high(160) <= 4
        assert len(picture.convert("RGB").getcolors(100_000) or []) < 60, (
            "two colours, and what is between them"
        )
