"""What is said between the tokenizer and one application's identity provider."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

from lunasec.errors import ConfigurationInvalid, LogInInvalid, TooManyRequests, Unavailable
from lunasec.jose.fetched import FRESH_SECONDS, SOONEST_SECONDS, Read, Tell, reason_of
from lunasec.jose.strict_json import parse_object
from lunasec.tokenizer.oidc import requests
from lunasec.tokenizer.oidc.description import Description, described
from lunasec.tokenizer.oidc.requests import Begun, Form
from lunasec.tokenizer.relying import Prompt, RelyingParty

Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]

AT_ONCE: Final = 16
"""Requests to one provider that are under way: anybody can begin a log-in, and each is one."""

WAITING: Final = 1024
"""Requests that may wait for those, in the order they came: who floods it waits with the others."""

WAIT_SECONDS: Final = 20
"""In all: for its turn, and for the answer, which has some seconds of its own."""

_REFUSED: Final = "invalid_grant"
"""The code is used, expired, another client's, or not of this verifier (RFC 6749, section 5.2)."""


class Conversation:
    """Asks one identity provider; where it does not answer as it should, nobody is logged in."""

    def __init__(
        self, party: RelyingParty, secret: str, *, read: Read, post: Post, tell: Tell
    ) -> None:
        """Take the configuration, the client's secret, what asks, in a thread, and whom to tell."""
        self._party, self._secret = party, secret
        self._read, self._post, self._tell = read, post, tell
        self._known: Description | None = None
        self._fetched = self._tried = float("-inf")
        self._fetching = asyncio.Lock()
        # Of its own: what waits for this provider holds nothing else up.
        self._threads = ThreadPoolExecutor(AT_ONCE, "lunasec-oidc")
        self._asking = 0

    async def names_itself(self, now: float) -> bool:
        """Say whether each of its answers names its issuer (RFC 9207, section 2.3).

        Raises: `Unavailable`.
        """
        return (await self._described(now)).authorization_response_iss_parameter_supported

    async def authorization(
        self, *, state: str, nonce: str, verifier: str, prompt: Prompt | None, now: float
    ) -> str:
        """Say where the browser goes to log in; the request is pushed where that is offered.

        Raises: `Unavailable`, `TooManyRequests`.
        """
        begun = Begun(state=state, nonce=nonce, verifier=verifier, prompt=prompt)
        known = await self._described(now)
        where = known.authorization_endpoint
        if not known.pushed_authorization_request_endpoint:
            return requests.authorization(where, self._party, begun)
        form = requests.pushed(self._party, self._secret, begun)
        status, said = await self._asked(known.pushed_authorization_request_endpoint, form)
        request = said.get("request_uri")
        if status != HTTPStatus.CREATED or not isinstance(request, str) or not request:
            raise self._unavailable(f"a pushed request was answered with {status}")
        return requests.by_reference(where, self._party, request)

    async def id_token(self, *, code: str, verifier: str, now: float) -> str:
        """Turn a code into the ID token, which nobody has verified yet.

        Raises: `LogInInvalid` for a code that the provider refuses, `Unavailable`,
        `TooManyRequests`.
        """
        known = await self._described(now)
        form = requests.exchange(self._party, self._secret, code, verifier)
        status, said = await self._asked(known.token_endpoint, form)
        if status == HTTPStatus.BAD_REQUEST and said.get("error") == _REFUSED:
            raise LogInInvalid("The provider refuses the code.")
        text = said.get("id_token")
        if status != HTTPStatus.OK or not isinstance(text, str):
            raise self._unavailable(f"a code was answered with {status}, and no ID token")
        return text

    async def _described(self, now: float) -> Description:
        """Give what it says of itself, fetched within the last minutes.

        What is older counts for nothing: its keys and addresses may be somebody else's by now.
        """
        async with self._fetching:
            if now >= self._fetched + FRESH_SECONDS:
                await self._fetch(now)
            if self._known is None or now >= self._fetched + FRESH_SECONDS:
                raise Unavailable("The identity provider can't be reached.")
            return self._known

    async def _fetch(self, now: float) -> None:
        if now < self._tried + SOONEST_SECONDS:
            return
        self._tried = now
        try:
            # Not behind a flood: one at a time, and every log-in waits for it.
            self._known = await asyncio.to_thread(described, self._party, self._read)
        except (OSError, ConfigurationInvalid) as error:
            self._tell(reason_of(error))
        else:
            self._fetched = now

    async def _asked(self, address: str, form: Form) -> tuple[int, Mapping[str, object]]:
        if self._asking >= AT_ONCE + WAITING:
            raise TooManyRequests(retry_after=1)
        self._asking += 1
        limit = asyncio.timeout(WAIT_SECONDS)
        try:
            async with limit:
                status, content = await asyncio.get_running_loop().run_in_executor(
                    self._threads, self._post, address, form.body, form.headers
                )
            return status, parse_object(content)
        except OSError as error:  # Our own limit's is one, too.
            if limit.expired():
                raise TooManyRequests(retry_after=1) from None
            raise self._unavailable(reason_of(error)) from None
        except ValueError:
            raise self._unavailable("the answer is no JSON object") from None
        finally:
            self._asking -= 1

    def _unavailable(self, reason: str) -> Unavailable:
        self._tell(reason)
        return Unavailable("The identity provider does not answer as it should.")
