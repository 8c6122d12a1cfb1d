"""T21 as a browser sends it: forms, beacons and scripts of others, with the victim's cookies."""

import pytest

from tests.attacks.browser.victims import SHOWN, Victim, audit, in_both_deployments
from tests.conftest import NewVisitor
from tests.scenes import Scene

VALUE = "219-09-9999"

# Each resolves when the request is on its way; none may read the answer.
WAYS = {
    "form": """([address, body]) => {
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action: address, target: "into" });
      form.enctype = "text/plain";
      const field = document.createElement("input");
      // A plain text form writes name=value: JSON, with the sign inside one of its texts.
      Object.assign(field, { name: `${body.slice(0, -1)},"x":"`, value: '"}' });
      const into = Object.assign(document.createElement("iframe"), { name: "into" });
      form.append(field);
      document.body.append(into, form);
      form.submit();
    }""",
    "beacon": "([address, body]) => navigator.sendBeacon(address, body)",
    "beacon of JSON": """([address, body]) =>
      navigator.sendBeacon(address, new Blob([body], { type: "application/json" }))""",
    "fetch": """([address, body]) => { fetch(address, { method: "POST", mode: "no-cors",
      credentials: "include", body }).catch(() => {}) }""",
    "keepalive": """([address, body]) => { fetch(address, { method: "POST", credentials: "include",
      keepalive: true, headers: { "Content-Type": "application/json",
      "LunaSec-Application": "payroll" }, body }).catch(() => {}) }""",
}
PATHS = ("/tokenize", "/detokenize", "/session/ensure", "/session/end", "/tokens/erase")


@in_both_deployments
@pytest.mark.parametrize("way", WAYS)
async def test_t21_no_page_makes_a_browser_ask(
    scene: Scene, new_visitor: NewVisitor, way: str
) -> None:
    """T21: from a site of the attacker's or the application's own, nothing is done or read.

    The victim is logged in and has the token open; the attacker even knows session and token.
    """
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    session = await ada.page.evaluate(
        "document.querySelector('meta[name=lunasec-session]').content"
    )
    tab = await ada.visitor.context.new_page()
    statuses: list[tuple[str, int]] = []
    tab.on("response", lambda each: statuses.append((each.url, each.status)))
    before = len(audit(scene))
    body = f'{{"session":"{session}","tokens":["{token}"]}}'
    for start in (f"{scene.unlisted}/plain", scene.payroll.at("/plain")):
        for path in PATHS:
            await tab.goto(start)
            async with tab.expect_request(scene.tokenizer + path):
                await tab.evaluate(WAYS[way], [scene.tokenizer + path, body])
            await tab.wait_for_timeout(150)
    answered = [status for url, status in statuses if url.startswith(scene.tokenizer)]
    assert all(status >= 400 for status in answered), statuses
    assert len(audit(scene)) == before
    await tab.goto(scene.payroll.page(SHOWN.format(token=token), grant=token))
    shown = tab.frame_locator("#shown iframe").locator("body")
    await shown.get_by_text(VALUE).wait_for()
