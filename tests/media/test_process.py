"""Children under limits: each limit ends them, and says so in one line."""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tubegen.errors import MediaError, ToolMissing, TubegenError
from tubegen.media.ffmpeg.capabilities import abilities
from tubegen.media.ffmpeg.process import Done, Limits, Processes
from tubegen.media.ffmpeg.program import Ffmpeg, FfmpegError, FfmpegKilled


def python(code: str, limits: Limits, **options: object) -> Done:
    return Processes().run([sys.executable, "-c", code], limits, **options)  # type: ignore[arg-type]


def test_what_it_says_is_kept() -> None:
    done = python("import sys; print('out'); print('no', file=sys.stderr); sys.exit(3)", Limits())
    assert (done.status, done.out, done.errors, done.ended) == (3, b"out\n", "no\n", "")


def test_one_that_is_stopped_is_ended() -> None:
    code = "import os, signal; print('here', flush=True); os.kill(os.getpid(), signal.SIGSTOP)"
    done = python(code, Limits(patience=0.4))
    assert done.status == -signal.SIGKILL
    assert done.ended == "it stood still for 0 seconds"


def test_one_that_repeats_itself_is_ended() -> None:
    """As ffmpeg does, which tells its progress also when there is none."""
    code = "import time\nwhile True: print('frame=1', flush=True); time.sleep(0.1)"
    seen: list[bytes] = []
    done = python(code, Limits(patience=0.6), moved=lambda line: not seen and not seen.append(line))
    assert done.ended.startswith("it stood still")
    assert seen == [b"frame=1"]


def test_one_that_computes_for_ever_is_ended() -> None:
    done = python("while True: pass", Limits(cpu=0.2))
    assert done.ended == "it was not done after 0 seconds of computing"


def test_one_that_writes_for_ever_is_ended(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
    code += "with open('big', 'wb') as file:\n while True: file.write(bytes(65536))"
    assert python(code, Limits(file=1_000_000), folder=tmp_path).status == -signal.SIGXFSZ
    assert (tmp_path / "big").stat().st_size == 1_000_000


def test_one_that_wants_all_memory_does_not_get_it() -> None:
    done = python("bytearray(3 << 30)", Limits(memory=1 << 30))
    assert done.errors.splitlines()[-1] == "MemoryError"


def test_it_inherits_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("FFREPORT", "file=/tmp/report.log")
    names = python("import os; print(*os.environ)", Limits()).out.split()
    assert b"PATH" in names
    assert not {b"AWS_SECRET_ACCESS_KEY", b"FFREPORT", b"HOME"} & set(names)


if sys.platform == "linux":  # the only one that can

    def test_it_dies_with_the_process_that_started_it() -> None:
        inner = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(60)"
        outer = (
            "import os, signal, sys\nfrom tubegen.media.ffmpeg.process import Limits, Processes\n"
            "def told(line):\n os.write(1, line + b'\\n'); os.kill(os.getpid(), signal.SIGKILL)\n"
            f"Processes().run([sys.executable, '-c', {inner!r}], Limits(), moved=told)\n"
        )
        pid = int(python(outer, Limits()).out)
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        assert select.select([handle], [], [], 5)[0]
        os.close(handle)


SECRET = "The other file.\n"


def _sources(folder: Path, film: Path) -> dict[str, bytes]:
    """Files that open other files when ffmpeg reads them by their content, with a NUL so that they are no text."""
    (folder / "other.txt").write_text(SECRET)
    inner = f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{film}\n#EXT-X-ENDLIST\n"
    return {
        "hls": inner.encode() + b"# \0\xff\n",
        "concat": f"ffconcat version 1.0\nfile '{film}'\n".encode() + b"# \0\xff\n",
        "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><!--\0\xff--><Period><BaseURL>{film}</BaseURL></Period></MPD>'.encode(),
        "tty": b"\x1b[31m" + SECRET.encode() * 200 + b"\0\xff",
        "sdp": b"v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n#\0\xff\n",
        "webvtt": b"WEBVTT\n\n00:00.000 --> 00:01.000\n\0\xff\n",
    }


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "txt"])
def test_a_script_that_is_called_a_film_opens_nothing(suffix: str, tmp_path: Path, film: Path) -> None:
    ffmpeg = Ffmpeg()
    for kind, content in _sources(tmp_path, film).items():
        source = tmp_path / f"{kind}.{suffix}"
        source.write_bytes(content)
        with pytest.raises(MediaError, match=r"not a video|a playlist|Invalid") as fault:
            ffmpeg.inspect(source, "-show_format")
        assert len(str(fault.value).splitlines()) == 1
        with pytest.raises(FfmpegError):
            ffmpeg.output(["-i", f"file:{source}", "-f", "rawvideo", "-"], about=source)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/film.mp4", "concat:a.mp4|b.mp4", "data:video/mp4,x"])
