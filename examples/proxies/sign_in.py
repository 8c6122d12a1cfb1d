"""What the demo's proxies ask: a log-in with two users, and a signed token for each upstream.

Run as `python -m examples.proxies.sign_in PORT ISSUER`. It stands for an identity provider, which
has passwords, and for what decides about requests, which knows its upstreams by their names.
A real ORY Oathkeeper asks it at `/sessions/whoami`, and signs the tokens itself.
"""

import secrets
import sys
import time
from typing import Final

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

COOKIE: Final = "proxy_session"
LIFE: Final = 60
USERS: Final = ("ada", "bob")
_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Who are you?</title>
<style>
:root {{ color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif }}
body {{ max-inline-size: 24rem; margin: 15vh auto; padding: 0 1.25rem }}
h1 {{ font-size: 1.5rem }}
button {{ font: inherit; padding: 0.5rem 1.5rem; margin-inline-end: 0.5rem }}
</style></head>
<body><h1>{title}</h1><form method="post" action="/proxy/log-in">{buttons}</form>
<p>The proxy's own log-in, for the demo: it asks for no password.</p></body></html>"""
_BUTTONS: Final = " ".join(f'<button name="user" value="{each}">{each}</button>' for each in USERS)


def create_app(issuer: str) -> Starlette:
    """Build it, with a key of its own and nobody logged in."""
    key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})
    people: dict[str, tuple[str, str]] = {}

    async def show(_request: Request) -> Response:
        return HTMLResponse(_PAGE.format(title="Log in as", buttons=_BUTTONS))

    async def log_in(request: Request) -> Response:
        user = (await request.form()).get("user")
        if user not in USERS or request.headers.get("sec-fetch-site", "none") == "cross-site":
            return HTMLResponse(_PAGE.format(title="Log in as", buttons=_BUTTONS), 403)
        people.pop(request.cookies.get(COOKIE, ""), None)
        secret = secrets.token_urlsafe(32)
        people[secret] = str(user), secrets.token_urlsafe(16)
        response = RedirectResponse("/profile", 303)
        response.set_cookie(
            COOKIE, secret, domain="lunasec.localhost", httponly=True, samesite="lax"
        )
        return response

    async def log_out(request: Request) -> Response:
        people.pop(request.cookies.get(COOKIE, ""), None)
        return HTMLResponse(_PAGE.format(title="You are logged out. Log in as", buttons=_BUTTONS))

    async def whoami(request: Request) -> Response:
        found = people.get(request.cookies.get(COOKIE, ""))
        if found is None:
            return Response(status_code=401)
        return JSONResponse({"id": found[1], "identity": {"id": found[0]}})

    async def decide(request: Request) -> Response:
        found = people.get(request.cookies.get(COOKIE, ""))
        if found is None:
            title = '<a href="/proxy/log-in">Log in</a> first.'
            return HTMLResponse(_PAGE.format(title=title, buttons=""), 401)
        host = request.headers.get("x-forwarded-host", request.headers["host"])
        now = int(time.time())  # noqa: TID251 - a program of its own, with its own clock
        claims = {"iss": issuer, "aud": f"http://{host}", "iat": now, "exp": now + LIFE}
        claims |= {"sub": found[0], "sid": found[1]}
        header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
        token = jwt.encode(header, claims, key, algorithms=["RS256"])
        return Response(headers={"Authorization": f"Bearer {token}"})

    async def keys(_request: Request) -> Response:
        return JSONResponse(KeySet([key]).as_dict(private=False))

    return Starlette(
        routes=[
            Route("/proxy/log-in", show),
            Route("/proxy/log-in", log_in, methods=["POST"]),
            Route("/proxy/log-out", log_out),
            Route("/sessions/whoami", whoami),
            Route("/decisions{path:path}", decide, methods=["GET", "POST", "PUT"]),
            Route("/.well-known/jwks.json", keys),
        ]
    )


if __name__ == "__main__":
    port, issuer = sys.argv[1:]
    uvicorn.run(create_app(issuer), host="127.0.0.1", port=int(port), log_level="warning")
