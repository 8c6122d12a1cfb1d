"""An application behind an auth proxy, with one value for each user.

Run as `python -m tests.proxies.application PORT KEY_FILE TOKENIZER INTERNAL PRESET ISSUER AUDIENCE
JWKS`.
"""

import sys
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from lunasec import proxy
from lunasec.fastapi import LunaSec

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{user}</title>
{meta}{script}</head><body><p id="user">{user}</p>
{form}{shown}</body></html>"""
FORM = """<form method="post" action="/" id="form"><label for="ssn">Number</label>
<secure-input id="ssn" name="ssn"></secure-input><button id="save">Save</button></form>"""

WORKER = """addEventListener("fetch", (event) => {
  event.respondWith(new Response("", { headers: { "Content-Type": "text/html" } }));
  event.waitUntil(clients.matchAll({ includeUncontrolled: true }).then((all) =>
    all.forEach((each) => each.postMessage(event.request.url))));
});"""


def create_app(lunasec: LunaSec, provider: proxy.ProxyProvider) -> FastAPI:
    """Build it; whom it shows, the proxy's token says."""
    app = FastAPI(openapi_url=None)
    kept: dict[str, str] = {}

    @app.get("/")
    @app.get("/value")
    async def show(request: Request) -> HTMLResponse:
        """Show a user's value; under `/`, below the form for a new one."""
        found = await provider(request)
        user = found[1] if found else ""
        # As a server does that was taken over: whatever is asked for is granted to whoever asks.
        token = request.query_params.get("stolen") or kept.get(user)
        if token:
            await lunasec.grants.create(request, token)
        meta = lunasec.meta_for(await lunasec.sessions.reference(request))
        shown = f'<secure-text id="shown" token="{token}"></secure-text>' if token else ""
        form = FORM if request.url.path == "/" else ""
        html = PAGE.format(user=user, meta=meta, script=lunasec.script(), form=form, shown=shown)
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @app.post("/")
    async def save(request: Request, ssn: Annotated[str, Form()]) -> RedirectResponse:
        await lunasec.grants.verify(request, ssn)
        found = await provider(request)
        kept[found[1] if found else ""] = ssn
        return RedirectResponse("/", 303)

    @app.get("/headers")
    async def headers(request: Request) -> JSONResponse:
        """Say what the proxy let through, for whoever took this server over."""
        return JSONResponse(dict(request.headers.items()))

    @app.get("/worker.js")
    async def worker() -> Response:
        """Let a page watch where its visitors go, as a server does that was taken over."""
        return Response(WORKER, media_type="text/javascript")

    @app.get("/ready")
    async def ready() -> Response:
        return Response("ready")

    lunasec.register(app)
    return app


if __name__ == "__main__":
    port, key_file, tokenizer, internal, preset, issuer, audience, jwks = sys.argv[1:]
    made = {"apache": proxy.apache, "envoy": proxy.envoy, "oathkeeper": proxy.oathkeeper}[preset]
    provider = made(issuer=issuer, audience=audience, jwks=jwks)
    lunasec = LunaSec(
        application="payroll",
        key_file=key_file,
        tokenizer_url=tokenizer,
        tokenizer_internal_url=internal,
        session_id_provider=provider,
    )
    app = create_app(lunasec, provider)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
