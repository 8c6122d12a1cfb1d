"""The back channel to the tokenizer: all that a sync and an async client have in common."""

import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final, TypedDict, TypeVar

import httpx

from lunasec.errors import ConfigurationInvalid, Unavailable
from lunasec.sdk.answers import Received, parse
from lunasec.sdk.credential import read_credential
from lunasec.sdk.settings import Settings
from lunasec.sdk.verbs import Verbs
from lunasec.sdk.wire import LARGEST_ANSWER, Call

AnswerT = TypeVar("AnswerT")

# Seconds. Below the 5 of uvicorn, so that no request goes into a connection that is being closed.
_KEPT_ALIVE: Final = 2.0
_PASSING: Final = frozenset({502, 503, 504})  # What a restart and a full queue look like.
# Nothing went out yet, so a second try can't do anything twice.
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Passing(Exception):
    """The tokenizer, or what stands before it, may answer better in a moment."""

    def __init__(self, received: Received) -> None:
        """Keep the answer, which is the one that counts after the last attempt."""
        super().__init__(f"status {received.status}")
        self.received = received


# It may have arrived or not: only a repeatable call is tried again.
_LOST: Final = (Passing, httpx.NetworkError, httpx.RemoteProtocolError)


class _Options(TypedDict):
    base_url: str
    timeout: httpx.Timeout
    limits: httpx.Limits
    verify: ssl.SSLContext
    trust_env: bool
    follow_redirects: bool


class BackChannel(Verbs):
    """The settings, the credential, and how a request is dressed."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        """Read the key file, and the authorities to trust."""
        self.settings = settings
        self.credential = read_credential(
            settings.key_file, application=settings.application, audience=settings.tokenizer_url
        )
        self._clock: Callable[[], float] = clock
        self._tls = _trusted(settings)

    def options(self) -> _Options:
        """Give what an httpx client is made with."""
        settings = self.settings
        return {
            "base_url": settings.tokenizer_internal_url,
            "timeout": httpx.Timeout(settings.timeout, connect=settings.connect_timeout),
            "limits": httpx.Limits(keepalive_expiry=_KEPT_ALIVE),
            "verify": self._tls,
            "trust_env": False,
            "follow_redirects": False,
        }

    def headers(self) -> Mapping[str, str]:
        """Give the headers of one request, the application's credential among them."""
        return {
            "authorization": f"Bearer {self.credential.token(self._clock())}",
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "lunasec-python",
        }


def worth_another_try(call: Call[Any]) -> Callable[[Exception], bool]:
    """Make the rule by which a failed attempt at this call is followed by another."""

    def decide(error: Exception) -> bool:
        if isinstance(error, _NEVER_SENT):
            return True
        return call.repeatable and isinstance(error, _LOST)

    return decide


def add(body: bytearray, chunk: bytes) -> None:
    """Take in the next part of an answer, as long as the answer keeps its limit."""
    body += chunk
    if len(body) > LARGEST_ANSWER:
        raise Unavailable(f"The answer is longer than {LARGEST_ANSWER} bytes.")


def received(response: httpx.Response, body: bytearray) -> Received:
    """Give an answer that came in whole, or raise `Passing`."""
    answer = Received(
        status=response.status_code,
        media_type=response.headers.get("content-type", ""),
        body=bytes(body),
        retry_after=response.headers.get("retry-after"),
    )
    if answer.status in _PASSING:
        raise Passing(answer)
    return answer


def given_up(call: Call[AnswerT], error: Exception) -> AnswerT:
    """Settle a call after its last attempt: raise what the tokenizer said, or `Unavailable`."""
    if isinstance(error, Passing):
        return parse(call, error.received)
    # Only the error's class: its text may quote a header, and the credential is one.
    detail = f"{call.path} got no answer ({type(error).__name__})."
    raise Unavailable(detail) from None


def _trusted(settings: Settings) -> ssl.SSLContext:
    if settings.tokenizer_ca_file is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=settings.tokenizer_ca_file)
    except OSError:
        detail = (
            f"tokenizer_ca_file (or LUNASEC_TOKENIZER_CA_FILE) got {settings.tokenizer_ca_file}; "
            "it wants the path of a PEM file with certificates."
        )
        raise ConfigurationInvalid(detail) from None
