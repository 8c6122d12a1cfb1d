"""T1: what a script in the application's page can't do, tried in a real browser.

`page.evaluate` runs in the page's own realm, past its Content-Security-Policy: the strongest form
of cross-site scripting there is.
"""

import re

import pytest
from playwright.async_api import expect

from tests.attacks.browser.victims import (
    FORM,
    GROUP,
    SHOWN,
    Victim,
    done_by,
    in_both_deployments,
    script,
    until,
)
from tests.conftest import NewVisitor
from tests.scenes import Scene

VALUE = "219-09-9999"
OTHER = "457-55-5462"


async def heard(victim: Victim) -> str:
    """Return all that the wiretap in the page has noted."""
    return str(await victim.page.evaluate("JSON.stringify(window.heard)"))


def tells(text: str, value: str) -> bool:
    """Tell whether a text has a value, or its digits."""
    return value in text or value.replace("-", "") in re.sub(r"[^0-9]", "", text)


@in_both_deployments
@pytest.mark.parametrize("around", ["{}", "<secure-group>{}</secure-group>"])
async def test_t1_a_script_hears_no_value_key_or_handle(
    scene: Scene, new_visitor: NewVisitor, around: str
) -> None:
    """T1: with every channel of the page tapped from the first moment, no secret comes by."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.visitor.context.clear_cookies(domain=re.compile("secure"))
    await ada.page.add_init_script(f"({script('wiretap.js')})()")
    html = SHOWN.format(token=token) + FORM.format(attributes=f' token="{token}"')
    await ada.opens(around.format(html), grant=token)
    await ada.sees("#shown", VALUE)
    await ada.types("#ssn", OTHER)
    await ada.page.evaluate(
        "() => { document.forms[0].onsubmit = (event) => event.preventDefault() }"
    )
    await ada.page.click("#save")
    await ada.page.wait_for_function(
        "(old) => !['', old].includes(document.querySelector('#ssn').value)", arg=token
    )
    text = await heard(ada)
    assert "lunasec-" in text, "the wiretap hears tokens, so it would have heard the rest"
    for value in (VALUE, OTHER):
        assert value not in text
        assert value.replace("-", "") not in text
    assert "handle=" not in text
    assert '"key"' not in text.replace('"key":null', "")
    assert "ciphertext" not in text


@in_both_deployments
async def test_t1_a_script_reads_no_answer_of_the_tokenizer(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T1: fetch in every mode, with every header a page may set, yields no readable answer."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    got = await ada.page.evaluate(
        script("fetch-everything.js"),
        [scene.tokenizer, token],
    )
    assert {kind for kind, _, _ in got} <= {"error", "opaque"}
    assert all(text == "" and headers == "" for _, text, headers in got)


@in_both_deployments
@pytest.mark.parametrize("html", [SHOWN, GROUP])
async def test_t1_a_script_does_not_get_into_a_frame(
    scene: Scene, new_visitor: NewVisitor, html: str
) -> None:
    """T1: neither the frame's window, nor its document, nor a window of its own gives anything."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.opens(html.format(token=token), grant=token)
    await ada.sees("#shown", VALUE)
    got = await ada.page.evaluate(
        script("get-into-frame.js"),
        scene.tokenizer,
    )
    for name, result in got.items():
        assert result in {"SecurityError", "null", "asked"}, (name, result)
    await ada.page.wait_for_timeout(300)
    assert not tells(await ada.page.evaluate("document.documentElement.outerHTML"), VALUE)


@in_both_deployments
async def test_t1_a_script_learns_no_handle(scene: Scene, new_visitor: NewVisitor) -> None:
    """T1: the bootstrap's redirect shows its target to nobody: not in any fetch mode."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    await ada.page.add_init_script(f"({script('wiretap.js')})()")
    await ada.opens("<p>nothing yet</p>")
    got = await ada.page.evaluate(script("learn-handle.js"))
    assert "secure-frame" in got
    assert "handle" not in got
    assert "session/create" not in got


@in_both_deployments
async def test_t1_a_loop_in_the_page_does_not_stall_a_frame(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T1: a page that hangs leaves the frame running: they do not share a thread."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    [frame] = ada.frames("text")
    await frame.evaluate(
        "() => { window.t = []; setInterval(() => window.t.push(Date.now()), 20) }"
    )
    looped = await ada.page.evaluate(
        """() => {
        const start = Date.now();
        while (Date.now() < start + 1200);
        return [start, Date.now()];
      }"""
    )
    ticks: list[int] = await frame.evaluate("window.t")
    assert sum(looped[0] + 100 < tick < looped[1] - 100 for tick in ticks) > 3


@in_both_deployments
async def test_t1_a_session_planted_under_a_filled_frame(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T1, T12: the filled frame is wiped, and its value is never stored for the planted session.

    The script keeps the library from removing the filled frame, logs the browser in as Mallory, and
    has a session of Mallory's set up at the tokenizer.
    """
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.opens(FORM.format(attributes=f' token="{token}"'), grant=token)
    field = ada.page.frame_locator("#ssn iframe").locator("#stored")
    await expect(field).to_have_text(VALUE)
    mallory = await ada.page.evaluate(script("plant-session.js"))
    await until(lambda: done_by(scene, "session.redeem", mallory))
    assert await ada.page.evaluate("document.querySelectorAll('html > iframe').length") == 2
    for _ in range(3):
        await ada.page.evaluate("document.querySelector('form').requestSubmit()")
        await ada.page.wait_for_timeout(200)
    await until(lambda: _is_wiped(ada))
    assert not done_by(scene, "token.store", mallory)


async def _is_wiped(victim: Victim) -> bool:
    return not await victim.frames_show(VALUE)
