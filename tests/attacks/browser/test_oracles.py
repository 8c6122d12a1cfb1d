"""T27: nothing that the page can observe depends on a stored value.

Non-interference, tested as such: the same page is loaded over two stored values that differ in
everything, the page records all that it can see, and the two records have to be equal.
"""

import asyncio
import json
from typing import cast

import pytest

from tests.attacks.browser.victims import Victim, script
from tests.browsers import debugger
from tests.conftest import NewVisitor
from tests.scenes import Scene

# Different in validity, length, script, line breaks, brand and grouping.
# Each compares pages over and over, until they are at rest.
pytestmark = pytest.mark.timeout(600)

VALUES = ("219-09-9999", "W" * 300 + " \U0001f600", "4111111111111111", "")

ATTRIBUTES = (
    "",
    "required",
    'validator="ssn" required',
    'validator="card"',
    'pattern="[0-5].*" required',
    'minlength="12"',
    'maxlength="3"',
    'type="email"',
    'type="password" disabled',
    "readonly",
    'style="inline-size:auto;field-sizing:content;block-size:auto;min-inline-size:0"',
    'validator="card" mask="card" autocomplete="cc-number"',
    'mask="phone" type="tel"',
)
OF_TEXTAREA = (
    "auto-grow",
    'auto-grow rows="1" max-rows="90" cols="2" required',
    'wrap="off" auto-grow maxlength="3"',
    'style="block-size:auto;inline-size:9px;field-sizing:content" auto-grow validator="ssn"',
)


Looker = tuple[Victim, str]
"""Somebody in a browser of their own, with the token of one of the values."""


async def stored(scene: Scene, new_visitor: NewVisitor) -> list[Looker]:
    """Let somebody store each of the values, each in another browser: they look side by side."""

    async def stores(value: str) -> Looker:
        ada = await Victim.arrive("ada", scene, new_visitor)
        await ada.page.add_init_script(script("listen.js"))
        return ada, await ada.stores(value)

    return list(await asyncio.gather(*map(stores, VALUES[:3])))


async def record(looker: Looker, html: str) -> str:
    """Load a page that shows a token, and return all that the page can see, the token apart."""
    ada, token = looker
    await ada.opens(html.format(token=token), grant=token)
    host = ada.page.locator("#host")
    await host.wait_for()
    seen = str(await ada.page.evaluate(f"({script('look.js')})(document.querySelector('#host'))"))
    return seen.replace(token, "TOKEN")


READY = "window.events.some(([each]) => each === 'secure-ready')"

# Where the page stands once it has stopped: a browser scrolls smoothly.
AT_REST = """async () => {
  let before = null;
  for (let same = 0; same < 5;) {
    await new Promise((done) => setTimeout(done, 60));
    const place = JSON.stringify([scrollX, scrollY]);
    same = place === before ? same + 1 : 0;
    before = place;
  }
  return before;
}"""


def differences(*records: str) -> list[str]:
    """List where the records differ, each place with what stands there in the first and another."""
    first, *others = (json.loads(each) for each in records)
    return [line for other in others for line in _differences("", first, other)]


