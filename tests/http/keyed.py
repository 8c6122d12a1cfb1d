"""A browser that keeps none of the tokenizer's cookies: a document, its key, signed requests."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lunasec.encoding import to_base64url
from spec.request_vectors import name_of
from spec.writing import fields
from tests.http.local import Local
from tests.http.parties import ORIGINS, SCRIPTED, Browser, Parties

FRAMED = {"sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate", "sec-fetch-site": "same-site"}
"""What Chromium sends where a frame's navigation follows the application's redirect."""

_SECRET = re.compile(
    r'<meta name="lunasec-secret" content="([\w-]{43})" data-session="([\w-]{43})">'
)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a key as a document does."""
    return ec.generate_private_key(ec.SECP256R1())


async def document_handle(parties: Parties, session: str, **more: object) -> str:
    """Have payroll vouch for a session to a document."""
    stated = {"session": session, "origin": ORIGINS["payroll"], "document": True}
    body: dict[str, Any] = {"expires_in": 3600, **stated, **more}
    answer = await parties.told("/session/handles", **body)
    handle: str = answer["handle"]
    return handle


@dataclass(slots=True, kw_only=True)
class Keyed(Browser):
    """A page of payroll's in such a browser; `session` is the reference that it is pinned to."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    counter: int = 0
    handle: str = ""

    @property
    def point(self) -> bytes:
        """The public half of its key."""
        public = self.key.public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    async def loads(self, handle: str, **headers: str) -> httpx.Response:
        """Load the coordinator's document into a frame, by the application's redirect."""
        return await self.parties.client.get(
            f"/frame/{self.application}/coordinator",
            params={"handle": handle},
            headers={**FRAMED, **headers},
        )

    async def registers(
        self, secret: str, *, signed: bool = False, **changed: str
    ) -> httpx.Response:
        """Register the key with the secret that stands in the document."""
        body = {"session": self.session, "secret": secret, "key": to_base64url(self.point)}
        ask = self.post if signed else self.unsigned
        return await ask("/session/register", {**body, **changed})

    async def log_in(self, *, renew: bool = False, **offered: object) -> None:
        """Take all steps; for a renewal with a new key, vouched for by the old one."""
        secret = await self.secret(**offered)
        key = new_key() if renew else self.key
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        answer = await self.registers(secret, signed=renew, key=to_base64url(point))
        assert answer.status_code == 200, answer.text
        if renew:
            self.key, self.counter = key, 0

    async def secret(self, **offered: object) -> str:
        """Load a document, and read the secret in it."""
        handle = await document_handle(self.parties, self.session, **offered)
        secret, session = secret_in(await self.loads(handle))
        assert session == self.session
        return secret

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Ask as the document does: signed."""
        self.counter += 1
        content = json.dumps(body).encode()
        signature = self.signature(path, content, self.counter)
        return await self.send(path, content, **{"lunasec-signature": signature, **headers})

    async def unsigned(self, path: str, body: object) -> httpx.Response:
        """Ask as a document does that has no key yet."""
        return await self.send(path, json.dumps(body).encode())

    async def send(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        """Send a request as it stands."""
        own = {**SCRIPTED, "lunasec-application": self.application, **self._cookie()}
        told = {**own, "content-type": "application/json", **headers}
        return await self.parties.client.post(path, content=content, headers=told)

    def signature(self, path: str, content: bytes, counter: int, **changed: str) -> str:
        """Sign a request, and write the header."""
        stated = {"method": "POST", "path": path, "session": self.session, **changed}
        name = name_of(self.point)
        message = _message(stated, content, name, counter)
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(SHA256())))
        value = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{to_base64url(name)}.{counter}.{to_base64url(value)}"


def _message(stated: Mapping[str, str], content: bytes, name: bytes, counter: int) -> bytes:
    return fields(
        b"lunasec/request/v1",
        stated["method"].encode(),
        stated["path"].encode(),
        hashlib.sha256(content).digest(),
        stated["session"].encode(),
        name,
        counter.to_bytes(8, "big"),
    )


def secret_in(response: httpx.Response) -> tuple[str, str]:
    """Read the secret, and the session that it is for, out of a document."""
    assert response.status_code == 200, response.text
    found = _SECRET.search(response.text)
    assert found is not None
    return found[1], found[2]


async def keyed(parties: Parties, **more: Any) -> Keyed:  # noqa: ANN401 - fields of `Keyed`
    """Open a page in a browser without cookies, with a session."""
    page = Keyed(parties=parties, application="payroll", **more)
    await page.log_in()
    return page


async def refusals(parties: Local, action: str) -> list[str]:
    """List why something was refused, as it is on record."""
    return [
        each["reason"]
        for each in await parties.audit()
        if each["action"] == action and each["outcome"] == "refused"
    ]


def page(parties: Parties) -> Keyed:
    """Open a page in a browser without cookies, that has no session yet."""
    return Keyed(parties=parties, application="payroll")
