"""Apache before both, in a browser: it logs in, one token is for both, and its certificate tells."""

from collections.abc import Generator

import pytest

from tests.browser.people import frames_show
from tests.conftest import NewVisitor
from tests.proxies.apache import Identified, running_apache
from tests.proxies.test_fronts import SSN, save


@pytest.fixture(scope="module", params=["apache", "tokenizer"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Identified]:
    """Start it, with one or the other told of log-outs at the provider."""
    with running_apache(tmp_path_factory.mktemp("apache"), told=request.param) as started:
        yield started


async def test_a_value_is_typed_and_shown_without_a_redirect(
    told: Identified, new_visitor: NewVisitor
) -> None:
    ada = await new_visitor()
    await told.log_in(ada.page, "ada")
    await save(ada.page)
    asked = [each.url for each in ada.requests]
    assert not [each for each in asked if "/.lunasec/" in each or "/session/create" in each]
    assert await frames_show(ada.page, SSN)
