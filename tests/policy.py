"""Plugin of pytest: with CI=true a skipped test has failed; a run with many tests that needed a rerun has failed, too.

What by design does not apply on a machine is not collected, so that a skip always means that something is missing.
"""

import os
from collections.abc import Generator

import pytest

MOST_RERUN = 3
"""Tests that a busy machine may break at first in a run that passes."""

_RERUN = pytest.StashKey[set[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RERUN] = set()
    config.pluginmanager.register(_Reruns(config), "tubegen-reruns")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and with CI=true nothing may be missing: {report.longreprtext}"
    return report


class _Reruns:
    """Keeps the names of tests that were run again; workers send their reports to the one that counts."""

    def __init__(self, config: pytest.Config) -> None:
        self._names = config.stash[_RERUN]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome == "rerun":
            self._names.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if len(self._names) > MOST_RERUN and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._names:
            return
        terminalreporter.section("tests that needed a rerun")
        for name in sorted(self._names):
            terminalreporter.line(name)
        if len(self._names) > MOST_RERUN:
            many = f"{len(self._names)} tests needed a rerun, more than {MOST_RERUN}: the run has failed"
            terminalreporter.line(many, red=True)
