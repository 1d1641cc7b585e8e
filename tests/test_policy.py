"""The suite's own rules: nothing is skipped where everything has to be there, and few tests may need a rerun."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.policy import MOST_RERUN

ROOT = Path(__file__).parent.parent

SKIPPING = """
import pytest

def test_passes():
    pass

def test_skips():
    pytest.skip("no such server here")
"""

SHAKY = """
import pathlib
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_shaky(number, request):
    mark = pathlib.Path(__file__).with_name(f"mark-{{number}}")
    if not mark.exists():
        mark.touch()
        raise OSError
"""


def run(folder: Path, text: str, *options: str, **environment: str) -> tuple[int, str]:
    (folder / "test_inner.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.policy", "-p", "no:cacheprovider", "-q", *options, folder],
        env={**os.environ, "PYTHONPATH": str(ROOT), "CI": "", **environment},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_a_skip_is_a_failure_where_everything_has_to_be_there(tmp_path: Path) -> None:
    code, output = run(tmp_path, SKIPPING)
    assert code == 0
    assert "1 passed, 1 skipped" in output
    code, output = run(tmp_path, SKIPPING, CI="true")
    assert code == 1
    assert "no such server here" in output


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
@pytest.mark.parametrize(("count", "expected"), [(MOST_RERUN, 0), (MOST_RERUN + 1, 1)])
def test_a_few_tests_may_need_a_rerun(tmp_path: Path, count: int, expected: int, workers: list[str]) -> None:
    code, output = run(tmp_path, SHAKY.format(count=count), "--reruns", "1", *workers)
    assert code == expected
    assert f"{count} passed" in output
    end = output[output.index("tests that needed a rerun") :]
    assert all(f"test_shaky[{number}]" in end for number in range(count))
    assert ("the run has failed" in end) == bool(expected)
