"""What frames say in languages of the operator's: chosen by the page, never worded by it."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from lunasec.tokenizer.words import PHRASES
from tests.browsers import WAIT_MILLISECONDS
from tests.web.elements import SSN, box, button, field, shown, text
from tests.web.files import choose, inside, payload
from tests.web.site import Site, running_site

FRAME = Path(__file__).parents[2] / "web/frame"
WORDS = """
[applications.payroll.validators.plate]
mask = "AA-9999"
message = "Enter two letters and four digits."

[applications.payroll.words.de]
"Show" = "Anzeigen"
"Hide" = "Verbergen"
"Choose file…" = "Datei wählen …"
"{name} chosen" = "{name} gewählt"
"The file is empty." = "Die Datei ist leer."
"Enter a Social Security number, like 078-05-1120." = "Geben Sie eine SSN ein."
"Enter two letters and four digits." = "Geben Sie zwei Buchstaben und vier Ziffern ein."

[applications.payroll.words.pt-BR]
"Show" = "<b>Mostrar</b>"
"""


@pytest_asyncio.fixture(scope="module")
async def speaking(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Start a site whose operator has words in two languages."""
    async with running_site(tmp_path_factory.mktemp("words"), WORDS) as made:
        yield made


@pytest_asyncio.fixture
async def tab(speaking: Site, cookies_blocked: Browser) -> AsyncGenerator[Page]:
    """Open a tab with a session of that site's."""
    context = await cookies_blocked.new_context()
    context.set_default_timeout(WAIT_MILLISECONDS)
    made = await context.new_page()
    await speaking.log_in(made)
    yield made
    await context.close()


async def test_the_page_chooses_a_language(speaking: Site, tab: Page) -> None:
    """The nearest `lang` decides, a region falls back, and what has no words is English."""
    [token] = await speaking.store(tab, SSN)
    found = {"de": "Anzeigen", "de-AT": "Anzeigen", "DE": "Anzeigen", "en": "Show", "fr": "Show"}
    found |= {"pt-br": "<b>Mostrar</b>", "pt": "Show", "constructor": "Show", "": "Show"}
    for at, (language, said) in enumerate(found.items()):
        element = text(token, f"id=t{at} reveal=click")
        await speaking.show(tab, f"<div lang='{language}'>{element}</div>")
        await expect(button(tab, f"#t{at}")).to_have_text(said)
    await tab.evaluate("document.querySelector('div').lang = 'de'")
    await tab.evaluate("document.querySelector('secure-text').title = 'told anew'")
    await expect(button(tab, "secure-text")).to_have_text("Anzeigen")
    await button(tab).click()
    await expect(shown(tab)).to_have_text(SSN)
    await expect(button(tab)).to_have_text("Verbergen")


async def test_uploads_and_validators_speak_it(speaking: Site, tab: Page) -> None:
    """Buttons, announcements, what is wrong with a file, and with a typed value."""
    plate = field(attributes="id=plate validator=plate")
    ssn = field(attributes="id=ssn validator=ssn")
    await speaking.show(
        tab, f"<div lang=de><secure-upload id=up></secure-upload>{ssn}{plate}</div>"
    )
    await expect(inside(tab).locator(".head button")).to_have_text("Datei wählen …")
    await choose(tab, payload("empty.txt", b""))
    await expect(inside(tab).locator("li")).to_contain_text("Die Datei ist leer. Choose another")
    await expect(inside(tab).locator("[role=status]")).to_contain_text("empty.txt gewählt")
    for element, typed, said in (
        ("ssn", "1", "Geben Sie eine SSN ein."),
        ("plate", "A", "Geben Sie zwei"),
    ):
        await box(tab, f"#{element}").click()
        await tab.keyboard.type(typed)
        await tab.wait_for_function(
            "([id, said]) => document.getElementById(id).validationMessage.startsWith(said)",
            arg=[element, said],
        )


def test_all_that_frames_say_is_known() -> None:
    """Each phrase that a module says can be put in other words, and no other phrase."""
    sources = "\n".join(path.read_text() for path in FRAME.glob("*.js"))
    for phrase in PHRASES:
        assert f'"{phrase}"' in sources, phrase
    said = set(re.findall(r'\bsay\(\s*"([^"]+)"', sources))
    said |= set(re.findall(r'^    message: "([^"]+)",$', sources, re.MULTILINE))
    for table in re.findall(
        r"^const WORDS = [^\n]*\(\{$(.*?)^\}\);$", sources, re.MULTILINE | re.DOTALL
    ):
        said |= set(re.findall(r'^  \w+: "([^"]+)",$', table, re.MULTILINE))
    assert "The stored file is damaged." in said
    assert said <= PHRASES
