"""The parties of the protocol, as tests need them: back ends, browsers, and whoever attacks."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx

from lunasec.encoding import from_base64url, to_base64url
from lunasec.sdk.credential import Credential
from lunasec.sealing import open_value, seal_value
from lunasec.tokenizer.core.tokens import Token

PAYROLL, CLINIC = "payroll", "clinic"
ORIGINS = {PAYROLL: "http://app.lunasec.localhost:1", CLINIC: "http://clinic.localhost:1"}
"""Two applications of one tokenizer: one on its site, one on another."""

REDIRECTED = {"sec-fetch-dest": "empty", "sec-fetch-mode": "no-cors", "sec-fetch-site": "same-site"}
SCRIPTED = {"sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}
"""What Chromium sends with the redirect of step 4, and with the requests of our own frames."""


def reference() -> str:
    """Make the reference of some session of an application."""
    return to_base64url(secrets.token_bytes(32))


def sealed(text: str, *, application: str = PAYROLL, kind: str = "text") -> dict[str, str]:
    """Seal a text as a frame does, ready for `POST /tokenize`."""
    dek = secrets.token_bytes(32)
    ciphertext = seal_value(
        text,
        application=application,
        kind=kind,
        dek=dek,
        value_id=secrets.token_bytes(16),
        nonce=secrets.token_bytes(12),
    )
    return {"key": to_base64url(dek), "ciphertext": to_base64url(ciphertext), "kind": kind}


def opened(value: Mapping[str, Any], application: str = PAYROLL) -> str | None:
    """Open what `POST /detokenize` answered for one token; None for a refusal."""
    if "code" in value:
        return None
    return open_value(
        from_base64url(value["ciphertext"]),
        application=application,
        kind=value["kind"],
        dek=from_base64url(value["key"]),
    )


def code(response: httpx.Response) -> str:
    """Give the code of a refusal."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    stated: str = response.json()["code"]
    return stated


@dataclass(slots=True)
class Clock:
    """The clock of a test, which stands still until it is set; without a time, the machine's."""

    stopped: int | None = None

    def __call__(self) -> int:
        """Tell the time in Unix seconds."""
        return int(time.time()) if self.stopped is None else self.stopped

    @property
    def now(self) -> int:
        """Tell the time."""
        return self()

    @now.setter
    def now(self, now: int) -> None:
        self.stopped = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """A tokenizer, and all that talk to it."""

    origin: str
    client: httpx.AsyncClient
    clock: Clock
    credentials: Mapping[str, Credential]

    async def ask(self, path: str, application: str = PAYROLL, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        """Ask as an application's back end."""
        headers = {"authorization": f"Bearer {self.credentials[application].token(self.clock())}"}
        return await self.client.post(path, json=body, headers=headers)

    async def told(self, path: str, application: str = PAYROLL, **body: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask as an application's back end, and give the answer of a call that has to work."""
        response = await self.ask(path, application, **body)
        assert response.status_code == 200, response.text
        return response.json()

    async def handle(
        self, state: str, session: str, application: str = PAYROLL, **more: object
    ) -> str:
        """Have an application vouch for a session."""
        stated = {"state": state, "session": session, "origin": ORIGINS[application]}
        body: dict[str, Any] = {"expires_in": 3600, **stated, **more}
        answer = await self.told("/session/handles", application, **body)
        handle: str = answer["handle"]
        return handle

    async def grant(
        self, session: str, tokens: Sequence[str], application: str = PAYROLL, **more: int
    ) -> None:
        """Let a session read tokens."""
        answer = await self.told("/grants", application, session=session, tokens=tokens, **more)
        assert answer["refused"] == []

    def browser(self, application: str = PAYROLL) -> "Browser":
        """Open somebody's browser on an application."""
        return Browser(parties=self, application=application)

    async def visitor(self, application: str = PAYROLL) -> "Browser":
        """Open a browser that has a session."""
        browser = self.browser(application)
        await browser.log_in()
        return browser


@dataclass(slots=True, kw_only=True)
class Browser:
    """One browser with its cookies at the tokenizer, and the page's expected session."""

    parties: Parties
    application: str
    session: str = field(default_factory=reference)
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def cookie(self) -> str:
        """The secret of its session."""
        return self.cookies[f"__Host-lunasec-{self.application}"]

    def stolen(self) -> "Browser":
        """Copy everything that it has, at this moment, to a thief's browser."""
        return Browser(
            parties=self.parties,
            application=self.application,
            session=self.session,
            cookies=dict(self.cookies),
        )

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Ask as a frame in this browser does."""
        own = {**SCRIPTED, "lunasec-application": self.application, **self._cookie()}
        response = await self.parties.client.post(path, json=body, headers={**own, **headers})
        self._keep(response)
        return response

    def proof(self) -> dict[str, str]:
        """Give the headers, beside cookies, that say who this is: none."""
        return {}

    async def asks(self, path: str, **body: object) -> httpx.Response:
        """Ask for this page's session."""
        return await self.post(path, {"session": self.session, **body})

    async def state(self, *, renew: bool = False) -> str:
        """Step 1: get a state, with the binding cookie that it belongs to."""
        answer = (await self.asks("/session/ensure", renew=renew)).json()
        assert answer["active"] is False, answer
        state: str = answer["state"]
        return state

    async def follow(self, handle: str, **headers: str) -> httpx.Response:
        """Step 5: go where the application's redirect leads."""
        response = await self.parties.client.get(
            f"/session/create/{self.application}",
            params={"handle": handle},
            headers={**REDIRECTED, **self._cookie(), **headers},
        )
        self._keep(response)
        return response

    async def log_in(self, *, renew: bool = False, **offered: object) -> None:
        """Steps 1 to 5."""
        state = await self.state(renew=renew)
        handle = await self.parties.handle(state, self.session, self.application, **offered)
        response = await self.follow(handle)
        assert response.status_code == 204, response.text

    async def store(self, *texts: str) -> list[str]:
        """Seal texts and have them kept."""
        values = [sealed(text, application=self.application) for text in texts]
        response = await self.asks("/tokenize", values=values)
        assert response.status_code == 200, response.text
        tokens: list[str] = response.json()["tokens"]
        return tokens

    async def read(self, *tokens: str) -> list[str | None]:
        """Read tokens as a frame does; None for what is refused."""
        response = await self.asks("/detokenize", tokens=tokens)
        assert response.status_code == 200, response.text
        return [opened(each, self.application) for each in response.json()["values"]]

    async def lives(self) -> bool:
        """Say whether its session is good for a read."""
        response = await self.asks("/detokenize", tokens=[UNKNOWN])
        assert response.status_code in {200, 401, 409}, response.text
        return response.status_code == 200

    def _cookie(self) -> dict[str, str]:
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"cookie": pairs} if pairs else {}

    def _keep(self, response: httpx.Response) -> None:
        for line in response.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


UNKNOWN = "lunasec-" + "A" * 43 + "bP_uA0"
"""A well-formed token that nobody ever made."""


def unknown(count: int) -> list[str]:
    """Make so many well-formed tokens that nobody ever made."""
    return [Token.of(secrets.token_bytes(32)).text() for _ in range(count)]


def client(**options: Any) -> httpx.AsyncClient:  # noqa: ANN401 - httpx's
    """Make a client that keeps no cookies by itself."""
    made = httpx.AsyncClient(**options, trust_env=False, timeout=20)
    made.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return made
