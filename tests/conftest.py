"""What every test shares: real processes, real browsers, and no test that is skipped.

`demo` and `browser` are made once and used by all; a test makes its own users and visitors.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, Playwright, async_playwright, expect

from tests.browsers import ALLOWED, BLOCKED, DENIED, WAIT_MILLISECONDS, Visitor, chromium, visitor
from tests.deployments import CROSS_SITE, SAME_SITE, Demo, running_demo

# No property depends on how fast the machine is, or how busy; what else is set stays as it is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

NewVisitor = Callable[[], Awaitable[Visitor]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add where pictures go; without it they are made all the same, and thrown away."""
    parser.addoption("--pictures", type=Path, help="keep the pictures of the demo in this folder")


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give the folder for pictures."""
    kept: Path | None = request.config.getoption("pictures")
    return kept.absolute() if kept else tmp_path


@pytest_asyncio.fixture(scope="session")
async def playwright() -> AsyncGenerator[Playwright]:
    """Start Playwright's driver, which waits for what has to come as long on any machine."""
    expect.set_options(timeout=WAIT_MILLISECONDS)
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session")
async def cookies_allowed(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Browser]:
    """Start a Chromium that keeps third-party cookies."""
    profile = tmp_path_factory.mktemp("allowed")
    async with chromium(playwright, profile, cookies=ALLOWED) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session")
async def cookies_blocked(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Browser]:
    """Start a Chromium that refuses third-party cookies."""
    profile = tmp_path_factory.mktemp("blocked")
    async with chromium(playwright, profile, cookies=BLOCKED) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session")
async def cookies_denied(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Browser]:
    """Start a Chromium that keeps nothing of anybody but the applications."""
    profile = tmp_path_factory.mktemp("denied")
    async with chromium(playwright, profile, cookies=DENIED) as browser:
        yield browser


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Browser:
    """Give the Chromium that the parameter asks for: "allowed" if it says nothing, or another."""
    setting: str = getattr(request, "param", "allowed")
    made: Browser = request.getfixturevalue(f"cookies_{setting}")
    return made


@pytest_asyncio.fixture
async def new_visitor(browser: Browser) -> AsyncGenerator[NewVisitor]:
    """Give a function that lets one more person open the browser; all leave after the test."""
    people: list[Visitor] = []

    async def enter() -> Visitor:
        people.append(await visitor(browser))
        return people[-1]

    yield enter
    for person in people:
        await person.context.close()


@pytest.fixture(scope="session")
def demo_same_site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Demo]:
    """Start the demo on two origins of one site."""
    with running_demo(tmp_path_factory.mktemp("same-site"), cross_site=False) as demo:
        yield demo


@pytest.fixture(scope="session")
def demo_cross_site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Demo]:
    """Start the demo on two sites."""
    with running_demo(tmp_path_factory.mktemp("cross-site"), cross_site=True) as demo:
        yield demo


@pytest.fixture
def demo(request: pytest.FixtureRequest) -> Demo:
    """Give the demo that the parameter asks for: "same-site" (the default) or "cross-site"."""
    fixtures = {SAME_SITE: "demo_same_site", CROSS_SITE: "demo_cross_site"}
    made: Demo = request.getfixturevalue(fixtures[getattr(request, "param", SAME_SITE)])
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares a browser or a demo in one worker, so that each is started once."""
    shared = {"playwright", "browser", "demo", "demo_same_site", "demo_cross_site"}
    for item in items:
        if shared & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("browser"))


def _without_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure: it would hide that a component is missing.

    An expected failure (`xfail`) has the outcome "skipped" too, and stays as it is.
    """
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but what a test needs is installed: {report.longrepr}"


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
