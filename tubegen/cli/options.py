"""Options and arguments that several commands share."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def site_argument() -> Decorator:
    return click.argument(
        "site", default=".", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="[SITE]"
    )


def output_option() -> Decorator:
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Where the finished site goes.  [default: SITE/public]",
    )


def drafts_option() -> Decorator:
    return click.option("--drafts", is_flag=True, help="Publish drafts and what is dated in the future, too.")


def json_option() -> Decorator:
    return click.option(
        "--json", "as_json", is_flag=True, help="Report as JSON lines on standard output, for machines."
    )


def port_options() -> Decorator:
    def both(function: Callable[..., Any]) -> Callable[..., Any]:
        port = click.option(
            "--port", default=8000, show_default=True, help="The next free one is taken when it is in use."
        )
        host = click.option(
            "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 shows it to the whole network."
        )
        return host(port(function))

    return both


def output_folder(site: Path, output: Path | None) -> Path:
    return (output or site / "public").absolute()


def now() -> dt.datetime:
    """The present, or SOURCE_DATE_EPOCH where builds must not depend on it (reproducible-builds.org)."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return dt.datetime.now(dt.UTC)
