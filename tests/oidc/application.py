"""An application that logs its users in with the same identity provider, and knows no password.

Run as `python -m tests.oidc.application` with a JSON object on the command line, see `Configured`.
"""

import base64
import hashlib
import json
import secrets
import sys
from typing import Annotated, Any
from urllib.parse import quote_plus, urlencode

import httpx
import msgspec
import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lunasec import proxy
from lunasec.encoding import to_base64url
from lunasec.fastapi import LunaSec

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{user}</title>
{meta}{script}</head><body><main><h1 id="user">{user}</h1>
<form method="post" action="/" id="form"><label for="ssn">Number</label>
<secure-input id="ssn" name="ssn"{validator}></secure-input><button id="save">Save</button></form>
{shown}</main></body></html>"""
COOKIE = "app_session"
VERIFIER = "0" * 43
CHALLENGE = to_base64url(hashlib.sha256(VERIFIER.encode()).digest())
KEEP = "keep"
"""The state with which a server that was taken over leaves a code unused, for other ends."""


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is; `provider` is its address for programs, `issuer` that for browsers."""

    port: int
    origin: str
    key_file: str
    tokenizer: str
    internal: str
    issuer: str
    provider: str
    client_id: str
    client_secret: str


def create_app(configured: Configured) -> FastAPI:
    """Build it; a user's one value is kept in memory, and so is who is logged in."""
    app = FastAPI(openapi_url=None)
    kept: dict[str, str] = {}
    people: dict[str, dict[str, Any]] = {}
    lunasec = LunaSec(
        application="payroll",
        key_file=configured.key_file,
        tokenizer_url=configured.tokenizer,
        tokenizer_internal_url=configured.internal,
        session_id_provider=proxy.oidc_session(
            issuer=configured.issuer,
            claims=lambda request: people.get(request.cookies.get(COOKIE, "")),
        ),
    )

    def user_of(request: Request) -> str:
        return str(people.get(request.cookies.get(COOKIE, ""), {}).get("sub", ""))

    @app.get("/")
    async def show(request: Request, kind: str = "") -> HTMLResponse:
        user = user_of(request)
        token = request.query_params.get("stolen") or kept.get(user)
        if token and user:
            await lunasec.grants.create(request, token)
        shown = f'<secure-text id="shown" token="{token}"></secure-text>' if token else ""
        html = PAGE.format(
            user=user,
            meta=lunasec.meta(request),
            script=lunasec.script(),
            shown=shown,
            validator=f' validator="{kind}"' if kind else "",
        )
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @app.post("/")
    async def save(request: Request, ssn: Annotated[str, Form()]) -> RedirectResponse:
        await lunasec.grants.verify(request, ssn)
        kept[user_of(request)] = ssn
        return RedirectResponse("/", 303)

    @app.get("/log-in")
    async def log_in(then: str = "/") -> RedirectResponse:
        asked = {"client_id": configured.client_id, "response_type": "code", "scope": "openid"}
        asked |= {"redirect_uri": f"{configured.origin}/logged-in", "state": then}
        # A real one keeps a verifier and a state of its own; this one is not what is tested.
        asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        return RedirectResponse(f"{configured.issuer}/auth?{urlencode(asked)}", 303)

    @app.get("/logged-in")
    async def logged_in(code: str, state: str) -> Response:
        if state == KEEP:
            return HTMLResponse("<!doctype html><title>kept</title>")
        claims = await _exchanged(configured, code)
        secret = secrets.token_urlsafe(16)
        people[secret] = claims
        then = {"tokenizer": f"{configured.tokenizer}/session/log-in/payroll"}.get(state, "/")
        response = RedirectResponse(then, 303)
        response.set_cookie(COOKIE, secret, httponly=True, samesite="lax")
        return response

    @app.get("/log-out")
    async def log_out(request: Request) -> Response:
        await lunasec.sessions.end(request)
        people.pop(request.cookies.get(COOKIE, ""), None)
        return HTMLResponse("<!doctype html><title>out</title>")

    @app.get("/ready")
    async def ready() -> Response:
        return Response("ready")

    lunasec.register(app)
    return app


async def _exchanged(configured: Configured, code: str) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    form |= {"redirect_uri": f"{configured.origin}/logged-in"}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{configured.provider}/token",
            data=form,
            auth=(quote_plus(configured.client_id), quote_plus(configured.client_secret)),
            headers={"host": configured.issuer.removeprefix("http://")},
        )
    payload = answer.json()["id_token"].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims


if __name__ == "__main__":
    configured = msgspec.json.decode(sys.argv[1], type=Configured)
    app = create_app(configured)
    uvicorn.run(app, host="127.0.0.1", port=configured.port, log_level="warning")
