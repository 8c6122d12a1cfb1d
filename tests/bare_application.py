"""An application with a hole on purpose: it renders whatever HTML it is asked to.

The browser's tests put their own page, and their own attack, into it. Run as
`python -m tests.bare_application PORT APPLICATION KEY_FILE TOKENIZER_URL INTERNAL_URL`.
"""

import sys
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.middleware.sessions import SessionMiddleware

from lunasec.errors import LunaSecError
from lunasec.fastapi import LunaSec, starlette_session_id

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>bare</title>
{meta}{script}</head><body>{html}</body></html>"""


def create_app(lunasec: LunaSec) -> FastAPI:
    """Build the application around a `LunaSec` whose sessions are Starlette's."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(SessionMiddleware, secret_key="not a secret: a test's own")

    @app.get("/page")
    async def page(
        request: Request, html: str = "", grant: str = "", reads: int = 0
    ) -> HTMLResponse:
        if grant:
            await lunasec.grants.create(request, grant.split(","), max_reads=reads or None)
        document = PAGE.format(meta=lunasec.meta(request), script=lunasec.script(), html=html)
        return HTMLResponse(document, headers={"Cache-Control": "no-store"})

    @app.get("/plain")
    async def plain(html: str = "") -> HTMLResponse:
        """A page without the library, whatever stands in it."""
        return HTMLResponse(PAGE.format(meta="", script="", html=html))

    @app.get("/grant")
    async def grant(request: Request, token: str) -> JSONResponse:
        await lunasec.grants.create(request, token)
        return JSONResponse({})

    @app.get("/as/{user}")
    async def as_user(request: Request, user: str, *, keep: bool = False) -> JSONResponse:
        """Log in without a password; `keep` keeps the application's session id, as some do."""
        if not keep:
            request.session.clear()
        request.session["user"] = user
        return JSONResponse({"session": lunasec.sessions.reference_now(request)})

    @app.get("/leave")
    async def leave(request: Request) -> JSONResponse:
        await lunasec.sessions.end(request)
        request.session.clear()
        return JSONResponse({})

    @app.post("/echo")
    async def echo(request: Request, ssn: Annotated[str, Form()] = "") -> JSONResponse:
        """Say what the form posted, and whether this session made it."""
        form = await request.form()
        posted = {name: str(value) for name, value in form.multi_items()}
        try:
            await lunasec.grants.verify(request, ssn)
        except LunaSecError as error:
            return JSONResponse({"form": posted, "verified": error.code})
        return JSONResponse({"form": posted, "verified": "yes"})

    _keep_pages(app, lunasec)
    lunasec.register(app)
    return app


def _keep_pages(app: FastAPI, lunasec: LunaSec) -> None:
    """Have it answer with pages that are too large for an address."""
    kept: dict[str, tuple[str, list[str]]] = {}

    @app.post("/keep/{name}")
    async def keep(name: str, request: Request) -> JSONResponse:
        """Take a page, and the tokens that go with it."""
        body = await request.json()
        kept[name] = body["html"], body["grant"]
        return JSONResponse({})

    @app.get("/kept/{name}")
    async def show_kept(name: str, request: Request) -> HTMLResponse:
        html, tokens = kept[name]
        if tokens:
            await lunasec.grants.create(request, tokens)
        document = PAGE.format(meta=lunasec.meta(request), script=lunasec.script(), html=html)
        return HTMLResponse(document, headers={"Cache-Control": "no-store"})


def main() -> None:
    """Serve until stopped."""
    port, application, key_file, tokenizer, internal = sys.argv[1:]
    lunasec = LunaSec(
        application=application,
        key_file=Path(key_file),
        tokenizer_url=tokenizer,
        tokenizer_internal_url=internal,
        session_id_provider=starlette_session_id.with_user("user"),
    )
    uvicorn.run(create_app(lunasec), host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main()
