"""Renders the pages: Jinja templates, always escaped, a mistyped name being an error."""

from pathlib import Path

import jinja2
from fastapi import Request
from starlette.responses import HTMLResponse

from lunasec.demo.accounts import Account
from lunasec.demo.settings import DemoSettings
from lunasec.fastapi import LunaSec

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """The demo's templates, with what each of them may use."""

    def __init__(self, *, settings: DemoSettings, lunasec: LunaSec) -> None:
        """Load the templates; they are compiled at first use."""
        self._host = settings.host
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._everywhere = {"lunasec": lunasec, "settings": settings}

    def render(
        self,
        request: Request,
        name: str,
        visitor: Account | None,
        *,
        status: int = 200,
        **context: object,
    ) -> HTMLResponse:
        """Return the page `name` for a visitor; `context` is what this template needs besides."""
        template = self._environment.get_template(f"{name}.html")
        html = template.render(
            self._everywhere,
            request=request,
            visitor=visitor,
            here=request.url.path,
            misplaced=request.headers.get("host") != self._host,
            **context,
        )
        return HTMLResponse(html, status)
