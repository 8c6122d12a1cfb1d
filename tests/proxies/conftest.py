"""What stands behind a proxy once, and one proxy after the other before it."""

from collections.abc import Generator

import pytest

from examples.proxies.fronts import FRONTS
from tests.proxies.apache import Identified
from tests.proxies.envoy import running_envoy
from tests.proxies.scene import Behind, Proxied, running_behind, running_front


@pytest.fixture(scope="session")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Generator[Behind]:
    """Start all that stands behind a proxy."""
    with running_behind(tmp_path_factory.mktemp("proxied")) as started:
        yield started


@pytest.fixture(scope="session", params=FRONTS)
def proxied(request: pytest.FixtureRequest, behind: Behind) -> Generator[Proxied]:
    """Put one proxy after the other before it, on the same ports."""
    with running_front(request.param, behind) as front:
        yield front


@pytest.fixture(scope="session")
def envoy(tmp_path_factory: pytest.TempPathFactory) -> Generator[Identified]:
    """Start Envoy that logs users in itself, and all that is around it."""
    with running_envoy(tmp_path_factory.mktemp("envoy")) as started:
        yield started
