"""The scene of the attacks: a tokenizer, two applications with a hole, and a real browser."""

from collections.abc import Generator

import pytest

from tests.deployments import CROSS_SITE, SAME_SITE
from tests.scenes import Scene, running_scene


@pytest.fixture(scope="session")
def scene_same_site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Scene]:
    """Start the scene on origins of one site."""
    with running_scene(tmp_path_factory.mktemp("scene"), cross_site=False) as scene:
        yield scene


@pytest.fixture(scope="session")
def scene_cross_site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Scene]:
    """Start the scene on different sites."""
    with running_scene(tmp_path_factory.mktemp("scene"), cross_site=True) as scene:
        yield scene


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    """Give the scene that the parameter asks for: "same-site" (the default) or "cross-site"."""
    fixtures = {SAME_SITE: "scene_same_site", CROSS_SITE: "scene_cross_site"}
    made: Scene = request.getfixturevalue(fixtures[getattr(request, "param", SAME_SITE)])
    return made
