"""What ORY Oathkeeper answers, from its documentation: its decisions, and the keys it signs with.

Run as `python -m tests.proxies.oathkeeper PORT ISSUER`. `/decisions` believes `X-Forwarded-Host`
before `Host`, as the real one does, and answers 401, or 200 with the token of the `id_token`
mutator for the upstream that is asked for; the rule's claims template adds `aud` and `sid`. The
log-in stands for the identity provider whose cookie its authenticator reads.
"""

import secrets
import sys
import time

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

COOKIE = "proxy_session"
LIFE = 60
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def create_app(issuer: str) -> Starlette:
    """Build it, with a key of its own and nobody logged in."""
    key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})
    people: dict[str, tuple[str, str]] = {}
    since: dict[str, int] = {}

    async def log_in(request: Request) -> Response:
        secret = secrets.token_urlsafe(32)
        people[secret] = request.path_params["user"], secrets.token_urlsafe(16)
        since[secret] = int(time.time()) - int(request.query_params.get("ago", "0"))
        response = Response("<!doctype html><title>in</title>", media_type="text/html")
        response.set_cookie(
            COOKIE, secret, domain="lunasec.localhost", httponly=True, samesite="lax"
        )
        return response

    async def log_out(request: Request) -> Response:
        people.pop(request.cookies.get(COOKIE, ""), None)
        return Response("<!doctype html><title>out</title>", media_type="text/html")

    async def end(request: Request) -> Response:
        """Sign a log-out, as its identity provider would; the proxy itself hears nothing."""
        user, session = people[request.cookies[COOKIE]]
        claims = {"iss": issuer, "aud": "tokenizer", "iat": int(time.time()), "sub": user}
        claims |= {"jti": secrets.token_hex(16), "sid": session, "events": {EVENT: {}}}
        header = {"alg": "RS256", "kid": key.kid, "typ": "logout+jwt"}
        return PlainTextResponse(jwt.encode(header, claims, key, algorithms=["RS256"]))

    async def decide(request: Request) -> Response:
        found = people.get(request.cookies.get(COOKIE, ""))
        if found is None:
            return JSONResponse({"error": {"code": 401, "status": "Unauthorized"}}, 401)
        user, session = found
        host = request.headers.get("x-forwarded-host", request.headers["host"])
        now = int(time.time())
        claims = {"iss": issuer, "sub": user, "iat": now, "nbf": now, "exp": now + LIFE}
        claims |= {"jti": secrets.token_hex(16), "aud": [f"http://{host}"], "sid": session}
        claims |= {"auth_time": since[request.cookies[COOKIE]]}
        header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
        token = jwt.encode(header, claims, key, algorithms=["RS256"])
        return Response(headers={"Authorization": f"Bearer {token}"})

    async def keys(_request: Request) -> Response:
        return JSONResponse(KeySet([key]).as_dict(private=False))

    return Starlette(
        routes=[
            Route("/proxy/log-in/{user}", log_in),
            Route("/proxy/log-out", log_out),
            Route("/proxy/log-out-token", end),
            Route("/decisions{path:path}", decide, methods=["GET", "POST", "PUT"]),
            Route("/.well-known/jwks.json", keys),
        ]
    )


if __name__ == "__main__":
    port, issuer = sys.argv[1:]
    uvicorn.run(create_app(issuer), host="127.0.0.1", port=int(port), log_level="warning")
