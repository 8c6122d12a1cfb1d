"""The two tags that a page needs, as HTML that templates take as it is."""

from html import escape


class SafeHtml(str):
    """A text that is HTML already: Jinja, Django and MarkupSafe don't escape it again."""

    __slots__ = ()

    def __html__(self) -> str:
        """Give the text; the name is what templates look for."""
        return str(self)


def session_meta(application: str, reference: str | None, tokenizer_url: str) -> SafeHtml:
    """Give the tag that tells the page's elements their session; it is empty for nobody.

    Without the tag they ask `GET /.lunasec/session` once, which costs a request. Elements that are
    bundled with a page's own scripts know the tokenizer from it.
    """
    return SafeHtml(
        f'<meta name="lunasec-session" content="{escape(reference or "")}"'
        f' data-application="{escape(application)}" data-tokenizer="{escape(tokenizer_url)}">'
    )


def library_script(tokenizer_url: str) -> SafeHtml:
    """Give the tag that loads the elements from the tokenizer."""
    return SafeHtml(f'<script type="module" src="{escape(tokenizer_url)}/lunasec.js"></script>')
