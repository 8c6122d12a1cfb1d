"""The page for a person whose log-in was refused: what happened, what to do, and the code.

Its words are in `log-in.html`, a section for each code; of a request nothing is in it.
"""

import html
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import Internal
from lunasec.tokenizer.http import problems, styled

FILE: Final = "log-in.html"
PAGE: Final = "document"
"""What a browser says that it loads where a person sees it (Fetch Metadata, `Sec-Fetch-Dest`)."""

_SECTION: Final = re.compile(r'<section id="([a-z_]+)">.*?</section>\n', re.DOTALL)
_TITLE: Final = re.compile(r"<h1>(.*?)</h1>")
_AGAIN: Final = re.compile(r'<p class="again">.*?</p>\n')

Handler = Callable[[Request], Awaitable[Response]]


class NotLoggedIn:
    """Answers refusals of log-ins as a page, to whoever would look at it."""

    def __init__(self, root: Path) -> None:
        """Read the page from the folder of the browser's files; it is never read again."""
        self._text = (root / FILE).read_text()
        self._policy = styled.policy(self._text)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that it has words for; all others have those of `internal`."""
        return tuple(_SECTION.findall(self._text))

    def instead(self, handler: Handler) -> Handler:
        """Wrap a handler: programs, and frames that nobody sees, get its problem documents."""

        async def endpoint(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                if not is_wanted(request.headers):
                    raise
                refusal = await problems.refused(request, error)
                # Both are ours: the name is a setting's, and only there once it was found.
                code = request.scope["lunasec.code"]
                page = self.written(code, request.scope.get("lunasec.application", ""))
                return self._answer(page, refusal)

        return endpoint

    def written(self, code: str, application: str) -> str:
        """Write the page for a code; where it helps, with a link to begin an application's anew."""
        about = code if code in self.codes else Internal.code

        def kept(section: re.Match[str]) -> str:
            return section[0] if section[1] == about else ""

        page = _SECTION.sub(kept, self._text)
        title = _TITLE.search(page)
        page = page.replace("$title", title[1] if title else "").replace("$code", code)
        if not application:
            page = _AGAIN.sub("", page)
        return page.replace("$application", html.escape(application))

    def _answer(self, page: str, refusal: Response) -> Response:
        """Say it with all that the problem document's headers say, and its status."""
        about_body = {"content-type", "content-length"}
        headers = {name: each for name, each in refusal.headers.items() if name not in about_body}
        headers["content-security-policy"] = self._policy
        return Response(page, refusal.status_code, headers, styled.HTML)


def is_wanted(headers: Headers) -> bool:
    """Say whether a person would look at the answer: a page is loaded, and HTML is taken."""
    metadata = [headers.getlist(f"sec-fetch-{name}") for name in ("mode", "dest")]
    ranges = ",".join(headers.getlist("accept")).split(",")
    types = {each.partition(";")[0].strip().lower() for each in ranges}
    return metadata == [["navigate"], [PAGE]] and "text/html" in types
