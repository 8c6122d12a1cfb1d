"""Sessions in the words of an application: log-out, and sign-up pages."""

import inspect
from typing import Generic, Protocol, runtime_checkable

from lunasec.errors import ConfigurationInvalid
from lunasec.sdk.client import AsyncClient
from lunasec.sdk.identity import Identity, Provider, RequestT, identity


@runtime_checkable
class Forgets(Protocol):
    """A provider that makes ids itself, and so has to give them up at log-out."""

    def forget(self, request: object) -> None:
        """Make the session's next request get a new id."""


class Sessions(Generic[RequestT]):
    """The tokenizer's view of the application's sessions."""

    def __init__(self, client: AsyncClient, provider: Provider[RequestT]) -> None:
        """Ask a session id provider who a request is from."""
        self._client = client
        self._provider = provider

    async def identity(self, request: RequestT) -> Identity | None:
        """Ask the provider, and give what the tokenizer may know; None is nobody."""
        said = self._provider(request)
        if inspect.isawaitable(said):
            said = await said
        return identity(self._client.settings.application, said)

    async def reference(self, request: RequestT) -> str | None:
        """Give the session reference of a request: a hash, safe to show and to keep.

        None is nobody. It is asked anew each time, since a log-in changes it within a request.
        """
        found = await self.identity(request)
        return None if found is None else found.reference

    def reference_now(self, request: RequestT) -> str | None:
        """Give the same where nothing can be awaited, such as in a template.

        Raises `ConfigurationInvalid` where the provider is `async def`.
        """
        said = self._provider(request)
        if inspect.isawaitable(said):
            if inspect.iscoroutine(said):
                said.close()
            detail = (
                "The session id provider is `async def`, and a template can't wait for it. "
                "In the handler, make the tag with "
                "`lunasec.meta_for(await lunasec.sessions.reference(request))`."
            )
            raise ConfigurationInvalid(detail)
        found = identity(self._client.settings.application, said)
        return None if found is None else found.reference

    async def end(self, request: RequestT) -> None:
        """Log out: end this session at the tokenizer, before this returns.

        That holds whichever of the application's processes asks, and for all of them: one tokenizer
        process has its database to itself, refuses a second one, and keeps sessions nowhere else.
        Open pages blank themselves within 10 s. Call it before the application clears its own
        session, which it should do even if this raises (`Unavailable`, say), and let the next
        log-in have a new session id: an ended one does not come back.
        """
        reference = await self.reference(request)
        if reference is None:
            return
        try:
            await self._client.end_session(session=reference)
        finally:
            # Even so: the tokenizer may have ended it, and only its answer was lost.
            provider: object = self._provider
            if isinstance(provider, Forgets):
                provider.forget(request)

    async def upgrade(self, request: RequestT, old: str | None) -> None:
        """Hand what was typed on a sign-up page to the user that it made.

        `old` is `await sessions.reference(request)` from before the log-in changed the session. It
        must be of a session without a user, (id, None), and is dead afterwards. Where it is None,
        or the log-in changed nothing, there is nothing to hand over. Raises `UpgradeRefused`.
        """
        new = await self.identity(request)
        if old is not None and new is not None and old != new.reference:
            await self._client.upgrade_session(old=old, session=new.reference, subject=new.subject)