def _differences(place: str, one: object, other: object) -> list[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        left, right = cast("dict[str, object]", one), cast("dict[str, object]", other)
        if left.keys() == right.keys():
            return [
                x for key in left for x in _differences(f"{place}.{key}", left[key], right[key])
            ]
    if isinstance(one, list) and isinstance(other, list):
        pairs = list(zip(cast("list[object]", one), cast("list[object]", other), strict=False))
        if len(pairs) == len(cast("list[object]", one)) == len(cast("list[object]", other)):
            return [
                x for at, pair in enumerate(pairs) for x in _differences(f"{place}[{at}]", *pair)
            ]
    return [] if one == other else [f"{place}: {one!r} and {other!r}"]


@pytest.mark.parametrize("around", ["{}", "<secure-group>{}</secure-group>"])
async def test_t27_an_input_tells_nothing_of_a_stored_value(
    scene: Scene, new_visitor: NewVisitor, around: str
) -> None:
    """T27: validity, size, events and states of a pre-filled field are the same for all values."""
    fields = [("secure-input", each) for each in ATTRIBUTES]
    fields += [("secure-textarea", each) for each in OF_TEXTAREA]

    async def compare(fields: list[tuple[str, str]]) -> None:
        ssn, long, card = await stored(scene, new_visitor)
        for element, attributes in fields:
            field = f'<{element} id="host" name="n" {attributes} token="{{token}}"></{element}>'
            html = around.format(f"<form>{field}</form>")
            # A card differs in its brand; the long text in everything else.
            pair = (ssn, card if "card" in attributes else long)
            records = await asyncio.gather(*(record(looker, html) for looker in pair))
            assert json.loads(records[0])[0], "there is something to see"
            assert not differences(*records), attributes

    # Most of it is waiting, so that some can look while others wait; all end when one fails.
    async with asyncio.TaskGroup() as lookers:
        for at in range(3):
            lookers.create_task(compare(fields[at::3]))


@pytest.mark.parametrize("around", ["{}", "<secure-group>{}</secure-group>"])
@pytest.mark.parametrize("attributes", ["", 'reveal="click"', 'remask="1"'])
async def test_t27_a_text_tells_nothing_of_its_value(
    scene: Scene, new_visitor: NewVisitor, attributes: str, around: str
) -> None:
    """T27: size, events and states of a shown text are the same for all values."""
    lookers = await stored(scene, new_visitor)
    html = around.format(f'<secure-text id="host" {attributes} token="{{token}}"></secure-text>')
    records = await asyncio.gather(*(record(looker, html) for looker in lookers))
    assert not differences(*records)


async def test_t27_the_observer_would_see_a_difference(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T27's control: what is typed does change what the page sees, so the records do have eyes."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    await ada.page.add_init_script(script("listen.js"))
    records: list[str] = []
    for value in ("219-09-9999", "nonsense"):
        await ada.opens(
            '<form><secure-input id="host" name="n" validator="ssn"></secure-input></form>'
        )
        await ada.types("#host", value)
        records.append(
            await ada.page.evaluate(f"({script('look.js')})(document.querySelector('#host'))")
        )
    assert records[0] != records[1]


@pytest.mark.parametrize("around", ["{}", "<secure-group>{}</secure-group>"])
@pytest.mark.parametrize("element", ["secure-input", "secure-text", "secure-textarea"])
async def test_t27_nothing_scrolls_by_the_width_of_a_value(
    scene: Scene, new_visitor: NewVisitor, element: str, around: str
) -> None:
    """T27: focus, keys and the wheel move the page by as much for one stored value as for another.

    A browser scrolls to a caret, and from a frame the page as well: with a box as wide as the page
    likes, and fonts and spacing of its own, it could measure each letter.
    """
    style = "inline-size: 90000px; letter-spacing: 1000px; text-indent: 3000px; font-size: 40px"

    async def places(looker: Looker) -> list[object]:
        ada, token = looker
        html = around.format(f'<{element} id="host" style="{style}" token="{token}"></{element}>')
        await ada.opens(html, grant=token)
        await ada.page.wait_for_function(READY)
        seen: list[object] = []
        await ada.page.evaluate("document.querySelector('#host').focus()")
        for key in ("", "End", "ArrowRight", "Shift+End", "Control+a", "Home"):
            if key:
                await ada.page.keyboard.press(key)
            seen.append(await ada.page.evaluate(AT_REST))
        await ada.page.evaluate("document.documentElement.style.blockSize = '9000px'")
        await ada.page.mouse.move(40, 20)
        for across, down in ((200, 0), (0, 200), (0, 200), (0, -100), (-100, 0)):
            await ada.page.mouse.wheel(across, down)
            seen.append(await ada.page.evaluate(AT_REST))
        return seen

    first, *others = await asyncio.gather(*map(places, await stored(scene, new_visitor)))
    assert others == [first, first]


async def test_t27_a_long_text_stops_a_wheel_no_more_than_a_short_one(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T27: a wheel over a stored text moves the page alike, whether there is more of it or not.

    A box without anything to scroll lets a wheel through to the page around it.
    """
    style = "inline-size: 200px; block-size: 60px; font: 20px monospace"

    async def places(looker: Looker) -> list[object]:
        ada, token = looker
        html = f'<secure-textarea id="host" style="{style}" token="{token}"></secure-textarea>'
        await ada.opens(html, grant=token)
        await ada.page.wait_for_function(READY)
        await ada.page.evaluate("document.body.style.cssText = 'width: 5000px; height: 5000px'")
        where = await ada.page.locator("#host").bounding_box()
        assert where
        send = await debugger(ada.page)
        seen: list[object] = []
        for across, down in ((0, -90), (-90, 0), (0, -300), (0, 60), (90, 0)):
            gesture = {"x": where["x"] + 50, "y": where["y"] + 30, "gestureSourceType": "mouse"}
            gesture |= {"xDistance": across, "yDistance": down, "speed": 3000}
            await send("Input.synthesizeScrollGesture", gesture)
            seen.append(await ada.page.evaluate(AT_REST))
        return seen

    first, *others = await asyncio.gather(*map(places, await stored(scene, new_visitor)))
    assert others == [first, first]
