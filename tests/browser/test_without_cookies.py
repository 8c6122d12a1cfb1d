"""The story in a browser that lets the tokenizer keep nothing at all, in both deployments."""

from playwright.async_api import Page, expect

from tests.browser.people import SSN, Person
from tests.conftest import NewVisitor
from tests.deployments import Demo, without_cookies

KEPT = """async () => {
  const kept = [document.cookie];
  for (const name of ["localStorage", "sessionStorage"]) {
    try { kept.push(...Object.keys(window[name])); } catch {}
  }
  try { kept.push(...(await indexedDB.databases()).map((each) => each.name)); } catch {}
  try { kept.push(...await caches.keys()); } catch {}
  return kept.join("");
}"""


async def nothing_is_kept(ada: Person) -> None:
    """Look for anything of the tokenizer's in the browser, and for the secret in its documents."""
    cookies = await ada.visitor.context.cookies()
    assert {each.get("name", "") for each in cookies} == {"demo"}
    frames = [each for each in ada.visitor.page.frames if each.url.startswith(ada.demo.tokenizer)]
    assert frames
    for frame in frames:
        assert await frame.evaluate(KEPT) == ""
        assert "lunasec-secret" not in await frame.content()
        assert "handle" not in frame.url


def documents(page: Page) -> list[str]:
    """Give a list that grows with each document that comes by way of the application."""
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if "handle=" in each.url else None)
    return asked


@without_cookies
async def test_the_story_without_cookies(demo: Demo, new_visitor: NewVisitor) -> None:
    """Typed before there is a user, stored, shown to its own session, and to nobody else."""
    ada = await Person.arrive("ada", demo, new_visitor)
    bob = await Person.arrive("bob", demo, new_visitor)
    await ada.sign_up(ssn="457-55-5462")
    await ada.sees("#ssn-shown", "457-55-5462")
    await nothing_is_kept(ada)
    await ada.save(SSN)
    await ada.sees("#ssn-shown", SSN)
    token = await ada.stored_token()
    await bob.sign_up()
    await bob.opens("/admin")
    await bob.is_refused(f'secure-text[token="{token}"]')
    assert not await bob.frames_show(SSN)
    await ada.log_out()
    await ada.log_in()
    await ada.sees("#ssn-shown", SSN)
    assert await ada.stored_token() == token
    await nothing_is_kept(bob)


@without_cookies
async def test_log_out_blanks_pages_without_cookies(demo: Demo, new_visitor: NewVisitor) -> None:
    """What stands open in one tab is gone within 10 s after a log-out in another."""
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up(ssn=SSN)
    await ada.sees("#ssn-shown", SSN)
    other = await ada.visitor.context.new_page()
    await other.goto(f"{demo.application}/profile")
    await other.click("#log-out")
    await ada.visitor.page.bring_to_front()
    await ada.is_refused("#ssn-shown")
    assert not await ada.frames_show(SSN)


@without_cookies
async def test_another_user_without_cookies(demo: Demo, new_visitor: NewVisitor) -> None:
    """T12: who logs in next in the same browser sees nothing of the first one's."""
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up(ssn=SSN)
    await ada.sees("#ssn-shown", SSN)
    token = await ada.stored_token()
    await ada.log_out()
    bob = Person(visitor=ada.visitor, demo=demo, name=f"bob-{ada.name}")
    await bob.sign_up(ssn="457-55-5462")
    await bob.sees("#ssn-shown", "457-55-5462")
    await bob.opens("/admin")
    await bob.is_refused(f'secure-text[token="{token}"]')
    assert not await bob.frames_show(SSN)


async def test_the_detour_is_taken_once(demo: Demo, new_visitor: NewVisitor) -> None:
    """Where cookies arrive, no document comes by way of the application."""
    ada = await Person.arrive("ada", demo, new_visitor)
    detours = documents(ada.visitor.page)
    await ada.sign_up(ssn=SSN)
    await ada.sees("#ssn-shown", SSN)
    assert [each for each in detours if "/frame/" in each] == []


@without_cookies
async def test_a_detour_that_leads_nowhere(demo: Demo, new_visitor: NewVisitor) -> None:
    """Where the application refuses it, the elements say `cookies_blocked`, and nothing loops."""
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up()
    page = ada.visitor.page
    await page.goto("about:blank")  # what the page before still asks for does not count
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if "/.lunasec/" in each.url else None)
    await page.route("**/.lunasec/coordinator", lambda route: route.fulfill(status=404))
    await ada.opens("/profile")
    host = page.locator("#ssn")
    await expect(host.locator("[part=message]")).to_have_text("Cookies are blocked", timeout=20_000)
    assert await host.evaluate("each => each.problem.code") == "cookies_blocked"
    before = list(asked)
    assert sum("coordinator" in each for each in before) == 1
    await page.wait_for_timeout(6_000)
    assert asked == before
