"""Envoy's own log-in and its own judging of tokens, before both, with a real provider."""

from playwright.async_api import expect

from tests.conftest import NewVisitor
from tests.logged_in import (
    REFERENCE,
    SSN,
    are_two_sessions,
    each_sees_his_own,
    goes_blank,
    save,
    shown_in,
)
from tests.proxies.apache import Identified

PLANT = """(pair) => {
  for (const path of ["/", "/session"]) {
    document.cookie = `${pair}; domain=lunasec.localhost; path=${path}; secure`;
  }
}"""
"""What a script in the application's page can do."""


async def test_a_value_is_typed_and_shown_without_a_redirect(
    envoy: Identified, new_visitor: NewVisitor
) -> None:
    """One log-in is for both hosts, and nobody vouches; each user sees his own value."""
    ada, bob = await new_visitor(), await new_visitor()
    await each_sees_his_own(ada, bob, envoy.application, envoy.log_in)


async def test_a_log_out_at_the_provider_ends_one_of_two_sessions(
    envoy: Identified, new_visitor: NewVisitor
) -> None:
    """Two log-ins of one user are two; the tokenizer alone is told, and of exactly one."""
    here, there = [await new_visitor() for _ in range(2)]
    await are_two_sessions(here, there, lambda page: envoy.log_in(page, "ada-2"))
    await envoy.log_out(await here.context.new_page())
    await goes_blank(here, there, "session_ended")
    await there.page.reload()
    await expect(shown_in(there.page)).to_have_text(SSN)


async def test_a_log_out_of_the_application_s_ends_all_of_it(
    envoy: Identified, new_visitor: NewVisitor
) -> None:
    """At both hosts and at the provider; who logs in again has another session."""
    ada = await new_visitor()
    await envoy.log_in(ada.page, "ada-3")
    await save(ada.page)
    before = await ada.page.evaluate(REFERENCE)
    other = await ada.context.new_page()
    await other.goto(f"{envoy.application}/proxy/log-out")
    await other.click("button[name=logout]")
    await expect(other.locator("input[name=login]")).to_be_visible()
    kept = {
        each.get("name") for each in await ada.context.cookies([envoy.application, envoy.secure])
    }
    assert not [each for each in kept if each in {"__Host-Token", "__Host-Seal", "__Host-IdToken"}]
    await envoy.log_in(ada.page, "ada-3")
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
    assert await ada.page.evaluate(REFERENCE) != before


async def test_t13_a_script_puts_nobody_into_another_s_session(
    envoy: Identified, new_visitor: NewVisitor
) -> None:
    """Mallory's own cookies, written by a page for the whole site, get to neither host."""
    mallory, ada = [await new_visitor() for _ in range(2)]
    for each, name in ((mallory, "mallory"), (ada, "ada-4")):
        await envoy.log_in(each.page, name)
        await save(each.page)
    own = {
        str(each.get("name")): str(each.get("value"))
        for each in await mallory.context.cookies(envoy.secure)
        if each.get("name") in {"__Host-Token", "__Host-Seal"}
    }
    assert len(own) == 2
    for name, value in own.items():
        await ada.page.evaluate(PLANT, f"{name}={value}")
    for host in (envoy.application, envoy.secure):
        kept = {each.get("value") for each in await ada.context.cookies(f"{host}/session/ensure")}
        assert kept.isdisjoint(own.values())
    await ada.page.reload()
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
