"""What `tubegen build --plan` prints."""

import json
from collections.abc import Sequence

import click

from tubegen.assemble.pipeline import FilmPlan
from tubegen.cli.say import count, size, span
from tubegen.media.source.probe import Probe

_CONTAINERS = {"3g2": "MP4", "matroska": "Matroska", "mpegts": "MPEG-TS"}
"""What people call the containers that a probe names by their first demuxer."""


def say_plans(films: Sequence[FilmPlan], *, as_json: bool) -> None:
    """Every film with its source, its renditions and what is still to be done, then the sum; JSON lines when told."""
    if as_json:
        for film in films:
            click.echo(json.dumps({"event": "plan", **_facts(film)}, ensure_ascii=False))
        click.echo(json.dumps({"event": "total", **_total(films)}))
        return
    for film in films:
        facts = _facts(film)
        click.secho(f"{facts['video']}", bold=True)
        if film.probe is not None:
            click.echo(f"  source     {_source(film.probe)}")
        if film.film.plan.content == "screen":
            click.echo("  screen     it stands still for most of the time: sharper, with fewer key frames")
        for made in film.film.plan.renditions:
            rate = "as it is" if made.remuxed else f"at most {made.maxrate / 1e6:.2f} Mb/s"
            click.echo(f"  {made.name:<10} {made.width}x{made.height} {made.codec}, {rate}")
        click.echo(f"  {_state(film)}")
    total = _total(films)
    click.echo(
        f"{count(len(films), 'video')}, {total['videos_to_encode']} to encode: "
        f"{total['chunks_to_do']} of {total['chunks']} chunks, about {span(float(total['seconds']))}, "
        f"at most {size(float(total['room']))} on the disk."
    )


def _state(film: FilmPlan) -> str:
    if film.film.stale:
        return "ready      from an earlier source: the present one is refused"
    if film.film.presentation is not None:
        return "ready"
    chunks, todo = len(film.film.plan.chunks), len(film.film.todo)
    return (
        f"to encode  {todo} of {count(chunks, 'chunk')}, about {span(film.seconds)}, "
        f"at most {size(film.size)} when it is done"
    )


def _source(probe: Probe) -> str:
    video, sounds = probe.video, probe.audio_streams
    parts = [_CONTAINERS.get(probe.container, probe.container.upper())]
    if video is not None:
        parts += [
            f"{video.codec} {video.width}x{video.height}",
            f"{video.rate[0] / video.rate[1]:.3f}".rstrip("0").rstrip(".") + " fps",
            f"{video.end - video.start:.1f} s",
            "interlaced" if video.interlaced else "",
            video.hdr.upper(),
            f"turned by {video.rotation}°" if video.rotation else "",
        ]
    elif sounds:
        parts.append(f"{sounds[0].end - sounds[0].start:.1f} s")
    parts += [" ".join(filter(None, (sound.codec, sound.language, sound.title))) for sound in sounds]
    return ", ".join(part for part in parts if part)


def _facts(film: FilmPlan) -> dict[str, object]:
    plan = film.film.plan
    return {
        "video": film.film.video.slug,
        "ready": film.film.presentation is not None,
        "stale": film.film.stale,
        "source": _source(film.probe) if film.probe else "",
        "content": plan.content,
        "frames": plan.frames,
        "fps": plan.rate[0] / plan.rate[1],
        "seconds_of_film": round(plan.duration, 3),
        "renditions": [
            {
                "name": made.name,
                "width": made.width,
                "height": made.height,
                "codec": made.codec,
                "maxrate": made.maxrate,
                "copied": made.remuxed,
            }
            for made in plan.renditions
        ],
        "chunks": len(plan.chunks),
        "chunks_to_do": len(film.film.todo),
        "seconds": round(film.seconds, 1),
        "room": film.work.room,
        "size": film.size,
    }


def _total(films: Sequence[FilmPlan]) -> dict[str, float]:
    todo = [film for film in films if film.film.presentation is None]
    return {
        "videos": len(films),
        "videos_to_encode": len(todo),
        "chunks": sum(len(film.film.plan.chunks) for film in films),
        "chunks_to_do": sum(len(film.film.todo) for film in todo),
        "seconds": round(sum(film.seconds for film in todo), 1),
        "room": sum(film.work.room for film in todo),
    }
