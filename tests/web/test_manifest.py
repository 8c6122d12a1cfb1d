"""What editors and type checkers are told of the elements is what they are."""

import json
import subprocess
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.web.site import Site

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
MANIFEST: dict[str, Any] = json.loads((WEB / "custom-elements.json").read_text())
ELEMENTS: dict[str, Any] = {
    each["tagName"]: each for module in MANIFEST["modules"] for each in module["declarations"]
}
UNHEARD = {
    "secure-group": {"blur"},
    "secure-upload": {"placeholder", "readOnly", "autocomplete", "maxLength", "minLength"},
}
"""What an element has from the others, and what means nothing there."""

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
      // What a front-end developer looks for first.
      native: members.filter((each) => each !== "constructor"
        && (each in HTMLInputElement.prototype || each in HTMLTextAreaElement.prototype)),
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
        untold = set(found["native"]) - {each["name"] for each in stated["members"]}
        assert untold <= UNHEARD.get(name, set()), (name, untold)


def typed(stated: dict[str, Any]) -> str:
    """Write TypeScript that compiles where an element's types are as stated."""
    name, element = stated["name"], f"element{stated['name']}"
    fields = [each for each in stated["members"] if each["kind"] == "field"]
    settable = [each["name"] for each in fields if not each.get("readonly")]
    names = [each["name"] for each in stated["attributes"]]
    own = [each for each in names if each != "title" and not each.startswith("aria-")]
    lines = [f"declare const {element}: W.{name};"]
    lines += [f"({element}.{each['name']});" for each in stated["members"]]
    # What a form is named by is an id, and not what is read.
    lines += [f"{element}.{each} = {element}.{each};" for each in settable if each != "form"]
    lines += [f'"{each}" satisfies keyof W.{name}Attributes;' for each in own]
    return "\n".join(lines)


def test_types_and_manifest_name_the_same(tmp_path: Path) -> None:
    """TypeScript knows each element's own members and attributes; React and Vue know it."""
    types = (WEB / "index.d.ts").read_text()
    for name, stated in ELEMENTS.items():
        assert f'"{name}": {stated["name"]};' in types
        for framework in ("react", "vue"):
            assert f'"{name}": ' in (WEB / f"{framework}.d.ts").read_text()
    source = tmp_path / "stated.ts"
    start = f'import type * as W from "{WEB / "index.js"}";'
    source.write_text("\n".join([start, *(typed(each) for each in ELEMENTS.values())]))
    command = [ROOT / "node_modules/.bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--types"]
    done = subprocess.run(
        [*map(str, command), "", str(source)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_every_module_is_in_the_package() -> None:
    """What the manifest names is there."""
    for module in MANIFEST["modules"]:
        assert (WEB / module["path"]).is_file()
