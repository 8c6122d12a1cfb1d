"""T19: a script's nearly right messages to the frames that show values and take files."""

import json

import pytest
from playwright.async_api import Page, expect

from tests.web.attacker import embed, reference_of, told
from tests.web.elements import MASK, SSN, asked, field
from tests.web.files import payload, store_files
from tests.web.site import Site

LOOK: dict[str, dict[str, str]] = {"style": {}, "hint": {}}
SOUND: dict[str, dict[str, object]] = {
    "text": {
        "options": {"label": "", "reveal": False, "remask": 0, "extra": {"as": "card", "lang": ""}},
        "show": {"token": ""},
        "look": LOOK,
    },
    "upload": {
        "options": {
            "accept": "",
            "largest": "",
            "lost": False,
            "multiple": True,
            "tags": "",
            "required": False,
            "disabled": False,
            "invalid": "",
            "label": "",
            "description": "",
            "lang": "",
        },
        "prefill": {"tokens": []},
        "tokenize": {},
        "look": LOOK,
    },
    "download": {
        "options": {"label": "", "button": False, "auto": False, "lang": ""},
        "show": {"token": ""},
        "look": LOOK,
    },
}
LAST = {"text": "show", "download": "show", "upload": "prefill"}

ODD = """([role, sound, rounds]) => {
  let state = 1;
  const random = (below) => (state = (state * 48271) % 2147483647) % below;
  const port = window[role + "Port"];
  const odd = [undefined, null, -1, 0, 2 ** 60, NaN, true, "", "x".repeat(9000), "copy", "2TB",
    ".exe", "<b>", "\u0000", {}, [], [{}], ["x"], /x/, new Date(0), new Map(), "__proto__",
    "lunasec-" + "A".repeat(49), new ArrayBuffer(8), { as: {} }, { copy: "copy", as: "x" }];
  const types = Object.keys(sound);
  for (let at = 0; at < rounds; at += 1) {
    const type = types[random(types.length)];
    const message = { type, ...sound[type] };
    const names = [...Object.keys(message), "name", "size", "value", "constructor", "files"];
    for (let wrong = random(3); wrong >= 0; wrong -= 1) {
      const name = names[random(names.length)];
      if (random(2)) message[name] = odd[random(odd.length)];
      else delete message[name];
    }
    port.postMessage(message);
  }
  for (const [type, fields] of Object.entries(sound)) port.postMessage({ type, ...fields });
}"""


@pytest.mark.parametrize("role", sorted(SOUND))
async def test_t19_odd_messages_to_what_shows_and_takes_files(
    site: Site, bugged: Page, role: str
) -> None:
    """T19: after thousands that are nearly right, a frame is in order, and the page heard nothing.

    What it is asked for at the end, in the right words, it shows, and no file was begun.
    """
    errors: list[str] = []
    bugged.on("pageerror", lambda error: errors.append(str(error)))
    [file] = await store_files(site, bugged, payload("canary-7.txt"))
    [value] = await site.store(bugged, SSN)
    await site.show(bugged, field())
    assert await embed(site, bugged, role, session=await reference_of(bugged))
    begun = [asked(bugged, "/files"), asked(bugged, "/files/read")]
    await bugged.evaluate(ODD, [role, SOUND[role], 3_000])
    last = {"tokens": [file]} if role == "upload" else {"token": file}
    last = {"token": value} if role == "text" else last
    await bugged.evaluate(
        "([role, message]) => window[role + 'Port'].postMessage(message)",
        [role, {"type": LAST[role], **last}],
    )
    inside = bugged.frame_locator("body > iframe").locator("body")
    await expect(inside).to_contain_text(SSN if role == "text" else "canary-7.txt")
    assert errors == []
    assert begun == [[], []]
    heard = json.dumps(await told(bugged))
    assert SSN not in heard
    assert "canary" not in heard
    assert MASK not in heard
