"""Two applications, each behind a proxy of its own: neither's word counts for the other."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, KeySet

from lunasec.references import proxied_session_id, session_reference
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import ORIGIN, Local, local
from tests.http.parties import CLINIC, PAYROLL, SCRIPTED, code
from tests.http.proxies import AuthProxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A proxy of one application. The two have the same audience and the same header."""

    preset: str
    issuer: str
    realm: str
    key: ECKey

    def table(self, application: str) -> str:
        """Configure it."""
        return (
            f'[applications.{application}.provider]\npreset = "{self.preset}"\n'
            f'issuer = "{self.issuer}"\njwks = "{self.preset}.json"\n'
            f'audience = "{ORIGIN}"\nheader = "Authorization"\n'
        )

    def publish(self, folder: Path) -> None:
        """Write its keys, under the one name that both call their key by."""
        listed = KeySet([self.key]).as_dict(private=False)
        (folder / f"{self.preset}.json").write_text(json.dumps(listed))


SIDES: Final = {
    PAYROLL: Side(
        preset="oathkeeper",
        issuer="https://proxy.example.com",
        realm="https://proxy.example.com",
        key=ECKey.generate_key("P-256", {"kid": "1"}),
    ),
    CLINIC: Side(
        preset="pomerium",
        issuer="clinic.example.com",
        realm="pomerium",
        key=ECKey.generate_key("P-256", {"kid": "1"}),
    ),
}


@pytest_asyncio.fixture
async def parties(tmp_path: Path) -> AsyncGenerator[Local]:
    """Build a tokenizer for both."""
    for side in SIDES.values():
        side.publish(tmp_path)
    tables = {name: side.table(name) for name, side in SIDES.items()}
    async with local(tmp_path, MemoryStore(), None, **tables) as made:
        yield made


async def enters(parties: Local, application: str, *, key: str, issuer: str) -> httpx.Response:
    """Ask for a session, with a token that the one's key signed and that the other's name is in."""
    side, proxy = SIDES[application], AuthProxy(folder=Path(), key=SIDES[key].key)
    token = proxy.token(parties.clock(), sub="ada", sid="s-1", iss=SIDES[issuer].issuer)
    reference = session_reference(application, proxied_session_id(side.realm, "s-1"), "ada")
    return await parties.client.post(
        "/session/ensure",
        json={"session": reference},
        headers={
            **SCRIPTED,
            "lunasec-application": application,
            "authorization": f"Bearer {token}",
        },
    )


@pytest.mark.parametrize("application", SIDES)
@pytest.mark.parametrize("key", SIDES)
@pytest.mark.parametrize("issuer", SIDES)
async def test_t25_each_application_believes_its_own_proxy(
    parties: Local, application: str, key: str, issuer: str
) -> None:
    """A token counts where its own proxy signed it in its own name, and nowhere else."""
    answer = await enters(parties, application, key=key, issuer=issuer)
    if application == key == issuer:
        assert answer.json()["active"] is True
    else:
        assert code(answer) == "not_proxied"
