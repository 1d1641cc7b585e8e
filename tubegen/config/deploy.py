"""[deploy.NAME] of `tubegen.toml`: where the site goes. Keys and passwords never stand here."""

import re
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

import msgspec

from tubegen.schema import Table

Kind = Literal["s3", "sftp", "folder", "git", "command"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_SCHEMES: dict[str, tuple[str, str]] = {
    "s3": (r"(s3|gs|az)://[^/\s]{3,}", "s3://bucket/prefix"),
    "sftp": (r"sftp://[^/\s]+/", "sftp://user@host/srv/www"),
    "folder": (r".", "/srv/www/films"),
    "git": (r".", "git@forge.example:films/pages.git"),
    "command": (r"", ""),
}


class TargetConfig(msgspec.Struct, frozen=True, kw_only=True):
    """[deploy.NAME]"""

    name: str
    """NAME, as `tubegen deploy --to NAME` takes it."""
    kind: Kind
    """s3 (and all that speaks its language, Google Cloud Storage, Azure), sftp, folder, git (a branch that a forge
    shows as Pages) or command."""
    url: str = ""
    """Where to: `s3://bucket/prefix`, `gs://…`, `az://…`, `sftp://user@host/srv/www`, a folder, a git remote."""
    endpoint: str = ""
    """Address of an S3 server that is not Amazon's."""
    region: str = ""
    """Region of the bucket, where its host wants one."""
    branch: str = "pages"
    """Branch of a git remote."""
    command: str = ""
    """What to run; the folder of the built site is in `TUBEGEN_OUTPUT`."""


def read_targets(table: Table) -> tuple[TargetConfig, ...]:
    """The targets below [deploy]; the first one is the default."""
    targets = tuple(_target(table.table(name), name) for name in table.names())
    table.done()
    return targets


def _target(table: Table, name: str) -> TargetConfig:
    if table.take("kind") is None:
        table.wrong("", "'kind' is missing", f"write one of: {', '.join(KINDS)}")
    kind = table.choice("kind", "folder", KINDS, what="a kind of target")
    target = TargetConfig(
        name=name,
        kind=cast("Kind", kind),
        url=_url(table, kind),
        endpoint=table.address("endpoint"),
        region=table.text("region"),
        branch=table.text("branch", "pages"),
        command=table.text("command", required=kind == "command"),
    )
    _refuse_secrets(table)
    table.done()
    return target


def _url(table: Table, kind: str) -> str:
    pattern, example = _SCHEMES[kind]
    url = table.text("url", required=kind != "command")
    if url and not re.match(pattern, url):
        table.wrong("url", f"'{url}' is not an address for kind = \"{kind}\"", f'write such as "{example}"')
    elif "://" in url and urlsplit(url).password:
        table.wrong("url", "a password stands in it", "take it out, and use a key or the environment")
    return url


def _refuse_secrets(table: Table) -> None:
    for key in table.names():
        if re.search(r"secret|password|token|access_?key", key):
            table.take(key)
            table.wrong(
                key,
                f"'{key}' is a secret, and this file is shared",
                "take it out, make it invalid at the host, and give a new one by the environment",
            )
