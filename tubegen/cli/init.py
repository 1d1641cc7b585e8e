"""`tubegen init`"""

import datetime as dt
import json
from pathlib import Path

import click

from tubegen.atomic import write_atomically
from tubegen.errors import InputError, Problem

_FILES = {
    "tubegen.toml": """\
[site]
title = {title}
# Where the site will live. Links in feeds and previews need the whole address.
url = {url}
language = {language}
description = ""

# What every video takes when it says nothing itself:
[defaults]
licence = "CC-BY-SA-4.0"

[media]
# Short sides of the renditions, in pixels; none is made larger than its source.
renditions = [1080, 720, 480, 240]

[p2p]
# Whether viewers pass on what they watch: "on", "ask" or "off".
mode = "ask"

# So that people follow the site from Mastodon and PeerTube; see `tubegen sidecar --help`.
# [federation]
# handle = "films"
""",
    ".gitignore": """\
# Made by tubegen, can be made again
/public/
/.tubegen/
# Followers, replies and private keys: to be kept, but never in public
/federation/
""",
    "content/films/index.md": """\
---
title: Films
description: What we filmed.
---

A channel is a folder in `content/`. This text is its page.
""",
    "content/films/first-film/index.md": """\
---
title: Our first film
date: {today}
description: One sentence, for cards and previews.
tags: [first]
draft: true
---

Put a video file next to this text, whatever it is called, and take `draft: true` out.

Captions go beside it as `en.vtt` or `fr.srt`, a picture as `cover.jpg`.
""",
    "pages/about.md": """\
---
title: About
---

Who we are, and how to reach us.
""",
}


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", help="Name of the site.  [default: made of the folder's]")
@click.option("--url", default="https://example.org/", show_default=True, help="Where the site will live.")
@click.option("--language", default="en", show_default=True, help="BCP 47 tag of the site's language.")
def command(folder: Path, title: str | None, url: str, language: str) -> None:
    """Begin a new site in FOLDER: a few small files that build at once, to be filled with yours.

    \b
    Example:
      tubegen init films --title "Harbour Films" --url https://films.example
    """
    if folder.is_dir() and any(entry for entry in folder.iterdir() if entry.name != ".git"):
        raise InputError(Problem(str(folder), 0, "there is something in this folder", "name a new one"))
    name = title or folder.absolute().name.replace("-", " ").replace("_", " ").title()
    values = {
        "title": json.dumps(name, ensure_ascii=False),
        "url": json.dumps(url, ensure_ascii=False),
        "language": json.dumps(language, ensure_ascii=False),
        "today": dt.date.today().isoformat(),
    }
    for path, text in _FILES.items():
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", value)
        write_atomically(folder / path, text.encode())
        click.echo(f"  {folder / path}", err=True)
    click.echo(f"\nNext: tubegen dev {folder}", err=True)
