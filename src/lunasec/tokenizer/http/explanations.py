"""The page at `/errors`: what each code means and what to do, where `docs` of an error leads."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Final

from starlette.responses import Response

from lunasec.tokenizer.http.assets import MINUTES

FILE: Final = "errors.html"
"""Written by `make spec` from web/README.md and the catalog of errors."""


class Explanations:
    """A static page without a script; nothing in it comes from a request."""

    def __init__(self, root: Path) -> None:
        """Read the page from the folder of the browser's files; it is never read again."""
        self._page = (root / FILE).read_text()
        style = self._page.partition("<style>")[2].partition("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        # A hash allows these rules and no others (CSP Level 3, section 2.3.1).
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )

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
        return Response(self._page, headers=headers, media_type="text/html; charset=utf-8")
