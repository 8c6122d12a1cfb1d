"""The page at `/errors`, from the table of codes in web/README.md and the catalog of errors."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from lunasec import errors
from lunasec.errors import LunaSecError

README = Path(__file__).parents[1] / "web/README.md"
ROW = re.compile(
    r'^\| <a id="(?P<code>[a-z_]+)"></a>`(?P=code)` \| (?P<advice>.*) \|$', re.MULTILINE
)

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Errors of LunaSec</title>
<style>
:root { color-scheme: light dark; }
body { max-inline-size: 42rem; margin: 2rem auto; padding-inline: 1rem; line-height: 1.5;
  font-family: system-ui, sans-serif; }
h2 { margin-block-start: 2.5rem; }
h3 { margin-block: 1.5rem 0; }
p { margin-block: 0.25rem 0; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
section { padding-inline: 0.75rem; border-inline-start: 3px solid transparent; }
section:target { border-color: Highlight; }
</style>
</head>
<body>
<main>
<h1>Errors of LunaSec</h1>
<p>An element that can't do its work fires <code>secure-error</code> with one of these codes.</p>
<h2>What goes wrong in a page</h2>
$elements
<h2>What the tokenizer answers</h2>
$answers
</main>
</body>
</html>
""")


def catalog() -> Iterator[type[LunaSecError]]:
    """Yield each class of the catalog of errors, in the order of `errors.py`."""
    for each in vars(errors).values():
        if isinstance(each, type) and issubclass(each, LunaSecError) and each is not LunaSecError:
            yield each


def page() -> str:
    """Return the page: first the codes of the elements with what to do, then all other codes."""
    advice = {row["code"]: row["advice"] for row in ROW.finditer(README.read_text())}
    others = {
        each.code: f"Status {each.status}. {' '.join((each.__doc__ or '').split())}"
        for each in catalog()
        if each.code not in advice
    }
    elements, answers = (
        "\n".join(_section(code, text) for code, text in part.items()) for part in (advice, others)
    )
    return PAGE.substitute(elements=elements, answers=answers)


def _section(code: str, text: str) -> str:
    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    first = words[:1].upper() + words[1:]
    return f'<section id="{code}">\n<h3><code>{code}</code></h3>\n<p>{first}</p>\n</section>'
