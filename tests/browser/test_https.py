"""The demo with a certificate of its own making: what a phone on the network is shown."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.people import SSN, TOKEN, Person
from tests.browsers import visitor
from tests.deployments import CROSS_SITE, SAME_SITE, running_demo


@pytest.mark.parametrize(
    ("site", "browser"), [(SAME_SITE, "allowed"), (CROSS_SITE, "blocked")], indirect=["browser"]
)
async def test_the_story_over_https(browser: Browser, site: str, tmp_path: Path) -> None:
    """Sign up, save a number, see it, log out and in, and see it again; nothing goes over http."""
    with running_demo(tmp_path, cross_site=site == CROSS_SITE, https=True) as demo:
        person = await visitor(browser, https=True)
        ada = Person(visitor=person, demo=demo, name="ada")
        await ada.sign_up()
        await ada.save(SSN)
        await ada.sees("#ssn-shown", SSN)
        assert TOKEN.fullmatch(await ada.stored_token())
        cookies = await person.context.cookies()
        ours = [each for each in cookies if each.get("name", "").startswith("__Host-lunasec")]
        assert ours
        assert all(each.get("secure") for each in cookies)
        await ada.log_out()
        await ada.log_in()
        await ada.sees("#ssn-shown", SSN)
        await ada.log_out()
        assert {each.url.partition(":")[0] for each in person.requests} == {"https"}
        assert not [each for each in person.console if "lunasec" in each]
        await person.context.close()
