"""T16: tokens wander between users in every order; values never do."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule
from starlette.requests import Request

import lunasec.testing
from lunasec.errors import NotGranted
from lunasec.starlette import LunaSec, header_session_id
from lunasec.testing.transport import InProcess
from tests.sdk.applications import Handler, made_of

USERS = ("ada", "bob", "eve")


async def _save(lunasec: LunaSec, request: Request) -> None:
    """Keep a token in the user's own record, as an application does that verifies first."""
    token = request.query_params["token"]
    await lunasec.grants.verify(request, token)
    request.app.state.records.setdefault(request.headers["x-user"], []).append(token)


async def _show(lunasec: LunaSec, request: Request) -> list[str]:
    """Show the user's own record."""
    tokens: list[str] = request.app.state.records.get(request.headers["x-user"], [])
    await lunasec.grants.create(request, tokens)
    return tokens


ROUTES: dict[str, Handler] = {"/save": _save, "/show": _show}


class World:
    """An application with three users, each with a page open, and a tokenizer."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        directory = Path(self._stack.enter_context(TemporaryDirectory()))
        lunasec_ = LunaSec(
            session_id_provider=header_session_id("x-user"), **lunasec.testing.settings(directory)
        )
        app = made_of(lunasec_, ROUTES)
        app.state.records = {}
        self.tokenizer = self._stack.enter_context(lunasec.testing.tokenizer(lunasec_))
        portal = self._stack.enter_context(start_blocking_portal())
        self.clients = {
            user: httpx.Client(
                transport=InProcess(app, portal),
                base_url="https://app.test",
                headers={"x-user": f"the session of {user}"},
            )
            for user in USERS
        }
        self.pages = {user: self.tokenizer.page(client) for user, client in self.clients.items()}

    def close(self) -> None:
        """Stop it all."""
        self._stack.close()


class PassingTokensAround(RuleBasedStateMachine):
    """Tokens wander between users in every order; values never do."""

    tokens: Bundle[str] = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.makers: dict[str, str] = {}
        self.shown: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        """Stop this world."""
        self.world.close()

    @rule(target=tokens, user=st.sampled_from(USERS))
    def types(self, user: str) -> str:
        """A user types a value, which says whose it is."""
        token = self.world.pages[user].tokenize(f"a value of {user}")
        self.makers[token] = user
        return token

    @rule(token=tokens, user=st.sampled_from(USERS))
    def posts(self, token: str, user: str) -> None:
        """A user posts a token, wherever he has it from: only its maker's is kept."""
        answer = self.world.clients[user].post("/save", params={"token": token})
        assert answer.status_code == (200 if self.makers[token] == user else 403)

    @rule(user=st.sampled_from(USERS))
    def looks(self, user: str) -> None:
        """A user looks at his own record: it shows his own values, and all of them."""
        for token in self.world.clients[user].get("/show").json():
            self.shown.add((user, token))
            assert self.world.pages[user].reveal(token) == f"a value of {user}"

    @rule(token=tokens, user=st.sampled_from(USERS))
    def puts_into_a_page(self, token: str, user: str) -> None:
        """A user writes a token into his page by hand: it opens only if he was shown it."""
        page = self.world.pages[user]
        if (user, token) in self.shown:
            assert page.reveal(token) == f"a value of {user}"
        else:
            with pytest.raises(NotGranted):
                page.reveal(token)


PassingTokensAround.TestCase.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None
)
test_t16_no_value_moves_with_its_token = PassingTokensAround.TestCase
