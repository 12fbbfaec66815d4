"""
What every test module can use: the mark `proves`, the trial that shows a live check to fail, and the closing table.

The closing table names each group of tests that did not run with its reason, so that nothing is
skipped silently; with CI=true such a group fails the run.
"""

import os
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings

from avow.policy.promises import CHECKS, Promise

SHOWN_AT_START: set[str] = set()  # checks whose committed record was fresh before any test of this run wrote to it


# No test fails because the machine is busy: how long an example takes is for bench/ to say.
settings.register_profile("avow", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("avow")


class Trial:
    """One live check on trial: it must hold, fail while its mechanism is broken, and hold again."""

    def __init__(self, name, now):
        self.check = CHECKS[name]
        self.now = now
        self.seen = []

    def verdict(self):
        try:
            return self.check.run(self.now())
        except Exception as broken:
            return f"raised {type(broken).__name__}"

    def holds(self):
        why = self.verdict()
        assert why is None, f"{self.check.name} should hold, and says: {why}"
        self.seen.append("held")

    def fails(self):
        why = self.verdict()
        assert why is not None, f"{self.check.name} passes although its mechanism is broken"
        self.seen.append("failed")
        return why


@pytest.fixture
def shown_to_fail():
    """Put a live check on trial, and write down that it was seen to fail for the source as it stands."""
    from avow.evidence import shown

    @contextmanager
    def trial(name, *, how, now=lambda: datetime.now(UTC)):
        one = Trial(name, now)
        yield one
        assert one.seen[:1] == ["held"] and one.seen[-1:] == ["held"], "a trial begins and ends with a check that holds"
        assert "failed" in one.seen, "a trial sees the check fail at least once"
        shown.record(name, how, on=now().date())

    return trial


def pytest_collection_modifyitems(items):
    """Refuse a mark that names no promise."""
    for item in items:
        for mark in item.iter_markers("proves"):
            assert mark.args and all(isinstance(p, Promise) for p in mark.args), (
                f"{item.nodeid}: proves() takes members of Promise"
            )


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    """Name every test that did not run, and why."""
    skipped = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        skipped.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    terminalreporter.section("what did not run")
    if not skipped:
        terminalreporter.write_line("Every test ran.")
    for reason, tests in sorted(skipped.items()):
        files = sorted({node.split("::")[0] for node in tests})
        terminalreporter.write_line(f"{len(tests):4} tests  {reason}  ({', '.join(files)})")


def pytest_sessionfinish(session, exitstatus):
    """Under CI=true a test that did not run is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
