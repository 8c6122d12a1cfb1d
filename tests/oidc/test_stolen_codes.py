"""One client for the application and the tokenizer: a code of the one is none of the other's."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

import httpx
from playwright.async_api import Page

from lunasec.encoding import to_base64url
from lunasec.tokenizer.core.log_in import LogIn, resume
from lunasec.tokenizer.http import cookies
from tests.conftest import NewVisitor
from tests.http.parties import code as code_of
from tests.oidc.application import KEEP
from tests.oidc.conftest import CLIENT, SECRET, Relying

BEGIN: Final = "/session/log-in/payroll"
CALLBACK: Final = f"{BEGIN}/callback"
COOKIE: Final = cookies.log_in_name("payroll")
SESSION: Final = cookies.session_name("payroll")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacker:
    """Who took the application's server over, with a browser of their own."""

    relying: Relying
    client: httpx.AsyncClient

    async def begin(self) -> tuple[str, LogIn]:
        """Begin a log-in in a new browser; give its cookie, and all that the tokenizer makes of it.

        Asked without a page, the provider tells the browser its state by an error at once.
        """
        self.client.cookies.clear()
        begun = await self._navigate(BEGIN, "iframe")
        cookie = begun.cookies[COOKIE]
        asked = urlsplit(begun.headers["location"])
        host = {"host": asked.netloc}
        answer = await self.client.get(f"{self._provider}/auth?{asked.query}", headers=host)
        said = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        assert said["error"] == "login_required"
        binding = cookies.secret(cookie)
        assert binding is not None
        log_in = resume(binding, "payroll", self.relying.issuer, said["state"])
        assert log_in is not None
        return cookie, log_in

    def address(self, log_in: LogIn, redirect: str) -> str:
        """Make the address at the provider that a visitor is sent to."""
        challenge = hashlib.sha256(log_in.verifier.encode()).digest()
        asked = {"client_id": CLIENT, "response_type": "code", "scope": "openid", "state": KEEP}
        asked |= {"redirect_uri": redirect, "nonce": log_in.nonce}
        asked |= {"code_challenge": to_base64url(challenge), "code_challenge_method": "S256"}
        return f"{self.relying.issuer}/auth?{urlencode(asked)}"

    async def come_back(self, cookie: str, said: Mapping[str, str]) -> httpx.Response:
        """Bring the tokenizer what somebody else's browser was told."""
        return await self._navigate(f"{CALLBACK}?{urlencode(said)}", cookie=f"{COOKIE}={cookie}")

    async def exchange(self, code: str, log_in: LogIn, redirect: str) -> Mapping[str, Any]:
        """Turn a code into the claims of its ID token, as the client that both are."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        answer = await self.client.post(
            f"{self._provider}/token",
            data={**form, "code_verifier": log_in.verifier},
            auth=(quote_plus(CLIENT), quote_plus(SECRET)),
            headers={"host": urlsplit(self.relying.issuer).netloc},
        )
        payload = answer.json()["id_token"].split(".")[1]
        claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
        return claims

    @property
    def _provider(self) -> str:
        """Give its address for programs, which may not know the names that browsers do."""
        return f"http://127.0.0.1:{urlsplit(self.relying.issuer).port}"

    async def _navigate(self, path: str, to: str = "document", **headers: str) -> httpx.Response:
        own = {"host": urlsplit(self.relying.secure).netloc}
        own |= {"sec-fetch-mode": "navigate", "sec-fetch-dest": to, **headers}
        return await self.client.get(f"{self.relying.around_tokenizer}{path}", headers=own)


async def _followed(page: Page, address: str, redirect: str, user: str) -> dict[str, str]:
    """Have a visitor log in where they were sent; give what the provider says at `redirect`."""
    await page.goto(address)
    await page.fill("input[name=login]", user)
    await page.fill("input[name=password]", "any")
    await page.click("button[type=submit]")
    await page.click("text=Continue")
    await page.wait_for_url(lambda url: url.startswith(f"{redirect}?"))
    return dict(parse_qsl(urlsplit(page.url).query))


async def test_t2b_a_code_for_the_application_opens_nothing_here(
    relying: Relying, new_visitor: NewVisitor
) -> None:
    """Begun by an attacker, with his own challenge and nonce, and taken at the application.

    The provider compares the address that it sent the code to (RFC 6749, section 4.1.3). Nothing
    else stands in the way: there the same code opens who logged in, and with the tokenizer's own
    address, whose answers no application sees, the same steps open a session.
    """
    theirs, own = f"{relying.application}/logged-in", f"{relying.secure}{CALLBACK}"
    async with httpx.AsyncClient(trust_env=False) as client:
        attacker = Attacker(relying=relying, client=client)
        cookie, log_in = await attacker.begin()
        ada = (await new_visitor()).page
        said = await _followed(ada, attacker.address(log_in, theirs), theirs, "ada-7")
        refused = await attacker.come_back(cookie, {**said, "state": log_in.state})
        assert refused.status_code == 403
        assert code_of(refused) == "log_in_invalid"
        assert "set-cookie" not in refused.headers
        claims = await attacker.exchange(said["code"], log_in, theirs)
        assert (claims["sub"], claims["nonce"]) == ("ada-7", log_in.nonce)
        cookie, log_in = await attacker.begin()
        bob = (await new_visitor()).page
        said = await _followed(bob, attacker.address(log_in, own), own, "bob-7")
        opened = await attacker.come_back(cookie, {**said, "state": log_in.state})
        assert opened.status_code == 303
        assert SESSION in opened.cookies
