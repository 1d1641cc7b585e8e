"""A command of the author's own that brings the built site to its host."""

import os
import subprocess
from pathlib import Path

from tubegen.errors import InputError, Problem


def run_command(command: str, folder: Path, site: str) -> None:
    """Run `command` by the shell with `TUBEGEN_OUTPUT`, the folder of the built site, and `TUBEGEN_SITE`, its address.

    What it prints is seen. Raises InputError when it fails."""
    environment = {**os.environ, "TUBEGEN_OUTPUT": str(folder), "TUBEGEN_SITE": site}
    status = subprocess.run(command, shell=True, env=environment).returncode  # noqa: S602 - the author wrote it
    if status:
        raise InputError(
            Problem("tubegen.toml", 0, f"the command ended with {status}: {command}", "see above")
        )
