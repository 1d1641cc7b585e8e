"""The records of the cache: what another version wrote is read, and what is written is read by that version."""

import json
from pathlib import Path

import msgspec
import pytest

from tubegen.media.cache.cache import Cache
from tubegen.media.encode.chunks import Chunk
from tubegen.media.ffmpeg.capabilities import Abilities, Speed
from tubegen.media.pipeline import FileDigest
from tubegen.media.presentation import SingleFile
from tubegen.media.result import Attachment, Picture, Presentation
from tubegen.media.source.probe import Probe
from tubegen.media.source.text_tracks import ExtractedCaptions

RECORDS = Path(__file__).parents[1] / "fixtures" / "cache" / "records"
TYPES: dict[str, type[msgspec.Struct]] = {
    "abilities": Abilities,
    "attachment": Attachment,
    "captions": ExtractedCaptions,
    "chunk": Chunk,
    "copy": SingleFile,
    "digest": FileDigest,
    "picture": Picture,
    "presentation": Presentation,
    "probe": Probe,
    "speed": Speed,
}


@pytest.mark.parametrize("file", sorted(RECORDS.iterdir()), ids=lambda file: file.stem)
def test_a_record_of_an_earlier_version_is_read_and_written_the_same(file: Path, tmp_path: Path) -> None:
    kind = TYPES[file.stem.partition("-")[0]]
    cache, key = Cache(tmp_path / "cache"), "ab" * 20
    cache.folder(key).mkdir(parents=True)
    (cache.folder(key) / "record.json").write_bytes(file.read_bytes())

    record = cache.get(key, kind)

    assert record is not None
    before = json.loads(file.read_bytes())
    with cache.making() as folder:
        for name, size in before["entry"]["files"].items():
            (folder / name).write_bytes(b"x" * size)
        cache.put(key, folder, record)
    written = json.loads((cache.folder(key) / "record.json").read_bytes())
    assert written == before
    assert list(written) == list(before)
