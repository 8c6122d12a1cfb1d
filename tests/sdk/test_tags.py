"""The tags for a page's head."""

from html.parser import HTMLParser

import jinja2
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from lunasec.sdk.tags import library_script, session_meta

REFERENCE = "r" * 43
TOKENIZER = "https://secure.example.com"


def _attributes(html: str) -> list[tuple[str, dict[str, str | None]]]:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Parser().feed(html)
    return found


def test_the_page_learns_its_session() -> None:
    """One `meta` with the reference, the application's name, and where the tokenizer is."""
    attributes = {
        "name": "lunasec-session",
        "content": REFERENCE,
        "data-application": "payroll",
        "data-tokenizer": TOKENIZER,
    }
    assert _attributes(session_meta("payroll", REFERENCE, TOKENIZER)) == [("meta", attributes)]


def test_nobody_is_an_empty_reference() -> None:
    """Without a session the tag is there and says so, which saves the page a request."""
    ((_, attributes),) = _attributes(session_meta("payroll", None, TOKENIZER))
    assert attributes["content"] == ""


def test_the_library_comes_from_the_tokenizer() -> None:
    """One module script, from the address that browsers use."""
    attributes = {"type": "module", "src": "https://secure.example.com/lunasec.js"}
    assert _attributes(library_script("https://secure.example.com")) == [("script", attributes)]


def test_templates_take_the_tags_as_they_are() -> None:
    """Jinja and MarkupSafe do not escape them a second time."""
    tag = session_meta("payroll", REFERENCE, TOKENIZER)
    page = jinja2.Environment(autoescape=True).from_string("{{ tag }}").render(tag=tag)
    assert page == str(tag) == str(escape(tag))


@given(text=st.text(max_size=60))
def test_no_text_breaks_out_of_a_tag(text: str) -> None:
    """Whatever stands in an attribute, it is one tag with the same names."""
    ((tag, attributes),) = _attributes(session_meta(text, text, text))
    assert tag == "meta"
    assert attributes.keys() == {"name", "content", "data-application", "data-tokenizer"}
