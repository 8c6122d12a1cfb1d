"""T2b behind a real proxy: all that a stolen server has, of real visitors, reads nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.async_api import Page, expect

from lunasec.sdk.credential import read_credential
from tests.attacks.stolen_application import Loot, Thief
from tests.attacks.stolen_pages import Pages
from tests.conftest import NewVisitor
from tests.http.parties import PAYROLL, SCRIPTED, Browser, Clock, Parties, client
from tests.logged_in import SSN, save
from tests.proxies.scene import Behind, Proxied
from tests.proxies.test_fronts import log_in, one_front

REFERENCE = "document.querySelector('meta[name=lunasec-session]').content"


@dataclass(slots=True, kw_only=True)
class Through(Browser):
    """A browser whose requests go through the proxy, with the proxy's own cookie."""

    front: httpx.AsyncClient
    proxy_cookie: str

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Ask as a frame in this browser does."""
        own = {**SCRIPTED, "lunasec-application": PAYROLL, "cookie": self.proxy_cookie}
        return await self.front.post(path, json=body, headers={**own, **headers})


async def _cookie(page: Page) -> str:
    [kept] = [each for each in await page.context.cookies() if each.get("name") == "proxy_session"]
    return f"proxy_session={kept.get('value')}"


def _passing(brought: Mapping[str, str]) -> list[dict[str, str]]:
    """List what a real visitor's request brought: whole, in parts, and where else it may count."""
    usable = {name: each for name, each in brought.items() if name != "host"}
    token = brought["authorization"]
    bare = token.removeprefix("Bearer ")
    cookies = ("proxy_session", "__Host-lunasec-payroll", "session")
    return [
        dict(brought),
        usable,
        *({name: each} for name, each in usable.items()),
        *({name: token} for name in ("x-authorization", "x-assertion", "proxy-authorization")),
        *({"cookie": f"{name}={bare}"} for name in cookies),
        {"authorization": token, "x-forwarded-host": "secure.lunasec.localhost"},
    ]


@one_front
async def test_t2b_a_stolen_server_reads_nothing_of_real_visitors(
    behind: Behind, proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """With its key, tokens, sessions, and each header that came by; and with pages it serves."""
    ada, eve = await new_visitor(), await new_visitor()
    await log_in(ada.page, proxied, "ada-5")
    await save(ada.page)
    token = await ada.page.get_attribute("#shown", "token")
    assert token is not None
    session = await ada.page.evaluate(REFERENCE)
    await log_in(eve.page, proxied, "eve-5")
    own: dict[str, Any] = {
        "session": await eve.page.evaluate(REFERENCE),
        "proxy_cookie": await _cookie(eve.page),
    }
    await ada.page.goto(f"{proxied.application}/headers")
    brought = await ada.page.evaluate("JSON.parse(document.body.innerText)")
    host = {"host": proxied.secure.removeprefix("http://")}
    local = f"http://127.0.0.1:{behind.ports['secure']}"
    async with (
        client(base_url=proxied.around_tokenizer, headers=host) as around,
        client(base_url=local, headers=host) as front,
    ):
        key = behind.folder / "payroll.key"
        signer = read_credential(key, application=PAYROLL, audience=proxied.secure)
        parties = Parties(
            origin=proxied.secure, client=around, clock=Clock(), credentials={PAYROLL: signer}
        )
        thief = Thief(
            parties=parties,
            own=Through(parties=parties, application=PAYROLL, front=front, **own),
            loot=Loot(tokens=[token], sessions=[session], passing=_passing(brought)),
            origin=proxied.application,
            doors=[front],
            pages=Pages(
                victim=ada.page,
                own=eve.page,
                address=lambda each: f"{proxied.application}/value?stolen={each}",
                tokenizer=proxied.secure,
                values=[SSN],
            ),
        )
        await thief.try_everything()
    assert {way: read for way, read in thief.ways.items() if read} == {}
    assert {"serve_pages", "look_at_pages"} <= set(thief.ways)
    assert thief.erased == 0
    assert {each.get("code") for each in thief.described} == {"not_granted"}
    await ada.page.goto(proxied.application)
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