def test_no_address_is_opened(address: str, tmp_path: Path) -> None:
    with pytest.raises(FfmpegError) as fault:
        Ffmpeg().output(["-i", address, "-f", "null", "-"], about=tmp_path)
    assert "whitelist" in str(fault.value) or "Invalid argument" in str(fault.value)


def test_a_hanging_ffmpeg_is_one_line(tmp_path: Path) -> None:
    ffmpeg, source = Ffmpeg(), tmp_path / "film.mp4"

    def stop() -> None:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    line = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if str(tmp_path).encode() in line and b"lavfi" in line:
                    os.kill(int(entry.name), signal.SIGSTOP)

    stopping = threading.Event()

    def frames(_: int) -> None:
        if not stopping.is_set():
            stopping.set()
            stop()

    picture = ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x64", "-c:v", "rawvideo", "-f", "avi"]
    with pytest.raises(FfmpegError, match=r"film\.mp4: ffmpeg could not do its work: it stood still"):
        ffmpeg.run(
            [*picture, str(tmp_path / "out")], about=source, frames=frames, limits=Limits(patience=0.5)
        )
    assert stopping.is_set()


def test_a_film_that_grows_too_large_is_one_line(tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180", "-c:v", "rawvideo", "-f", "avi"]
    with pytest.raises(FfmpegError, match="it wrote more than this film can come to"):
        Ffmpeg().run([*picture, str(tmp_path / "out")], about=tmp_path, limits=Limits(file=2_000_000))


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, script: str = "") -> Path:
        path = tmp_path / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return make


def test_the_ffmpeg_that_is_named_is_used(
    program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = program("ffmpeg-7")
    monkeypatch.setenv("TUBEGEN_FFMPEG", str(named))
    found = Ffmpeg()
    assert found.ffmpeg == str(named)
    assert found.ffprobe != str(named.with_name("ffprobe"))
    beside = program("ffprobe")
    assert Ffmpeg().ffprobe == str(beside)
    monkeypatch.setenv("TUBEGEN_FFMPEG", str(named / "nothing"))
    with pytest.raises(ToolMissing, match="which is not a program"):
        Ffmpeg()


@pytest.mark.parametrize(
    ("death", "fault", "said", "starts"),
    [
        ("KILL", FfmpegKilled, "was ended by signal 9, twice", 2),
        ("TERM", FfmpegKilled, "was ended by signal 15, twice", 2),
        ("SEGV", TubegenError, r"crashed \(signal 11\)", 1),
    ],
)
def test_who_is_killed_is_started_again_and_who_crashes_is_not(
    death: str, fault: type[TubegenError], said: str, starts: int,
    program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    begun = tmp_path / "begun"
    for name in ("ffprobe", "ffmpeg"):
        monkeypatch.setenv("TUBEGEN_FFMPEG", str(program(name, f"echo >> {begun}; kill -{death} $$")))
    ffmpeg = Ffmpeg()
    source = program("film.mp4")
    for work in (
        lambda: ffmpeg.run([], about=source),
        lambda: ffmpeg.output([], about=source),
        lambda: ffmpeg.inspect(source),
    ):
        begun.write_text("")
        with pytest.raises(fault, match=said):
            work()
        assert begun.read_text().count("\n") == starts


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("x: Invalid data found\nConversion failed!", "x: Invalid data found"),
        ("Error while decoding\n  Peak:  -inf dBFS", "Error while decoding"),
        ("out of luck", "out of luck"),
        ("", "it gave no reason"),
    ],
)
def test_the_reason_is_what_tells_one(
    said: str, reason: str, program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUBEGEN_FFMPEG", str(program("ffmpeg", f"printf '{said}' >&2; exit 1")))
    with pytest.raises(FfmpegError, match=f"its work: {reason}$"):
        Ffmpeg().run([], about=Path("film"))


def test_who_is_killed_on_trial_may_be_able_all_the_same(
    program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUBEGEN_FFMPEG", str(program("ffmpeg", "kill -KILL $$")))
    with pytest.raises(FfmpegKilled):
        abilities(Ffmpeg())


def test_without_ffprobe_there_is_still_ffmpeg(
    program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, film: Path
) -> None:
    monkeypatch.setenv("PATH", str(program("ffmpeg").parent))
    monkeypatch.setattr("tubegen.media.ffmpeg.program.find_spec", lambda name: None)  # nor PyAV
    found = Ffmpeg()
    assert found.ffprobe is None
    with pytest.raises(ToolMissing, match="ffprobe is not installed"):
        found.inspect(film)
