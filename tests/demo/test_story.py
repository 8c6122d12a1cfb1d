"""What the demo asks of the tokenizer on the way from signing up to logging out."""

import json
import sqlite3
from base64 import b64decode

import httpx
import pytest

from lunasec.demo import DemoSettings
from tests.demo.back_channel import OTHER_TOKEN, TOKEN, BackChannel
from tests.demo.conftest import NewClient

ADA = {"username": "ada", "password": "correct horse"}
SESSION = "/.lunasec/session"


async def session_of(client: httpx.AsyncClient) -> str:
    """Return the session reference that the page of this person is told."""
    reference: str = (await client.get(SESSION)).json()["session"]
    return reference


async def typed(client: httpx.AsyncClient, tokenizer: BackChannel, token: str = TOKEN) -> str:
    """Make `token` one that this person has just typed, and return it."""
    tokenizer.made.add((await session_of(client), token))
    return token


async def sign_up(client: httpx.AsyncClient, **form: str) -> httpx.Response:
    """Open the sign-up page and post its form."""
    await client.get("/sign-up")
    return await client.post("/sign-up", data=ADA | form)


def stored(settings: DemoSettings) -> list[str | None]:
    """Return the column `ssn` of all accounts, as the file holds it."""
    with sqlite3.connect(settings.database) as connection:
        return [row[0] for row in connection.execute("SELECT ssn FROM accounts ORDER BY rowid")]


async def test_sign_up_without_a_number(client: httpx.AsyncClient, tokenizer: BackChannel) -> None:
    """An account without a number needs no tokenizer at all, not even one that answers."""
    tokenizer.down = True
    response = await sign_up(client)
    assert (response.status_code, response.headers["location"]) == (303, "/profile")
    assert "ada" in (await client.get("/profile")).text


async def test_sign_up_with_a_number(
    client: httpx.AsyncClient, tokenizer: BackChannel, settings: DemoSettings
) -> None:
    """A number typed before there is a user is verified first, then handed to the user."""
    await client.get("/sign-up")
    temporary = await session_of(client)
    await sign_up(client, ssn=await typed(client, tokenizer))
    own = await session_of(client)
    assert stored(settings) == [TOKEN]
    assert tokenizer.paths() == ["/grants/verify", "/session/upgrade"]
    upgraded = tokenizer.calls[1][1]
    assert (upgraded["from"], upgraded["session"]) == (temporary, own)
    assert upgraded["subject"]
    assert temporary != own


async def test_sign_up_is_a_temporary_session(
    client: httpx.AsyncClient, tokenizer: BackChannel
) -> None:
    """Before there is a user, the session is offered as a temporary one, with no subject."""
    await client.get("/sign-up")
    fetch = {"Sec-Fetch-Mode": "no-cors"}
    await client.get("/.lunasec/secure-frame", params={"state": "s" * 43}, headers=fetch)
    path, offered = tokenizer.calls[0]
    assert path == "/session/handles"
    assert offered["temporary"] is True
    assert "subject" not in offered


async def test_sign_up_refuses_a_stolen_token(
    client: httpx.AsyncClient, settings: DemoSettings
) -> None:
    """A token that was made elsewhere is refused before there is an account."""
    response = await sign_up(client, ssn=TOKEN)
    assert response.status_code == 403
    assert stored(settings) == []


async def test_usernames_are_unique(new_client: NewClient, settings: DemoSettings) -> None:
    """A name that is taken, in whatever case, makes no second account and harms no first one."""
    await sign_up(new_client())
    second = await sign_up(new_client(), username=" ADA ", password="another")
    assert second.status_code == 409
    assert len(stored(settings)) == 1


async def test_a_taken_name_costs_no_number(new_client: NewClient, tokenizer: BackChannel) -> None:
    """Whoever has to choose another name finds the number still in its field."""
    await sign_up(new_client())
    client = new_client()
    await client.get("/sign-up")
    page = await client.post("/sign-up", data=ADA | {"ssn": await typed(client, tokenizer)})
    assert page.status_code == 409
    assert f'token="{TOKEN}"' in page.text
    path, granted = tokenizer.calls[-1]
    assert (path, granted["session"]) == ("/grants", await session_of(client))


async def test_a_blank_username_is_refused(
    client: httpx.AsyncClient, settings: DemoSettings
) -> None:
    """An account needs a name that can be seen."""
    assert (await sign_up(client, username="  ")).status_code == 422
    assert stored(settings) == []


async def test_save_keeps_the_token(
    client: httpx.AsyncClient, tokenizer: BackChannel, settings: DemoSettings
) -> None:
    """The token of a number that this session typed is kept, and shown as the raw column."""
    await sign_up(client)
    response = await client.post("/profile", data={"ssn": await typed(client, tokenizer)})
    assert response.status_code == 303
    assert stored(settings) == [TOKEN]
    assert f'id="stored-token">{TOKEN}</code>' in (await client.get("/database")).text


