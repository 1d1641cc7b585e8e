"""`tubegen doctor`"""

import asyncio
import os
import platform
import shutil
import sys
import time
from pathlib import Path

import click

from tubegen import __version__
from tubegen.cli.options import site_argument
from tubegen.cli.say import count, printable, size
from tubegen.errors import ToolMissing, TubegenError
from tubegen.media.ffmpeg.capabilities import abilities, try_hardware
from tubegen.media.ffmpeg.hardware import NAMES
from tubegen.media.ffmpeg.process import cores
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.render.player import load_bundle

_LITTLE = 5_000_000_000
"""Free bytes below which a longer film may not fit."""


@click.command("doctor")
@site_argument()
@click.option("--federation", is_flag=True, help="Look at the running site instead, as other servers do.")
def command(site: Path, federation: bool) -> None:
    """Look whether this machine has what tubegen needs, and say what to install.

    What ffmpeg can do is tried, not looked up: it differs from build to build. With --federation the site that
    runs is asked all that other servers ask, from here. Where the sidecar's keys are, it is asked best.
    """
    if federation:
        _federation(site)
        return
    healthy = [_about(), _player(), _ffmpeg(), _disk(site)]
    if not all(healthy):
        sys.exit(2)
    click.echo("\nReady to build.")


def _federation(site: Path) -> None:
    from tubegen.sidecar.doctor import examine
    from tubegen.sidecar.load import load_settings

    settings = load_settings(site, flags={}, environment=os.environ)
    costs = 0

    async def look() -> bool:
        nonlocal costs
        stands = True
        async for found in examine(settings, clock=time.time):
            weak = found.grade == "weak"
            costs += weak
            stands &= _line(found.grade == "good", found.text, found.hint, warning=weak)
        return stands

    if not asyncio.run(look()):
        sys.exit(2)
    click.echo(
        "\nOther servers can follow." + (f" {count(costs, 'thing')} could be better." if costs else "")
    )


def _about() -> bool:
    python = platform.python_version()
    return _line(True, f"tubegen {__version__}, Python {python}, {platform.system()} with {cores()} cores")


def _player() -> bool:
    try:
        load_bundle()
    except TubegenError as fault:
        return _line(False, "player", str(fault))
    return _line(True, "player bundle")


def _ffmpeg() -> bool:
    try:
        ffmpeg = Ffmpeg()
    except ToolMissing as fault:
        return _line(False, "ffmpeg", str(fault))
    able = abilities(ffmpeg)
    _line(True, f"ffmpeg {able.ffmpeg} at {ffmpeg.ffmpeg}")
    complete = "install a complete ffmpeg"
    stands = [
        _line(bool(able.x264), f"H.264 (libx264 {able.x264}), for every rendition", complete),
        _line(able.aac, "AAC, for sound", complete),
    ]
    _line(able.bwdif, "deinterlacing (bwdif), for video from cameras and television", complete, warning=True)
    _line(able.zscale, "tone mapping (zscale, tonemap), for HDR video from phones", complete, warning=True)
    old = f"SVT-AV1 {able.svt_av1} is slow" if able.svt_av1 else "there is no SVT-AV1"
    _line(
        able.svt_av1_version >= (2,),
        f"AV1 (SVT-AV1 {able.svt_av1}), for renditions of half the size" if able.svt_av1 else "AV1",
        f"{old}: pip install 'tubegen[ffmpeg]' has a newer ffmpeg",
        warning=True,
    )
    for name in NAMES:
        device = try_hardware(ffmpeg, name)
        if device is not None:
            whose = f" ({device})" if device else ""
            _line(True, f'H.264 in hardware{whose}: faster and larger films with [media] encoder = "{name}"')
    return all(stands)


def _disk(site: Path) -> bool:
    free = shutil.disk_usage(site).free
    hint = "a minute of 1080p takes about 100 MB while it is encoded" if free < _LITTLE else ""
    return _line(free >= _LITTLE, f"{size(free)} free where {site.absolute()} is", hint, warning=True)


def _line(good: bool, text: str, hint: str = "", *, warning: bool = False) -> bool:
    """Prints one finding; True when it does not stand in the way."""
    mark = (
        click.style("ok  ", fg="green")
        if good
        else click.style("weak" if warning else "MISS", fg="yellow" if warning else "red")
    )
    click.echo(f"{mark}  {printable(text)}" + (f": {hint}" if hint and not good else ""))
    return good or warning
