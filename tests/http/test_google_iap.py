"""The negative tests that Google publishes for its Identity-Aware Proxy, at the whole tokenizer.

IAP sends them itself where `?gcp-iap-mode=SECURE_TOKEN_TEST` is asked for, one of each
`iap-secure-token-test-type`; of the last, its own header is not there at all.
"""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from joserfc.jwk import ECKey

from lunasec.references import proxied_user_id, session_reference
from tests.http.local import START
from tests.http.parties import PAYROLL, code
from tests.http.proxies import Behind, behind

ISSUER = "https://cloud.google.com/iap"
BACKEND = "/projects/123456789012/global/backendServices/1234567890123456789"
HEADER = "x-goog-iap-jwt-assertion"
IAP = f"""
[applications.payroll.provider]
preset = "google-iap"
issuer = "{ISSUER}"
audience = "{BACKEND}"
jwks = "proxy.jwks.json"
"""
KEY = ECKey.generate_key("P-256", {"kid": "f9R3yg"})
OTHER = ECKey.generate_key("P-256", {"kid": "f9R3yg"})
ADA = {"sub": "accounts.google.com:118133858486581853996", "email": "ada@example.com"}
GOOD: dict[str, Any] = {"iss": ISSUER, "aud": BACKEND, "iat": START - 5, "exp": START + 595, **ADA}


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind IAP."""
    async with behind(tmp_path, IAP) as made:
        made.proxy.publish(KEY)
        yield made


def token(proxied: Behind, key: ECKey = KEY, **claims: Any) -> str:  # noqa: ANN401 - JSON
    """Sign a token as IAP does, but for these claims."""
    signed: dict[str, Any] = {"key": key, **GOOD, **claims}
    return proxied.proxy.token(START, **signed)


async def asks(proxied: Behind, **headers: str) -> tuple[int, str]:
    """Ask for Ada's session, with these headers and no bearer token; give the status and code."""
    issued = session_reference(PAYROLL, proxied_user_id(ISSUER, ADA["sub"]), ADA["sub"])
    ada = proxied.browser(ADA["sub"], sid="")  # which IAP does not name
    ada.session = issued
    own = {"authorization": "", **headers}
    answer = await ada.post("/session/ensure", {"session": ada.session}, **own)
    return answer.status_code, "" if answer.is_success else code(answer)


BAD: dict[str, dict[str, Any]] = {
    "FUTURE_ISSUE": {"iat": START + 600, "exp": START + 1200},
    "PAST_EXPIRATION": {"iat": START - 1200, "exp": START - 600},
    "ISSUER": {"iss": "https://cloud.google.com/not-iap"},
    "AUDIENCE": {"aud": BACKEND.replace("6789", "0000")},
    "SIGNATURE": {"key": OTHER},
}


@pytest.mark.parametrize("claims", BAD.values(), ids=BAD)
async def test_t25_what_google_sends_to_be_refused(proxied: Behind, claims: dict[str, Any]) -> None:
    """A 401 that says that it did not come through the proxy; the good one is taken (`NOT_SET`)."""
    good, bad = token(proxied), token(proxied, **claims)
    assert await asks(proxied, **{HEADER: bad}) == (401, "not_proxied")
    assert await asks(proxied, **{HEADER: good}) == (200, "")
    assert await asks(proxied, **{HEADER: bad}) == (401, "not_proxied")


async def test_t25_the_header_is_not_there(proxied: Behind) -> None:
    """The unsigned ones beside it name nobody, and neither does a bearer token."""
    for headers in (
        {},
        {"x-goog-authenticated-user-email": f"accounts.google.com:{ADA['email']}"},
        {"x-goog-authenticated-user-id": ADA["sub"]},
        {"authorization": f"Bearer {token(proxied)}"},
        {HEADER: ""},
    ):
        assert await asks(proxied, **headers) == (401, "not_proxied"), headers