@pytest.mark.parametrize(
    ("ssn", "status"),
    [
        pytest.param(TOKEN, 403, id="somebody else's token"),
        pytest.param("123-45-6789", 400, id="a number that was never tokenized"),
        pytest.param("", 422, id="nothing"),
    ],
)
async def test_save_refuses(
    client: httpx.AsyncClient, settings: DemoSettings, ssn: str, status: int
) -> None:
    """What this session did not make is not kept, and what was there stays."""
    await sign_up(client)
    response = await client.post("/profile", data={"ssn": ssn})
    assert response.status_code == status
    assert 'role="alert"' in response.text
    assert stored(settings) == [None]


async def test_save_erases_what_it_replaces(
    client: httpx.AsyncClient, tokenizer: BackChannel, settings: DemoSettings
) -> None:
    """The number before is erased at the tokenizer; the same one, posted again, is not."""
    await sign_up(client)
    for token in (TOKEN, TOKEN, OTHER_TOKEN):
        await client.post("/profile", data={"ssn": await typed(client, tokenizer, token)})
    erased = [body for path, body in tokenizer.calls if path == "/tokens/erase"]
    assert erased == [{"tokens": [TOKEN]}]
    assert stored(settings) == [OTHER_TOKEN]


@pytest.mark.parametrize("page", ["/profile", "/steal"])
async def test_pages_grant_the_users_own_number(
    new_client: NewClient, tokenizer: BackChannel, page: str
) -> None:
    """A page that shows the number grants this user's own token, to this session, and no other."""
    ada, eve = new_client(), new_client()
    for person, name, token in ((ada, "ada", TOKEN), (eve, "eve", OTHER_TOKEN)):
        await sign_up(person, username=name)
        await person.post("/profile", data={"ssn": await typed(person, tokenizer, token)})
    await eve.get(page)
    path, granted = tokenizer.calls[-1]
    assert path == "/grants"
    assert granted["tokens"] == [OTHER_TOKEN]
    assert granted["session"] == await session_of(eve)


@pytest.mark.parametrize("page", ["/profile", "/steal"])
async def test_pages_open_without_the_tokenizer(
    client: httpx.AsyncClient, tokenizer: BackChannel, page: str
) -> None:
    """When the tokenizer can't be reached, the page is shown, and the element says so itself."""
    await sign_up(client)
    await client.post("/profile", data={"ssn": await typed(client, tokenizer)})
    tokenizer.down = True
    assert (await client.get(page)).status_code == 200


async def test_admin_grants_nobodys_number(new_client: NewClient, tokenizer: BackChannel) -> None:
    """The administrator's page shows all tokens, grants none, and takes back the user's own."""
    ada, eve = new_client(), new_client()
    for person, name, token in ((ada, "ada", TOKEN), (eve, "eve", OTHER_TOKEN)):
        await sign_up(person, username=name)
        await person.post("/profile", data={"ssn": await typed(person, tokenizer, token)})
    tokenizer.calls.clear()
    page = (await eve.get("/admin")).text
    assert f'token="{TOKEN}"' in page
    assert f'token="{OTHER_TOKEN}"' in page
    assert tokenizer.paths() == ["/grants/revoke"]
    assert tokenizer.calls[0][1] == {"session": await session_of(eve), "tokens": [OTHER_TOKEN]}


async def test_log_out_ends_the_tokenizers_session(
    client: httpx.AsyncClient, tokenizer: BackChannel
) -> None:
    """Logging out ends this session at the tokenizer, then here: nobody is there afterwards."""
    await sign_up(client)
    own = await session_of(client)
    response = await client.post("/log-out")
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert tokenizer.calls == [("/session/end", {"session": own})]
    assert (await client.get(SESSION)).status_code == 401
    assert (await client.get("/profile")).headers["location"] == "/log-in"


async def test_log_out_says_when_the_tokenizer_was_not_told(
    client: httpx.AsyncClient, tokenizer: BackChannel
) -> None:
    """With the tokenizer away, the visit ends here, and the page tells what may still be open."""
    await sign_up(client)
    tokenizer.down = True
    response = await client.post("/log-out")
    assert response.status_code == 503
    assert "15 minutes" in response.text
    assert (await client.get(SESSION)).status_code == 401


def session_id(client: httpx.AsyncClient) -> str:
    """Return the session id in this person's cookie."""
    stated = json.loads(b64decode(client.cookies["demo"].split(".")[0]))
    return str(stated["id"])


@pytest.mark.parametrize("path", ["/sign-up", "/log-in"])
async def test_a_user_has_a_new_session_id(new_client: NewClient, path: str) -> None:
    """A session id from before is given up with the user: nobody can prepare one (fixation)."""
    await sign_up(new_client(), username="bob")
    client = new_client()
    await client.get("/sign-up")
    prepared = session_id(client)
    await client.post(path, data=ADA | {"username": "bob" if path == "/log-in" else "ada"})
    assert (await client.get("/profile")).status_code == 200
    assert session_id(client) != prepared


async def test_log_in_answers_alike(new_client: NewClient) -> None:
    """An unknown name and a wrong password get the same answer."""
    await sign_up(new_client())
    unknown = await new_client().post("/log-in", data={"username": "bob", "password": "x"})
    wrong = await new_client().post("/log-in", data={"username": "ada", "password": "x"})
    assert unknown.status_code == wrong.status_code == 403
    assert unknown.text.replace("bob", "ada") == wrong.text
