"""What docs/deploy gives to systemd and to containers: each is understood by who reads it, and they fit each other."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from tubegen.cli.sidecar import run
from tubegen.sidecar.load import load_settings
from tubegen.sidecar.settings import Settings

DOCS = Path(__file__).parents[3] / "docs/deploy"
UNIT = (DOCS / "tubegen-sidecar.service").read_text()
CONTAINERFILE = (DOCS / "Containerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((DOCS / "compose.yaml").read_text())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "tubegen-sidecar.service"
    # Only that the program is not installed here, nor its user, may differ.
    unit.write_text(UNIT.replace("/opt/tubegen/bin/tubegen", "/bin/true").replace("User=films", "User=root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def started(words: list[str], folder: Path, environment: dict[str, str]) -> Settings:
    """What a sidecar that is started so for a site in `folder` works with."""
    assert words[1] == "sidecar"
    (folder / "tubegen.toml").write_text(
        '[site]\ntitle = "F"\nurl = "https://films.example/"\n[federation]\nhandle = "films"\n'
    )
    with run.make_context("run", [str(folder), *words[3:]]) as context:
        assert isinstance(context, click.Context)
        given = {name: text for name, text in context.params.items() if name != "site" and text is not None}
    return load_settings(folder, flags=given, environment=environment)


def test_the_unit_starts_a_sidecar_that_may_write_where_it_must(tmp_path: Path) -> None:
    command = re.search(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)
    assert command
    words = command[1].split()
    settings = started(words, tmp_path, {})
    assert settings.listen == ("127.0.0.1", 8080)
    written = {settings.keys.parent, Path(settings.database.removeprefix("sqlite:///")).parent}
    assert written == {tmp_path / "federation"}
    assert f"ReadWritePaths=-{words[2]}/federation\n" in UNIT
    assert f"install -d -o films -g films -m 0750 {words[2]}/federation\n" in UNIT


def test_the_image_keeps_all_it_must_keep_in_its_volume(tmp_path: Path) -> None:
    entry = re.search(r"^ENTRYPOINT (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    assert entry
    words: list[str] = json.loads(entry[1])
    variables = re.search(r"^ENV (.*)$", CONTAINERFILE, re.MULTILINE)
    assert variables
    environment = dict(pair.split("=", 1) for pair in variables[1].split())
    settings = started(words, tmp_path, environment)
    assert environment["PATH"].startswith("/opt/tubegen/bin:")
    assert words[2] == "/site"
    assert settings.listen == ("0.0.0.0", 8080)
    assert {str(settings.keys.parent), settings.database} == {"/state", "sqlite:////state/sidecar.sqlite"}
    for line in ("EXPOSE 8080", "VOLUME /state", "USER films"):
        assert f"{line}\n" in CONTAINERFILE


def test_the_containers_find_each_other() -> None:
    sidecar, caddy = COMPOSE["services"]["sidecar"], COMPOSE["services"]["caddy"]
    context = (DOCS / sidecar["build"]["context"]).resolve()
    assert (context / sidecar["build"]["dockerfile"]) == DOCS / "Containerfile"
    mounted = [volume.split(":") for service in (sidecar, caddy) for volume in service["volumes"]]
    for source, target, *_ in mounted:
        if source.startswith("./"):
            assert (DOCS / source).exists()
        assert source.startswith(("./", "/")) or source in COMPOSE["volumes"], source
        assert target.startswith("/")
    front = (DOCS / "Caddyfile").read_text()
    assert caddy["environment"]["SIDECAR"] == "sidecar:8080"
    assert front.count("reverse_proxy {$SIDECAR:127.0.0.1:8080}") == front.count("reverse_proxy")
    (pages,) = (target for source, target, *_ in mounted if source == "/srv/films/public")
    assert f"root * {pages}\n" in front
