"""One clip: `tubegen build` against bare ffmpeg doing the same, and against PeerTube's way.

Bare: one process, a scaling cascade, the same x264 settings, sound encoded once: the least that these
renditions can cost. PeerTube's way: an ffmpeg per rendition with its flags and one thread, each decoding
the source and encoding the sound again; and the same with its jobs for stills, which a build of ours makes, too.
The two are compared at what it would make: five renditions, at x264's factor of 23. Our own are four, and finer.
Then what copying the largest rendition saves, and what AV1 costs beside H.264 with an SVT-AV1 that is good enough,
where there is one.
"""

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.clip import clip_in, modern_ffmpeg
from benchmarks.measure import ROOT, Cost, Row, Silent, cost, interleaved, own_cost
from tubegen.config import MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.encode.loudness import gain
from tubegen.media.ffmpeg.capabilities import abilities
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.package.hls import whole
from tubegen.media.package.storyboard import make_storyboard, take_poster
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan.plan import Plan, make_plan
from tubegen.media.source.probe import digest, probe

RUNS = int(os.environ.get("RUNS", "3"))
_ENCODED = 'copy = false\nav1 = "off"\n'
_THEIRS = (1080, 720, 480, 360, 240)
_AS_THEIRS = f"""\
av1 = "off"
renditions = {list(_THEIRS)}
quality = "theirs"
copy = {{copy}}
[media.qualities.theirs]
like = "default"
crf = 23
"""


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        clip = clip_in(scratch)
        ffmpeg = Ffmpeg()
        found, able = probe(ffmpeg, clip, digest(clip)), abilities(ffmpeg)
        plan = make_plan(found, MediaConfig(copy=False, av1="off"), able)
        their_plan = make_plan(found, MediaConfig(copy=False, av1="off", renditions=_THEIRS), able)
        build = partial(_tubegen, scratch, clip)
        costs = interleaved(
            RUNS,
            {
                "tubegen": lambda: build(_ENCODED),
                "extras": lambda: _extras(scratch, clip),
                "cascade": lambda: _bare(scratch, clip, plan),
                "like theirs": lambda: build(_AS_THEIRS.format(copy="false")),
                "peertube": lambda: _peertube(scratch, clip, their_plan),
                "pictures": lambda: _peertube_pictures(scratch, clip, plan),
                "copied": lambda: build(_AS_THEIRS.format(copy="true")),
            },
        )
        av1 = _av1(partial(_tubegen, scratch, clip))
    ours, bare, theirs, copied = costs["tubegen"], costs["cascade"], costs["peertube"], costs["copied"]
    alike = costs["like theirs"]
    all_of_it, extras = theirs.and_then(costs["pictures"]), costs["extras"]
    name = f"build of {plan.duration:.0f} s of {plan.renditions[0].name}"
    cascade, peertube, stills = "bare cascade", "PeerTube's way", "PeerTube's way, its stills too"
    return [
        Row(f"{name}, CPU", ours.cpu, "s", cascade, ours.cpu_against(bare), "<= 1.08"),
        Row(f"{name}, wall", ours.wall, "s", cascade, ours.wall_against(bare), "<= 1.08"),
        Row("as it would be there, CPU", alike.cpu, "s", peertube, alike.cpu_against(theirs), "<= 0.70"),
        Row("as it would be there, wall", alike.wall, "s", peertube, alike.wall_against(theirs), "<= 0.50"),
        Row("as it would be there, CPU", alike.cpu, "s", stills, alike.cpu_against(all_of_it), ""),
        Row("as it would be there, wall", alike.wall, "s", stills, alike.wall_against(all_of_it), ""),
        Row("the largest copied, CPU", copied.cpu, "s", peertube, copied.cpu_against(theirs), ""),
        Row("the largest copied, wall", copied.wall, "s", peertube, copied.wall_against(theirs), "<= 0.30"),
        Row("loudness, stills, CPU", extras.cpu, "s", cascade, extras.cpu_against(bare), "<= 0.03"),
        *av1,
    ]


def _av1(build: partial[Cost]) -> list[Row]:
    program = modern_ffmpeg()
    if program is None:
        return []
    costs = interleaved(
        RUNS,
        {
            "without": lambda: build(_ENCODED, TUBEGEN_FFMPEG=program),
            "with": lambda: build('copy = false\nav1 = "on"\n', TUBEGEN_FFMPEG=program),
        },
    )
    alone, both = costs["without"], costs["with"]
    return [Row("the same with AV1 twins, CPU", both.cpu, "s", "without", both.cpu_against(alone), "<= 1.40")]


