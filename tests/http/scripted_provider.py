"""An identity provider that says what a test scripts: codes, ID tokens, log-out tokens."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from joserfc.jwk import RSAKey

from lunasec.encoding import to_base64url
from tests.crypto.signing import key_set, signed
from tests.http.proxies import EVENT, own_key

CLIENT, SECRET = "tokenizer of payroll", "a secret: known + to all"


@dataclass(slots=True, kw_only=True)
class ScriptedProvider:
    """Its codes, and what it says; `described`, `claims`, `header` are changed by tests.

    It takes `delay` seconds for an answer.
    """

    port: int
    now: Any
    delay: float = 0
    key: RSAKey = field(default_factory=own_key)
    signing: Any = None
    algorithm: str = "RS256"
    described: dict[str, Any] = field(default_factory=dict[str, Any])
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    asked: list[str] = field(default_factory=list[str])
    pushed: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    @property
    def issuer(self) -> str:
        """Name it."""
        return f"http://127.0.0.1:{self.port}"

    def log_in(self, location: str, user: str = "ada", sid: str = "s-1") -> dict[str, str]:
        """Log somebody in, where a browser was sent; give the answer's parameters."""
        asked = dict(parse_qsl(urlsplit(location).query))
        assert location.startswith(f"{self.issuer}/auth?")
        if "request_uri" in asked:
            assert asked.keys() == {"client_id", "request_uri"}
            asked = self.pushed.pop(asked["request_uri"])
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "user": user, "sid": sid}
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def id_token(self, *, nonce: str, user: str, sid: str) -> str:
        """Sign an ID token; a claim that is None is left out."""
        now = self.now()
        known = {"iss": self.issuer, "aud": CLIENT, "sub": user, "sid": sid, "nonce": nonce}
        known |= {"iat": now, "exp": now + 60}
        return self.sign(known | self.claims)

    def log_out_token(self, **claims: Any) -> str:  # noqa: ANN401 - JSON
        """Sign a log-out."""
        told = {"iss": self.issuer, "aud": CLIENT, "iat": self.now(), "jti": secrets.token_hex(8)}
        self.header = {"typ": "logout+jwt"}
        return self.sign({**told, "events": {EVENT: {}}, **claims})

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign, as it is scripted."""
        stated = {name: each for name, each in claims.items() if each is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid, **self.header}
        key = self.signing or self.key
        return signed(header, stated, key, algorithm=self.algorithm)

    def get(self, path: str) -> tuple[int, bytes]:
        """Answer what it says of itself, and its keys."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/keys":
            return 200, json.dumps(key_set(self.key)).encode()
        if path != "/.well-known/openid-configuration":
            return 404, b"{}"
        said = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        said |= {"authorization_endpoint": f"{self.issuer}/auth"}
        said |= {"token_endpoint": f"{self.issuer}/token", "more": "that nobody reads"}
        known = said | {"authorization_response_iss_parameter_supported": True} | self.described
        return 200, json.dumps({name: each for name, each in known.items() if each}).encode()

    def post(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        """Take a pushed request, or a code."""
        self.asked.append(path)
        time.sleep(self.delay)
        if path in self.answers:
            return self.answers[path]
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        if [unquote_plus(each) for each in pair] != [CLIENT, SECRET]:
            return 401, b'{"error": "invalid_client"}'
        if path == "/push":
            name = f"urn:request:{secrets.token_hex(8)}"
            self.pushed[name] = form
            return 201, json.dumps({"request_uri": name, "expires_in": 60}).encode()
        found = self.codes.pop(form["code"], None)
        if found is None or not _is_of(form, found):
            return 400, b'{"error": "invalid_grant"}'
        token = self.id_token(nonce=found["nonce"], user=found["user"], sid=found["sid"])
        said = {"access_token": "x", "token_type": "Bearer", "id_token": token}
        return 200, json.dumps(said).encode()


def _is_of(form: dict[str, str], begun: dict[str, str]) -> bool:
    """Check what a code is exchanged with, as RFC 7636, section 4.6, and RFC 6749, 4.1.3, say."""
    challenge = to_base64url(_sha256(form["code_verifier"].encode()))
    return (
        form["grant_type"] == "authorization_code"
        and form["redirect_uri"] == begun["redirect_uri"]
        and begun["code_challenge_method"] == "S256"
        and challenge == begun["code_challenge"]
    )


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def handler(provider: ScriptedProvider) -> type[BaseHTTPRequestHandler]:
    """Serve what it says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*provider.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = dict(parse_qsl(body, strict_parsing=True))
            self._answer(*provider.post(self.path, form, self.headers.get("authorization", "")))

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", content.decode())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    return Handler
