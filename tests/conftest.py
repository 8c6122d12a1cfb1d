"""What every test shares."""

from collections.abc import Generator

import pytest


def _without_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure: it would hide that a component is missing.

    An expected failure (`xfail`) has the outcome "skipped" too, and stays as it is.
    """
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but a missing component is installed: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let no test be skipped."""
    report = yield
    _without_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let no module be skipped while tests are collected."""
    report = yield
    _without_skip(report)
    return report