def _tubegen(scratch: Path, clip: Path, media: str, **environment: str) -> Cost:
    site = scratch / "site"
    shutil.rmtree(site, ignore_errors=True)
    (site / "content" / "films").mkdir(parents=True)
    (site / "tubegen.toml").write_text(
        f'[site]\ntitle = "Bench"\nurl = "https://bench.example/"\n[media]\n{media}'
    )
    (site / "content" / "films" / "clip.mp4").symlink_to(clip)
    (site / "content" / "films" / "clip.md").write_text("---\ndate: 2026-01-01\n---\n")
    return cost([str(ROOT / ".venv/bin/tubegen"), "build", str(site), "--quiet"], **environment)


def _extras(scratch: Path, clip: Path) -> Cost:
    """Measuring the sound and drawing the stills of the site that was built last."""
    site, folder = scratch / "site", scratch / "stills"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with MediaPipeline(
        Cache(site / ".tubegen" / "cache"), MediaConfig(copy=False, av1="off"), Silent()
    ) as pipeline:
        plan = pipeline.plan(clip)
        made, made_in = pipeline.ready(plan), pipeline.presentation_folder(plan)
        assert made
        small = min(made.renditions, key=lambda rendition: rendition.height)
        film = whole(made_in, small.playlist, folder / "small.mp4")

        def extras() -> None:
            gain(pipeline.ffmpeg, clip, plan, plan.audio_tracks[0])
            board, _ = make_storyboard(pipeline.ffmpeg, film, (small.width, small.height), plan, folder)
            take_poster(pipeline.ffmpeg, made_in / made.download.name, plan, board, folder, folder)

        return own_cost(extras)


def _bare(scratch: Path, clip: Path, plan: Plan) -> Cost:
    graph, label = [], "0:v"
    for n, rendition in enumerate(plan.renditions):
        last = n == len(plan.renditions) - 1
        split = "" if last else f",split[out{n}][next{n}]"
        graph.append(f"[{label}]scale={rendition.width}:{rendition.height}{split or f'[out{n}]'}")
        label = f"next{n}"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(clip), "-filter_complex", ";".join(graph)]
    for n, rendition in enumerate(plan.renditions):
        command += [
            "-map",
            f"[out{n}]",
            "-c:v",
            "libx264",
            "-preset",
            plan.effort.preset,
            "-crf",
            str(plan.effort.crf),
        ]
        command += ["-maxrate", str(rendition.maxrate), "-bufsize", str(2 * rendition.maxrate)]
        command += [
            "-g",
            str(plan.gop),
            "-keyint_min",
            str(plan.gop),
            "-sc_threshold",
            "0",
            "-flags",
            "+cgop",
        ]
        command += ["-pix_fmt", "yuv420p", "-movflags", "+faststart", str(scratch / f"bare-{n}.mp4")]
    command += [
        "-map",
        "0:a:0",
        "-c:a",
        "aac",
        "-b:a",
        f"{plan.effort.audio_kbps}k",
        "-ac",
        "2",
        str(scratch / "bare.m4a"),
    ]
    return cost(command)


def _peertube_pictures(scratch: Path, clip: Path, plan: Plan) -> Cost:
    """Its previews for the time line, at most 11 by 11 of them from a decode of the whole source, and its thumbnail."""
    every = max(1.0, plan.duration / 121)
    sprite = f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{every})',scale=192:-2,tile=11x11"
    half = str(plan.duration / 2)
    one = ("-frames:v", "1")
    jobs = [
        ["-i", str(clip), "-vf", sprite, *one, str(scratch / "sprite.jpg")],
        ["-ss", half, "-i", str(clip), "-vf", "thumbnail=50", *one, str(scratch / "thumbnail.jpg")],
    ]
    costs = [cost(["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", *job]) for job in jobs]
    return Cost(sum(job.cpu for job in costs), sum(job.wall for job in costs))


def _peertube(scratch: Path, clip: Path, plan: Plan) -> Cost:
    rate = round(plan.rate[0] / plan.rate[1])
    total = Cost(0, 0)
    for rendition in plan.renditions:
        flags = (
            f"-acodec aac -ac 2 -vcodec libx264 -threads 1 -max_muxing_queue_size 1024 -map_metadata -1 "
            f"-pix_fmt yuv420p -vf scale=w=-2:h={rendition.height} -preset veryfast "
            f"-maxrate {rendition.maxrate} -bufsize {2 * rendition.maxrate} -b_strategy 1 -bf 16 "
            f"-r {rate} -g {2 * rate} -f hls -hls_time 4 -hls_list_size 0 -hls_playlist_type vod "
            f"-hls_segment_type fmp4 -hls_flags single_file"
        )
        output = [
            "-hls_segment_filename",
            str(scratch / f"theirs-{rendition.name}.mp4"),
            str(scratch / "theirs.m3u8"),
        ]
        done = cost(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(clip), *flags.split(), *output])
        total = Cost(total.cpu + done.cpu, total.wall + done.wall)
    return total
