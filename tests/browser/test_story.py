"""The whole story in a real browser: a value typed, kept as a token, shown to its own session."""

import json
import re
import sqlite3

import pytest
from playwright.async_api import Request

from tests.browser.people import SSN, TOKEN, Person
from tests.conftest import NewVisitor
from tests.deployments import Demo, everywhere
from tests.processes import memory_holds


@everywhere
async def test_the_whole_story(demo: Demo, new_visitor: NewVisitor) -> None:
    """Two users in two browsers: each sees the own value, and of the other's not a character."""
    ada = await Person.arrive("ada", demo, new_visitor)
    bob = await Person.arrive("bob", demo, new_visitor)
    await ada.sign_up()
    await ada.save(SSN)
    await ada.sees("#ssn-shown", SSN)
    await bob.sign_up(ssn="457-55-5462")
    await bob.sees("#ssn-shown", "457-55-5462")

    token = await ada.stored_token()
    assert TOKEN.fullmatch(token)
    await bob.opens("/admin")
    await bob.is_refused(f'secure-text[token="{token}"]')
    assert not await bob.frames_show(SSN)

    await ada.log_out()
    await ada.log_in()
    await ada.sees("#ssn-shown", SSN)
    assert await ada.stored_token() == token


@everywhere
async def test_the_value_is_nowhere_but_in_frames(demo: Demo, new_visitor: NewVisitor) -> None:
    """No request, page, console, database, log or server's memory ever has the value."""
    value = "665-03-1187"
    digits = value.replace("-", "")
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up()
    await ada.save(value)
    await ada.sees("#ssn-shown", value)
    token = await ada.stored_token()
    for path in ("/profile", "/database", "/steal", "/admin"):
        await ada.opens(path)
        if path in {"/profile", "/steal"}:
            await ada.sees(f'secure-text[token="{token}"]', value)
        seen = await ada.visitor.page.content() + await ada.visitor.page.evaluate(SEEN)
        assert value not in seen, path
        assert digits not in seen, path
    said = "\n".join(ada.visitor.console)
    assert value not in said
    assert digits not in said
    for request in ada.visitor.requests:
        assert not _holds(request, value), request.url
    for file in (demo.process.log, *demo.folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            assert value.encode() not in content, file
            assert digits.encode() not in content, file
    for pid in (demo.process.pid, demo.tokenizer_pid):
        assert not memory_holds(pid, value.encode())
        assert not memory_holds(pid, digits.encode())
    # The search does find what is there: the application has the token in hand, T its own address.
    assert memory_holds(demo.process.pid, token.encode())
    assert memory_holds(demo.tokenizer_pid, demo.tokenizer.encode())


# All that a script of the page reads: its text, every open shadow tree, and what fields hold.
SEEN = """() => {
  const trees = (root) => [...root.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [each.shadowRoot, ...trees(each.shadowRoot)] : []);
  const all = [document, ...trees(document)];
  const fields = all.flatMap((root) => [...root.querySelectorAll("*")].map((each) => each.value));
  const inside = trees(document).map((root) => root.innerHTML);
  if (!inside.length && document.querySelector("secure-text")) throw new Error("no shadow trees");
  return [document.body.innerText, ...fields, ...inside].join("\\n");
}"""


def _holds(request: Request, value: str) -> bool:
    sent = f"{request.url} {json.dumps(request.headers)} {request.post_data or ''}"
    return value in sent or value.replace("-", "") in sent


@everywhere
async def test_a_number_typed_before_there_is_a_user(demo: Demo, new_visitor: NewVisitor) -> None:
    """A temporary session's token becomes the new user's, and is shown to that user."""
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up(ssn=SSN)
    await ada.sees("#ssn-shown", SSN)
    token = await ada.stored_token()
    with sqlite3.connect(demo.folder / "application.db") as database:
        rows = database.execute("SELECT ssn FROM accounts WHERE username = ?", (ada.name,))
        assert rows.fetchall() == [(token,)]


@everywhere
async def test_log_out_blanks_open_pages(demo: Demo, new_visitor: NewVisitor) -> None:
    """After a log-out in one tab, the value that stands open in another is gone in 10 s."""
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up()
    await ada.save(SSN)
    await ada.sees("#ssn-shown", SSN)
    other = await ada.visitor.context.new_page()
    await other.goto(f"{demo.application}/profile")
    await other.click("#log-out")
    await ada.visitor.page.bring_to_front()
    await ada.is_refused("#ssn-shown")
    assert not await ada.frames_show(SSN)


@pytest.mark.parametrize("how", ["click", "enter"])
async def test_one_page_load_asks_for_everything_once(
    demo: Demo, new_visitor: NewVisitor, how: str
) -> None:
    """A first value costs four requests with a new session, two with a live one."""
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up()
    page = ada.visitor.page
    await ada.type_into("#ssn", SSN)
    if how == "click":
        await page.click("#save")
    else:
        await page.keyboard.press("Enter")
    await page.wait_for_selector("#ssn-shown")
    await ada.sees("#ssn-shown", SSN)
    create = "/session/create/demo"
    bootstrap = ["/session/ensure", "/.lunasec/secure-frame", create, "/detokenize"]
    for expected in (["/session/ensure", "/detokenize"], bootstrap):
        ada.visitor.requests.clear()
        await page.reload()
        await ada.sees("#ssn-shown", SSN)
        assert ada.calls() == expected
        # The tokenizer's alone; the person stays logged in.
        await ada.visitor.context.clear_cookies(name=re.compile("^__Host-lunasec"))
