"""A flash and a beep of the same moment stay together, in files and in a browser, however a source begins.

At one second of the clip's own clock the picture turns white and a tone begins. A frame lasts 20 ms.
"""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.media.films import X264, Playlist, decoded, encode
from tubegen.config import MediaConfig
from tubegen.media.pipeline import MediaPipeline

AT_MOST = 0.020
"""Seconds between picture and sound: less than half of what people begin to notice (ITU-R BT.1359)."""

ONE = MediaConfig(renditions=(120,), quality="draft")

SOURCES = {
    "transport stream, picture 80 ms late": ("ts", 0.08, []),
    "phone, with edit lists and priming": ("mp4", 0.04, ["-bf", "2"]),
    "picture 0.8 s late": ("mp4", 0.8, ["-bf", "2"]),
}


def clip(path: Path, late: float, options: list[str]) -> Path:
    flash = f"color=c=black:s=64x64:r=50:d={3 - late},drawbox=c=white:t=fill:enable='gte(t,{1 - late})'"
    beep = "sine=frequency=1000:sample_rate=48000:d=3,volume=0:enable='lt(t,1)'"
    encode(
        *("-itsoffset", str(late), "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep),
        *(*X264, *options, "-c:a", "aac", str(path)),
    )
    return path


@pytest.mark.parametrize("kind", SOURCES)
def test_flash_and_beep_stay_together(
    kind: str, pipelines: Callable[..., MediaPipeline], browser: Browser, tmp_path: Path
) -> None:
    container, late, options = SOURCES[kind]
    pipeline = pipelines(media=ONE)
    source = clip(tmp_path / f"source.{container}", late, options)
    plan = pipeline.plan(source)
    made, folder = pipeline.make("film", source, plan), pipeline.presentation_folder(plan)
    largest = made.renditions[-1]
    playlist = Playlist.read(folder / largest.playlist)
    parts = [
        (folder / name).read_bytes() for name in (playlist.init, *(name for name, _ in playlist.segments))
    ]
    (played := tmp_path / "played.mp4").write_bytes(b"".join(parts))
    pictures = decoded(played, "-map", "0:v", "-vf", "scale=1:1,format=gray", "-vsync", "0")
    white = next(n for n, grey in enumerate(pictures) if grey > 128) / 50
    samples = memoryview(decoded(played, "-map", "0:a", "-ac", "1", kind="s16le")).cast("h")
    loud = max(samples) / 3
    heard = next(n for n, sample in enumerate(samples) if abs(sample) > loud) / 48000
    assert abs(white - heard) <= AT_MOST
    page = browser.new_page()
    shown = page.evaluate(
        LOOK_AND_LISTEN, [[base64.b64encode(part).decode() for part in parts], largest.codecs]
    )
    page.close()
    assert shown["begins"] == 0
    assert abs(shown["white"] - shown["heard"]) <= AT_MOST
    assert shown["white"] == pytest.approx(white, abs=0.001)


LOOK_AND_LISTEN = """async ([parts, codecs]) => {
    const bytes = parts.map((part) => Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0)));
    const happened = (target, event) => new Promise((done) => target.addEventListener(event, done, { once: true }));

    const media = new MediaSource();
    const video = document.createElement('video');
    video.src = URL.createObjectURL(media);
    await happened(media, 'sourceopen');
    const buffer = media.addSourceBuffer(`video/mp4; codecs="${codecs}"`);
    for (const part of bytes) {
        buffer.appendBuffer(part);
        await happened(buffer, 'updateend');
    }
    media.endOfStream();
    if (video.readyState < video.HAVE_CURRENT_DATA) await happened(video, 'loadeddata');
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const isWhite = async (number) => {
        const sought = happened(video, 'seeked');
        video.currentTime = (number + 0.5) / 50;
        await sought;
        let frame = new VideoFrame(video);
        while (Math.round((frame.timestamp / 1e6) * 50) !== number) {  // the event may come before its frame
            frame.close();
            await new Promise((done) => setTimeout(done, 10));
            frame = new VideoFrame(video);
        }
        context.drawImage(frame, 0, 0, 1, 1);
        frame.close();
        return context.getImageData(0, 0, 1, 1).data[0] > 128;
    };
    let [black, white] = [0, 149];
    while (white - black > 1) {
        const middle = (black + white) >> 1;
        if (await isWhite(middle)) white = middle;
        else black = middle;
    }

    const whole = await new Blob(bytes).arrayBuffer();
    const sound = (await new OfflineAudioContext(1, 1, 48000).decodeAudioData(whole)).getChannelData(0);
    const loud = sound.reduce((most, sample) => Math.max(most, sample), 0) / 3;
    const heard = sound.findIndex((sample) => Math.abs(sample) > loud) / 48000;
    return { white: white / 50, heard, begins: video.buffered.start(0) };
}"""
"""The first white frame as Media Source Extensions place it, and the first loud sample as the decoder gives it: both
count from what was appended first, so nothing depends on how busy the machine is."""
