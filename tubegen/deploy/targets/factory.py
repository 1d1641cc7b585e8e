"""Opens a target by its kind; the library of each kind is imported for it alone."""

from importlib.util import find_spec
from pathlib import Path

from tubegen.config.deploy import TargetConfig
from tubegen.deploy.targets import Target
from tubegen.errors import Problem, ToolMissing


def open_target(config: TargetConfig, site: Path, *, below: str = "") -> Target:
    """The target of `config`, or the folder `below` in it. Raises InputError, ToolMissing."""
    if config.kind == "s3":
        _need("obstore")
        from tubegen.deploy.targets.bucket import BucketTarget

        url = f"{config.url.rstrip('/')}/{below}" if below else config.url
        return BucketTarget(url, endpoint=config.endpoint, region=config.region)
    if config.kind == "sftp":
        _need("asyncssh")
        from tubegen.deploy.targets.sftp import SftpTarget

        return SftpTarget(config.url, below=below)
    from tubegen.deploy.targets.folder import FolderTarget

    return FolderTarget(site / config.url / below)


def _need(module: str) -> None:
    if find_spec(module) is None:
        text = f"deploying there needs the library {module}"
        raise ToolMissing(Problem("", 0, text, "install it: pip install 'tubegen[deploy]'"))
