"""T21: what the back channel, and the coordinator of header sessions, take from nobody else."""

from pathlib import Path

import pytest

from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.parties import CLINIC, PAYROLL, Browser, code

HEADER_SESSIONS = "header_sessions = true"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
)
async def test_t21_the_back_channel_takes_json_alone(
    parties: Local, victim: Browser, media_type: str
) -> None:
    """A credential with a body of another type, as forms can send, changes nothing."""
    refused = await parties.client.post(
        "/session/end",
        content=f'{{"session": "{victim.session}"}}',
        headers={
            "authorization": f"Bearer {parties.credentials[PAYROLL].token(parties.clock())}",
            "content-type": media_type,
        },
    )
    assert (refused.status_code, code(refused)) == (415, "unsupported_media_type")
    assert await victim.lives()


async def test_t12_a_posted_handle_is_for_the_frames_own_application(tmp_path: Path) -> None:
    """With header sessions on both sides, no coordinator redeems at another's address."""
    store, more = MemoryStore(), HEADER_SESSIONS
    async with local(tmp_path, store, payroll=more, clinic=more) as parties:
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        for mine, other in ((PAYROLL, CLINIC), (CLINIC, PAYROLL)):
            refused = await browser.post(
                f"/session/create/{other}", {"handle": handle}, **{"lunasec-application": mine}
            )
            assert code(refused) == "scheme_disabled"
        assert "__Host-lunasec-payroll" not in browser.cookies
        answer = await browser.post(f"/session/create/{PAYROLL}", {"handle": handle})
        assert answer.status_code == 204
