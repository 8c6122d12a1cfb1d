"""The page at `/errors`: what each code means and what to do, where `docs` of an error leads."""

import re
from pathlib import Path
from typing import Final

from starlette.responses import Response

from lunasec.tokenizer.http import styled
from lunasec.tokenizer.http.assets import MINUTES

FILE: Final = "errors.html"
"""Written by `make spec` from web/README.md and the catalog of errors."""


class Explanations:
    """A static page without a script; nothing in it comes from a request."""

    def __init__(self, root: Path) -> None:
        """Read the page from the folder of the browser's files; it is never read again."""
        self._page = (root / FILE).read_text()
        self._policy = styled.policy(self._page)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that the page explains, each at the anchor of its name."""
        return tuple(re.findall(r'<section id="([a-z_]+)">', self._page))

    def serve(self) -> Response:
        """Answer `/errors`."""
        headers = {
            "Cache-Control": f"public, max-age={MINUTES}",
            "Content-Security-Policy": self._policy,
        }
        return Response(self._page, headers=headers, media_type=styled.HTML)
