"""T2: what a stolen server reads under scheme 1, by every way that is shut under scheme 2."""

from tests.attacks.browser.victims import SHOWN, Victim
from tests.attacks.stolen_application import Loot, Thief
from tests.attacks.stolen_pages import Pages
from tests.conftest import NewVisitor
from tests.http.local import credentials
from tests.http.parties import Clock, Parties, client
from tests.scenes import Scene

VALUE = "219-09-9999"
READS = {"look_at_pages", "grant_to_itself", "forge_sessions"}
"""What vouching and granting are enough for."""


async def test_t2_what_scheme_1_does_not_promise(scene: Scene, new_visitor: NewVisitor) -> None:
    """Whoever vouches reads all that it has tokens for; a page reads nothing of its visitor's."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    eve = await Victim.arrive("eve", scene, new_visitor)
    token = await ada.stores(VALUE)
    host = {"host": scene.tokenizer.removeprefix("http://")}
    local = f"http://127.0.0.1:{scene.tokenizer_port}"
    async with client(base_url=local, headers=host) as around:
        parties = Parties(
            origin=scene.tokenizer,
            client=around,
            clock=Clock(),
            credentials=credentials(scene.folder, scene.tokenizer),
        )
        own = parties.browser()
        await own.log_in(origin=scene.payroll.origin)
        session = await ada.logs_in(keep=True)
        thief = Thief(
            parties=parties,
            own=own,
            loot=Loot(tokens=[token], sessions=[session]),
            origin=scene.payroll.origin,
            pages=Pages(
                victim=ada.page,
                own=eve.page,
                address=lambda each: scene.payroll.page(SHOWN.format(token=each), grant=each),
                tokenizer=scene.tokenizer,
                values=[VALUE],
            ),
        )
        await thief.try_everything()
    assert {way for way, read in thief.ways.items() if read == {VALUE}} == READS
    assert thief.ways["serve_pages"] == set()
    assert thief.read == {VALUE}
    assert thief.erased == 1
