"""T19, T20: forged messages and smuggled styles, from every kind of window."""

import re

import pytest
from playwright.async_api import expect

from lunasec.tokenizer.http.frames import ROLES
from tests.attacks.browser.victims import (
    GROUP,
    SHOWN,
    Victim,
    in_both_deployments,
    script,
)
from tests.conftest import NewVisitor
from tests.scenes import Scene

VALUE = "219-09-9999"

SMUGGLED = {
    "background-image": "url({canary})",
    "background": "url({canary}) red",
    "cursor": "url({canary}), auto",
    "list-style-image": "url({canary})",
    "content": "url({canary})",
    "font-family": "smuggled, url({canary})",
    "filter": "url({canary}#f)",
    "mask-image": "url({canary})",
    "border-image-source": "url({canary})",
    "color": "red; background: url({canary})",
    "--custom": "url({canary})",
    "text-shadow": "0 0 1px red, url({canary})",
}
HOSTILE = (
    "url({canary})",
    "url({canary}), auto",
    "image-set('{canary}' 1x)",
    "x; background: url({canary})",
    "var(--x, url({canary}))",
    "@import '{canary}'",
    "\\75rl({canary})",
)

# Past the library, over the port that it holds: what it would send, and for a harmless color too.
FORGE = """async ([names, value, control]) => {
  const style = Object.fromEntries(names.map((each) => [each, value]));
  const hint = { ...style };
  const forged = { type: "look", style: { ...style, [control]: "rgb(1, 2, 3)" }, hint };
  document.querySelector("#shown").port.postMessage(forged);
}"""

# The names in the frame's own module.
KNOWN = """async () => {
  const base = document.querySelector("script").src.replace(/frame.*/, "");
  return (await import(base + "frame/channel.js")).properties;
}"""


# What a document's elements look like, wherever it names a resource.
NAMED = """() => [...document.querySelectorAll("*")].flatMap((each) =>
  [...getComputedStyle(each)].map((name) => getComputedStyle(each).getPropertyValue(name))
).filter((value) => value.includes("canary"))"""


@pytest.mark.parametrize("where", ["unlisted", "clinic", "sandboxed", "application"])
async def test_t19_nobody_but_the_parent_is_answered(
    scene: Scene, new_visitor: NewVisitor, where: str
) -> None:
    """T19: a frame document speaks with its parent, of a listed origin, and with no other window.

    Frame documents are opened as windows by an unlisted origin, by another application, by a
    sandboxed page of the application (a null origin) and by the application itself.
    """
    mallory = await new_visitor()
    targets = [f"{scene.tokenizer}/frame/payroll/{role}" for role in sorted(ROLES)]
    starts = {
        "unlisted": f"{scene.unlisted}/plain",
        "clinic": scene.clinic.at("/plain"),
        "application": scene.payroll.at("/plain"),
        "sandboxed": scene.payroll.at(
            "/plain",
            html='<iframe sandbox="allow-scripts allow-popups" srcdoc="<p>null</p>"></iframe>',
        ),
    }
    await mallory.page.goto(starts[where])
    window = mallory.page.frames[-1] if where == "sandboxed" else mallory.page.main_frame
    assert await window.evaluate(script("knock.js"), targets) == []


async def test_t19_the_parent_is_answered(scene: Scene, new_visitor: NewVisitor) -> None:
    """T19's control: the application's own page, as the parent, does get its one answer."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    html = f'<iframe src="{scene.tokenizer}/frame/payroll/coordinator"></iframe>'
    await ada.page.goto(scene.payroll.at("/plain", html=html))
    answers = await ada.page.main_frame.evaluate(script("knock.js"), [])
    assert answers == [['{"type":"welcome"}', 1]]


@in_both_deployments
@pytest.mark.parametrize("html", [SHOWN, GROUP])
async def test_t20_a_style_makes_no_request(
    scene: Scene, new_visitor: NewVisitor, html: str
) -> None:
    """T20: whatever a page writes into its styles, a frame asks nobody for anything.

    A browser asks for a cursor when it likes, so that no such name may get into the frame at all.
    """
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.opens(html.format(token=token), grant=token)
    await ada.sees("#shown", VALUE)
    ada.visitor.requests.clear()
    canary = f"{scene.unlisted}/plain?canary=1"
    for name, value in SMUGGLED.items():
        style = [name, value.format(canary=canary)]
        await ada.page.evaluate(
            "([name, value]) => document.querySelector('#shown').style.setProperty(name, value)",
            style,
        )
    await ada.page.evaluate(
        "(rule) => document.head.appendChild(document.createElement('style')).textContent = rule",
        f'@import url("{canary}"); #shown {{ font-family: x }}',
    )
    # Past the library too: straight over the port that the group holds.
    await ada.page.evaluate(
        """(canary) => {
        const dress = (style) => ({ type: "dress", at: 0, style, hint: style });
        document.querySelector("secure-group")?.port.postMessage(
          ["cursor", "color", "font-family"].map((name) => dress({ [name]: `url(${canary})` })));
      }""",
        canary,
    )
    # What is said later is done later: by then, all of it was tried.
    await ada.page.evaluate("document.querySelector('#shown').style.color = 'rgb(1, 2, 3)'")
    frame = await ada.inside("#shown")
    await expect(frame.get_by_text(VALUE)).to_have_css("color", "rgb(1, 2, 3)")
    await ada.page.wait_for_timeout(600)
    for each in ada.page.frames[1:]:
        assert await each.evaluate(NAMED) == []
    own = [each for each in ada.visitor.requests if each.frame != ada.page.main_frame]
    assert not [each.url for each in own if "canary" in each.url]
    await ada.sees("#shown", VALUE)


@in_both_deployments
async def test_t20_a_forged_look_is_only_its_harmless_part(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T20: of a look that a script sends itself, a frame takes the sound values and no others.

    Each property that a frame knows, and some that it does not, is sent with each hostile value.
    """
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    await ada.page.wait_for_timeout(300)
    [shown] = ada.frames("text")
    known: list[str] = await shown.evaluate(KNOWN)
    assert {"cursor", "font-family", "color"} <= set(known)
    names = [*known, *(each for each in SMUGGLED if each not in known)]
    ada.visitor.requests.clear()
    for value in HOSTILE:
        smuggled = value.format(canary=f"{scene.unlisted}/plain?canary=1")
        for control in ("color", "caret-color"):
            await ada.page.evaluate(FORGE, [names, smuggled, control])
            sound = re.compile(rf"^{control}: rgb\(1, 2, 3\);$")
            await expect(shown.locator("body")).to_have_attribute("style", sound)
    await ada.page.wait_for_timeout(300)
    assert not [each.url for each in ada.visitor.requests if "canary" in each.url]
    await ada.sees("#shown", VALUE)
