"""What ORY Oathkeeper answers, from its documentation: its decisions, and the keys it signs with.

Run as `python -m tests.proxies.oathkeeper PORT ISSUER RULES`, with a `rules.json` of its own.
`/decisions` believes `X-Forwarded-*` before what it was asked itself, as the real one does; it
answers 404 or 500 where not exactly one rule is the request's, 401, or 200 with the token of the
rule's `id_token` mutator. A token is given again up to nine tenths of its life, whatever key has
come since. The log-in stands for the identity provider whose cookie its authenticator reads.
"""

import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.proxies import rules

COOKIE = "proxy_session"
LIFE = 60
EVENT = "http://schemas.openid.net/event/backchannel-logout"
FORWARDED = ("x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri")

Key = RSAKey | ECKey | OctKey


def rsa_key() -> RSAKey:
    """Make a key as `oathkeeper credentials generate --alg RS256` does."""
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})


@dataclass(slots=True, kw_only=True)
class Oathkeeper:
    """Its configuration, who is logged in, and what it has signed."""

    issuer: str
    rules: list[rules.Rule]
    key: Key = field(default_factory=rsa_key)
    people: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """What the identity provider says of a session, by its cookie."""

    published: list[Key] = field(default_factory=list[Key])
    """The keys that it lists, if it is not its own."""

    cached: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])

    def application(self) -> Starlette:
        """Give what it serves."""
        return Starlette(
            routes=[
                Route("/proxy/log-in/{user}", self.log_in),
                Route("/proxy/log-out", self.log_out),
                Route("/proxy/log-out-token", self.end),
                Route("/decisions{path:path}", self.decide, methods=["GET", "POST", "PUT"]),
                Route("/.well-known/jwks.json", self.keys),
            ]
        )

    async def log_in(self, request: Request) -> Response:
        """Begin a session for whoever asks."""
        secret, user = secrets.token_urlsafe(32), request.path_params["user"]
        since = int(time.time()) - int(request.query_params.get("ago", "0"))
        known = {"id": secrets.token_urlsafe(16), "identity": {"id": user}, "auth_time": since}
        self.people[secret] = known
        response = Response("<!doctype html><title>in</title>", media_type="text/html")
        response.set_cookie(
            COOKIE, secret, domain="lunasec.localhost", httponly=True, samesite="lax"
        )
        return response

    async def log_out(self, request: Request) -> Response:
        """End it."""
        self.people.pop(request.cookies.get(COOKIE, ""), None)
        return Response("<!doctype html><title>out</title>", media_type="text/html")

    async def end(self, request: Request) -> Response:
        """Sign a log-out, as its identity provider would; the proxy itself hears nothing."""
        known = self.people[request.cookies[COOKIE]]
        claims = {"iss": self.issuer, "aud": "tokenizer", "iat": int(time.time())}
        claims |= {"sub": known["identity"]["id"], "sid": known["id"], "events": {EVENT: {}}}
        claims |= {"jti": secrets.token_hex(16)}
        return PlainTextResponse(self._signed(claims, typ="logout+jwt"))

    async def decide(self, request: Request) -> Response:
        """Say whether a request may go on, and as whose."""
        found = rules.matching(self.rules, *_asked(request))
        if len(found) != 1:
            return _refused(500 if found else 404)
        [rule] = found
        own = request.headers.get("authorization")
        if rule.claims is None:  # `noop` answers with the headers that it was asked with.
            return Response(headers={"Authorization": own} if own else None)
        known = self.people.get(request.cookies.get(COOKIE, ""))
        if known is None and rule.authenticator != "anonymous":
            return _refused(401)
        token = self._token(rule.claims, known or {"identity": {"id": "anonymous"}})
        return Response(headers={"Authorization": f"Bearer {token}"})

    async def keys(self, _request: Request) -> Response:
        """List its public keys."""
        return JSONResponse(KeySet([*(self.published or [self.key])]).as_dict(private=False))

    def _token(self, template: str, known: Mapping[str, Any]) -> str:
        subject, now = known["identity"]["id"], int(time.time())
        claims = rules.claimed(template, {"Subject": subject, "Extra": known})
        place = f"{template}|{claims}|{subject}"
        expires, token = self.cached.get(place, (0, ""))
        if expires < now + LIFE // 10:
            # Whatever the template says of these.
            claims |= {"iss": self.issuer, "sub": subject, "iat": now, "nbf": now}
            claims |= {"exp": now + LIFE, "jti": secrets.token_hex(16)}
            token = self._signed(claims)
            self.cached[place] = now + LIFE, token
        return token

    def _signed(self, claims: dict[str, Any], typ: str = "JWT") -> str:
        algorithm = str(self.key.alg)
        header = {"alg": algorithm, "kid": self.key.kid, "typ": typ}
        return jwt.encode(header, claims, self.key, algorithms=[algorithm])


def _asked(request: Request) -> tuple[str, str]:
    """Give the method and the address that are to be decided about."""
    own = (request.method, "http", request.headers["host"], request.path_params["path"])
    told = [request.headers.get(name) for name in FORWARDED]
    method, scheme, host, path = (other or each for other, each in zip(told, own, strict=True))
    return method, f"{scheme}://{host}{path.partition('?')[0]}"


def _refused(status: int) -> Response:
    return JSONResponse({"error": {"code": status}}, status)


if __name__ == "__main__":
    port, issuer, path = sys.argv[1:]
    oathkeeper = Oathkeeper(issuer=issuer, rules=rules.read(Path(path).read_text()))
    app = oathkeeper.application()
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
