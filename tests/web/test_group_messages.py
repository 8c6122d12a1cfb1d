"""T19, T20: what a page can say to a group's frame, written as an attacker would."""

import json

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.attacker import embed, reference_of
from tests.web.elements import SSN, asked, field, shown, text
from tests.web.site import Site, grouped

ADD: dict[str, object] = {"type": "add", "id": 1, "role": "text", "hello": {}}
FIELDS = ".fields > div"

# Sends messages by the attacker's own port; a list of numbers is a list of 32-bit floats there.
SEND = """(messages) => groupPort.postMessage(messages.map(({ places, ...rest }) =>
  places ? { ...rest, places: Float32Array.from(places.map(Number)) } : rest))"""


async def theirs(site: Site, page: Page) -> Locator:
    """Have the attacker greet a group's frame of his own, and find its fields."""
    await site.show(page, field())
    assert await embed(site, page, "group", session=await reference_of(page))
    return page.frame_locator("body > iframe").locator(FIELDS)


async def send(page: Page, *messages: object) -> None:
    """Say something to the attacker's own frame."""
    await page.evaluate(SEND, list(messages))


def at(*numbers: float | str) -> dict[str, object]:
    """Write a message of places."""
    return {"type": "places", "places": [*numbers]}


async def test_places_are_finite_and_bounded(site: Site, bugged: Page) -> None:
    """A place that is no number, or out of this world, changes nothing; the others count."""
    root = await theirs(site, bugged)
    await send(bugged, ADD, at(1, 0, 10, 20, 30, 40))
    await expect(root).to_have_css("left", "10px")
    style = await root.get_attribute("style")
    odd = ["NaN", "Infinity", "-Infinity", "1e7", "-1e7"]
    for number in odd:
        for place in range(2, 6):
            numbers: list[float | str] = [1, 0, 10, 20, 30, 40]
            numbers[place] = number
            await send(bugged, at(*numbers))
    await send(bugged, at(1, 0, 5), at(2, 0, 1, 1, 1, 1), {"type": "places"})
    await bugged.evaluate("groupPort.postMessage({ type: 'places', places: [1, 0, 7, 7, 7, 7] })")
    await bugged.wait_for_timeout(200)
    assert await root.get_attribute("style") == style
    await send(bugged, at(1, 0, -5, 6, 7, 8))
    await expect(root).to_have_css("left", "-5px")


async def test_fields_are_few_and_of_known_kinds(site: Site, bugged: Page) -> None:
    """A number of fields is the most; an unknown kind, or one that is there, is none."""
    root = await theirs(site, bugged)
    roles = ("group", "coordinator", "../text", "text.js", "", "__proto__", "constructor")
    await send(bugged, *({**ADD, "id": 9, "role": each} for each in roles))
    await send(bugged, ADD, ADD, {**ADD, "hello": None}, {**ADD, "id": -1}, {**ADD, "more": 1})
    await send(bugged, *([0] * 20_000), {**ADD, "id": 8})
    await expect(root).to_have_count(1)
    for start in range(0, 6_000, 1_000):
        await send(bugged, *({**ADD, "id": start + each} for each in range(2, 1_002)))
    await expect(root).to_have_count(5_000)


@pytest.mark.parametrize("value", ["url(//evil.localhost/x)", "red} * {color: blue", "var(--x)"])
async def test_looks_are_words_and_numbers(site: Site, bugged: Page, value: str) -> None:
    """A look is judged as a single field's is, and stays within its own rule."""
    root = await theirs(site, bugged)
    requests = asked(bugged, "/x")
    names = ("color", "cursor", "font-family", "background-image", "content", "text-overflow")
    hostile = dict.fromkeys(names, value)
    looks = [
        {"type": "dress", "at": at, "style": hostile, "hint": hostile} for at in (0, 1, 7, 0.5)
    ]
    sound = {"type": "dress", "at": 0, "style": {**hostile, "color": "rgb(1, 2, 3)"}, "hint": {}}
    await send(bugged, ADD, *looks, sound, at(1, 0, 10, 20, 30, 40))
    await expect(root).to_have_css("color", "rgb(1, 2, 3)")
    rules = "[...document.adoptedStyleSheets[0].cssRules].map(({ cssText }) => cssText).slice(3)"
    found = await root.evaluate(f"() => {rules}")
    assert len(found) == 2
    assert "evil" not in json.dumps(found)
    assert "blue" not in json.dumps(found)
    await bugged.wait_for_timeout(200)
    assert not requests


async def test_a_flood_of_places(site: Site, bugged: Page) -> None:
    """Places, looks and orders without number keep the frames of a page from nothing for long."""
    [token] = await site.store(bugged, SSN)
    await theirs(site, bugged)
    grouped[bugged] = []
    await site.show(bugged, text(token) + field())
    assert await embed(site, bugged, "group", session=await reference_of(bugged))
    await expect(shown(bugged)).to_have_text(SSN)
    await bugged.evaluate(
        """() => {
          const add = (id) => ({ type: "add", id, role: "text", hello: {} });
          const ids = Array.from({ length: 1000 }, (_, at) => at + 1);
          const order = { type: "order", ids: ids.map(String).reverse() };
          groupPort.postMessage(ids.map(add));
          for (let at = 0; at < 500; at += 1) {
            const places = Float32Array.from(ids.flatMap((id) => [id, 0, at, id, 20 + at, 20]));
            const style = { color: `rgb(${at % 255}, 0, 0)`, "font-family": "a ".repeat(250) };
            const dress = { type: "dress", at: at % 10, style, hint: style };
            groupPort.postMessage([{ type: "places", places }, dress, at % 20 ? null : order]);
            groupPort.postMessage(Array(30_000).fill(0));
          } }"""
    )
    await bugged.evaluate("document.querySelector('secure-text').refresh()")
    await expect(shown(bugged)).to_have_text(SSN, timeout=20_000)


async def test_messages_are_each_fields_own(site: Site, bugged: Page) -> None:
    """What is said to one field is judged by that field's shapes, and reaches no other."""
    [token] = await site.store(bugged, SSN)
    root = await theirs(site, bugged)
    both = [ADD, {**ADD, "id": 2, "role": "input", "hello": {"validator": "", "mask": ""}}]
    await send(bugged, *both, at(1, 0, 0, 0, 99, 20), at(2, 0, 0, 30, 99, 20))
    show = {"type": "show", "token": token}
    odd: list[object] = [show, {**show, "more": 1}, [], None, {"type": "__proto__"}]
    for message in odd:
        await send(bugged, {"type": "to", "id": 2, "message": message})
        await send(bugged, {"type": "to", "id": "1", "message": message})
    await send(bugged, {"type": "to", "id": 1, "message": {**show, "more": 1}})
    await bugged.wait_for_timeout(300)
    await expect(root.nth(0).locator("span")).to_have_text("")
    await expect(root.nth(1).locator("span")).to_have_text("")
    await send(bugged, {"type": "to", "id": 1, "message": show})
    await expect(root.nth(0).locator("span")).to_have_text(SSN)
    # A session of another's is not named by a field: it is the frame's own.
    await send(bugged, {**ADD, "id": 3, "hello": {"session": "A" * 43}}, at(3, 0, 0, 60, 99, 20))
    await send(bugged, {"type": "to", "id": 3, "message": show})
    await expect(root.nth(2).locator("span")).to_have_text(SSN)
