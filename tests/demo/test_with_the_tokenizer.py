"""The demo against the real tokenizer, in process: who may read which number, and until when."""

from collections.abc import Generator

import httpx
import pytest
from fastapi import FastAPI

from lunasec import testing
from lunasec.demo import DemoSettings, create_app, passwords
from lunasec.errors import LunaSecError, NotGranted
from tests.demo.conftest import NewClient

SSN, OTHER_SSN = "219-09-9999", "078-05-1120"


@pytest.fixture
def app(settings: DemoSettings, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Give the demo, with passwords that are hashed at a thousandth of their cost."""
    monkeypatch.setattr(passwords, "COST", 2**4)
    return create_app(settings)


@pytest.fixture
def tokenizer(app: FastAPI) -> Generator[testing.Tokenizer]:
    """Give the tokenizer that the demo talks to."""
    with testing.tokenizer(app.state.parts.lunasec) as running:
        yield running


async def sign_up(person: httpx.AsyncClient, name: str, ssn: str = "") -> int:
    """Post the sign-up form; gives the status."""
    form = {"username": name, "password": "correct horse", "ssn": ssn}
    return (await person.post("/sign-up", data=form)).status_code


async def save(person: httpx.AsyncClient, tokenizer: testing.Tokenizer, ssn: str) -> str:
    """Type a number on the profile page and save it; gives its token."""
    token = (await tokenizer.page_async(person)).tokenize(ssn, kind="ssn")
    assert (await person.post("/profile", data={"ssn": token})).status_code == 303
    return token


async def test_a_number_is_shown_by_the_pages_that_grant_it(
    new_client: NewClient, tokenizer: testing.Tokenizer
) -> None:
    """The profile page shows the user's number; the administrator's page takes that back."""
    ada = new_client()
    await sign_up(ada, "ada")
    token = await save(ada, tokenizer, SSN)
    for path in ("/profile", "/steal"):
        await ada.get(path)
        assert (await tokenizer.page_async(ada)).reveal(token) == SSN
        await ada.get("/admin")
        with pytest.raises(NotGranted):
            (await tokenizer.page_async(ada)).reveal(token)


async def test_nobody_reads_anybody_elses_number(
    new_client: NewClient, tokenizer: testing.Tokenizer
) -> None:
    """With all tokens in hand, and every page opened, a user reads the own number alone."""
    ada, eve = new_client(), new_client()
    await sign_up(ada, "ada")
    await sign_up(eve, "eve")
    stolen, own = await save(ada, tokenizer, SSN), await save(eve, tokenizer, OTHER_SSN)
    for path in ("/profile", "/database", "/admin", "/steal"):
        await eve.get(path)
        with pytest.raises(NotGranted):
            (await tokenizer.page_async(eve)).reveal(stolen)
    assert (await tokenizer.page_async(eve)).reveal(own) == OTHER_SSN


async def test_a_stolen_token_is_not_kept(
    new_client: NewClient, tokenizer: testing.Tokenizer
) -> None:
    """Posted as one's own, on the profile page or when signing up, it is refused."""
    ada, eve, bob = new_client(), new_client(), new_client()
    await sign_up(ada, "ada")
    stolen = await save(ada, tokenizer, SSN)
    await sign_up(eve, "eve")
    assert (await eve.post("/profile", data={"ssn": stolen})).status_code == 403
    await eve.get("/profile")
    with pytest.raises(NotGranted):
        (await tokenizer.page_async(eve)).reveal(stolen)
    await bob.get("/sign-up")
    assert await sign_up(bob, "bob", stolen) == 403
    assert (await bob.get("/profile")).status_code == 303


async def test_a_number_typed_before_there_is_a_user(
    new_client: NewClient, tokenizer: testing.Tokenizer
) -> None:
    """It becomes the new user's, even when the first name was taken; its old session is dead."""
    await sign_up(new_client(), "ada")
    eve = new_client()
    await eve.get("/sign-up")
    page = await tokenizer.page_async(eve)
    token = page.tokenize(SSN, kind="ssn")
    assert await sign_up(eve, "ada", token) == 409
    assert page.reveal(token) == SSN
    assert await sign_up(eve, "eve", token) == 303
    await eve.get("/profile")
    assert (await tokenizer.page_async(eve)).reveal(token) == SSN
    with pytest.raises(LunaSecError):
        page.reveal(token)


async def test_what_is_replaced_is_gone(
    new_client: NewClient, tokenizer: testing.Tokenizer
) -> None:
    """A number that was replaced can't be read any more, not even in an open page."""
    ada = new_client()
    await sign_up(ada, "ada")
    before = await save(ada, tokenizer, SSN)
    await ada.get("/profile")
    page = await tokenizer.page_async(ada)
    assert page.reveal(before) == SSN
    now = await save(ada, tokenizer, OTHER_SSN)
    await ada.get("/profile")
    assert page.reveal(now) == OTHER_SSN
    with pytest.raises(NotGranted):
        page.reveal(before)


async def test_log_out_ends_open_pages(new_client: NewClient, tokenizer: testing.Tokenizer) -> None:
    """A page that is still open reads nothing after the log-out; a new log-in reads again."""
    ada = new_client()
    await sign_up(ada, "ada")
    token = await save(ada, tokenizer, SSN)
    await ada.get("/profile")
    page = await tokenizer.page_async(ada)
    assert page.reveal(token) == SSN
    await ada.post("/log-out")
    with pytest.raises(LunaSecError):
        page.reveal(token)
    await ada.post("/log-in", data={"username": "ada", "password": "correct horse"})
    await ada.get("/profile")
    assert (await tokenizer.page_async(ada)).reveal(token) == SSN


async def test_a_grant_ends_by_itself(new_client: NewClient, tokenizer: testing.Tokenizer) -> None:
    """After 15 minutes the page has to ask again."""
    ada = new_client()
    await sign_up(ada, "ada")
    token = await save(ada, tokenizer, SSN)
    await ada.get("/profile")
    tokenizer.wait(15 * 60 + 1)
    with pytest.raises(NotGranted):
        (await tokenizer.page_async(ada)).reveal(token)
    await ada.get("/profile")
    assert (await tokenizer.page_async(ada)).reveal(token) == SSN


async def test_the_gallery_keeps_what_was_typed_there(
    new_client: NewClient, tokenizer: testing.Tokenizer
) -> None:
    """Its tokens are the user's own and readable there; a stolen one is refused."""
    ada, eve = new_client(), new_client()
    await sign_up(ada, "ada")
    await sign_up(eve, "eve")
    page = await tokenizer.page_async(ada)
    card, *files = (page.tokenize(each, kind="text") for each in ("4242", "one", "two"))
    posted = await ada.post("/gallery", data={"card": card, "files": files, "other": "x"})
    assert (posted.status_code, posted.headers["location"]) == (303, "/gallery#showing")
    shown = (await ada.get("/gallery")).text
    assert all(f'token="{token}"' in shown for token in (card, *files))
    assert (await tokenizer.page_async(ada)).reveal(card) == "4242"
    # What stays as it was comes back as its own token.
    assert (await ada.post("/gallery", data={"card": card})).status_code == 303
    assert files[0] not in (await ada.get("/gallery")).text
    refused = await eve.post("/gallery", data={"text": card})
    assert (refused.status_code, card in refused.text) == (403, False)
    assert card not in (await eve.get("/gallery")).text
