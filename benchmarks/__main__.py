"""Prints the table, or JSON."""

import argparse
import importlib
import json
import os
import sys

from benchmarks.measure import Row

NAMES = (
    "encode",
    "quality",
    "cluster",
    "rebuild",
    "weight",
    "lighthouse",
    "tracker",
    "sidecar",
    "inbox",
    "delivery",
    "start",
    "swarm",
    "deploy",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=sys.modules["benchmarks"].__doc__
    )
    parser.add_argument("name", nargs="?", choices=NAMES, help="one of them (default: all)")
    parser.add_argument(
        "--json", action="store_true", help="print [{name, value, unit, baseline, ratio, goal}]"
    )
    parser.add_argument("--clip", help="the video to encode (default: one that ffmpeg makes; or $CLIP)")
    asked = parser.parse_args()
    if asked.clip:
        os.environ["CLIP"] = asked.clip
    rows: list[Row] = []
    for name in [asked.name] if asked.name else NAMES:
        rows += importlib.import_module(f"benchmarks.{name}").rows()
    if asked.json:
        print(json.dumps([row._asdict() for row in rows], indent=1))
    else:
        _table(rows)


def _table(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("what", "value", "against", "ratio", "goal", box=None, header_style="bold")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
        table.add_row(row.name, f"{row.value:,.2f} {row.unit}".rstrip(), row.baseline, ratio, row.goal)
    Console(width=None if sys.stdout.isatty() else 120).print(table)


main()
