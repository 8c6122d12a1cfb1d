"""What editors and type checkers are told of the elements is what they are."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.web.site import Site

WEB = Path(__file__).parents[2] / "web"
MANIFEST: dict[str, Any] = json.loads((WEB / "custom-elements.json").read_text())
ELEMENTS: dict[str, Any] = {
    each["tagName"]: each for module in MANIFEST["modules"] for each in module["declarations"]
}
TOLD = """async (names) => {
  const told = {};
  for (const name of names) {
    const host = document.createElement(name);
    // Its fields load a group.
    if (name === "secure-group") host.append(document.createElement("secure-text"));
    document.body.append(host);
    const made = await customElements.whenDefined(name);
    const members = [];
    for (let at = made.prototype; at !== HTMLElement.prototype; at = Object.getPrototypeOf(at)) {
      members.push(...Object.getOwnPropertyNames(at));
    }
    const own = document.querySelector(name);
    told[name] = {
      attributes: made.observedAttributes ?? [],
      members: [...members, ...Object.keys(own)],
      title: made.name,
    };
  }
  return told;
}"""


async def test_the_manifest_is_true(site: Site, page: Page) -> None:
    """Each element has the members that it names, and names each attribute that it observes."""
    await site.show(page, "", wait=False)
    told = await page.evaluate(TOLD, list(ELEMENTS))
    for name, stated in ELEMENTS.items():
        found = told[name]
        assert found["title"] == stated["name"]
        attributes = {each["name"] for each in stated["attributes"]}
        assert set(found["attributes"]) <= attributes, name
        missing = {each["name"] for each in stated["members"]} - set(found["members"])
        assert not missing, (name, missing)


def test_types_and_manifest_name_the_same() -> None:
    """Each element, and each of its attributes, is known to TypeScript, React and Vue."""
    types = (WEB / "index.d.ts").read_text()
    for name, stated in ELEMENTS.items():
        assert f'"{name}": {stated["name"]};' in types
        for framework in ("react", "vue"):
            assert f'"{name}": ' in (WEB / f"{framework}.d.ts").read_text()
        for attribute in stated["attributes"]:
            written = attribute["name"]
            native = written == "title" or written.startswith("aria-")
            assert native or re.search(rf'\b"?{written}"?\?:\s', types), written


def test_every_module_is_in_the_package() -> None:
    """What the manifest names is there."""
    for module in MANIFEST["modules"]:
        assert (WEB / module["path"]).is_file()
