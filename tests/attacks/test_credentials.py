"""Every forged, stale or misspelled credential is refused by every address of the back channel."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import pytest
import pytest_asyncio

from lunasec.tokenizer import settings, wiring
from lunasec.tokenizer.http.routes import CALLS
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from tests.http.local import KEYSET
from tests.http.parties import UNKNOWN, client, code, reference

VECTORS: Final[Any] = msgspec.json.decode(
    (Path(__file__).parents[2] / "spec/vectors/app-jwt.json").read_bytes()
)
CONFIGURATION: Final = f"""
[tokenizer]
origin = "{VECTORS["audience"]}"
[applications.{VECTORS["application"]}]
origins = ["https://app.example.com"]
keys = "keys.json"
"""
BODIES: Final = {
    "/session/handles": {
        "state": "A" * 43,
        "session": reference(),
        "origin": "https://app.example.com",
        "expires_in": 60,
    },
    "/session/end": {"session": reference()},
    "/session/upgrade": {"from": reference(), "session": reference()},
    "/grants": {"session": reference(), "tokens": [UNKNOWN]},
    "/grants/verify": {"session": reference(), "tokens": [UNKNOWN]},
    "/grants/revoke": {"session": reference()},
    "/tokens/describe": {"session": reference(), "tokens": [UNKNOWN]},
    "/tokens/erase": {"tokens": [UNKNOWN]},
}


@pytest_asyncio.fixture(scope="module")
async def back_channel(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of a tokenizer that knows the keys of the vectors, at their time."""
    folder = tmp_path_factory.mktemp("credentials")
    (folder / "keys.json").write_bytes(msgspec.json.encode(VECTORS["jwks"]))
    read = settings.parse(CONFIGURATION.encode(), folder / "lunasec.toml")
    tokenizer = wiring.tokenizer(
        read,
        store=MemoryStore(),
        blobs=MemoryBlobs(),
        keyset=KEYSET,
        clock=lambda: int(VECTORS["now"]),
    )
    transport = httpx.ASGITransport(tokenizer.app)
    async with client(transport=transport, base_url=VECTORS["audience"]) as made:
        yield made


async def _ask(asked: httpx.AsyncClient, path: str, *credentials: str) -> httpx.Response:
    headers = [(b"content-type", b"application/json")]
    headers += [(b"authorization", each.encode("utf-8")) for each in credentials]
    return await asked.post(path, content=msgspec.json.encode(BODIES[path]), headers=headers)


def test_every_address_is_asked() -> None:
    """The bodies here are those of all addresses of the back channel."""
    assert set(BODIES) == {each.path for each in CALLS if each.back_end}


@pytest.mark.parametrize("path", BODIES)
async def test_valid_credentials_are_taken(back_channel: httpx.AsyncClient, path: str) -> None:
    """Each credential that has to be accepted is: the corpus fails for its own reason."""
    for each in VECTORS["valid"]:
        answer = await _ask(back_channel, path, f"Bearer {each['token']}")
        assert answer.status_code in {200, 409}, (each["why"], answer.text)


@pytest.mark.parametrize("path", BODIES)
async def test_forged_credentials_are_refused(back_channel: httpx.AsyncClient, path: str) -> None:
    """The whole corpus: 401 `credential_invalid`, and nothing of the credential in the answer."""
    for each in VECTORS["invalid"]:
        answer = await _ask(back_channel, path, f"Bearer {each['token']}")
        assert (answer.status_code, code(answer)) == (401, "credential_invalid"), each["why"]
        parts = [part for part in each["token"].split(".") if len(part) > 20]
        assert not [part for part in parts if part in answer.text], each["why"]


@pytest.mark.parametrize("path", BODIES)
async def test_credential_is_one_bearer_header(back_channel: httpx.AsyncClient, path: str) -> None:
    """Another scheme, a second header or an address's parameter is no credential."""
    good: str = VECTORS["valid"][0]["token"]
    bad: str = VECTORS["invalid"][0]["token"]
    for credentials in (
        (),
        ("",),
        ("Bearer",),
        ("Bearer ",),
        (good,),
        (f"Basic {good}",),
        (f"DPoP {good}",),
        (f"Bearer  {good}",),
        (f"Bearer {good} ",),
        (f"Bearer {good},",),
        (f"Bearer {good}, Bearer {bad}",),
        (f"Bearer {good}", f"Bearer {good}"),
        (f"Bearer {good}", f"Bearer {bad}"),
        (f"Bearer {bad}", f"Bearer {good}"),
    ):
        answer = await _ask(back_channel, path, *credentials)
        # Without any, an address that frames use too takes it for a frame's question.
        if not credentials and path == "/tokens/describe":
            assert code(answer) == "cross_origin_refused"
        else:
            assert code(answer) == "credential_invalid", credentials
    elsewhere = {"x-authorization": f"Bearer {good}", "cookie": f"authorization=Bearer {good}"}
    answer = await back_channel.post(
        f"{path}?access_token={good}", json=BODIES[path], headers=elsewhere
    )
    assert code(answer) in {"credential_invalid", "cross_origin_refused"}


async def test_scheme_is_spelled_in_any_case(back_channel: httpx.AsyncClient) -> None:
    """`bearer` is Bearer (RFC 9110, section 11.1)."""
    good: str = VECTORS["valid"][0]["token"]
    assert (await _ask(back_channel, "/grants", f"bearer {good}")).status_code == 200
