"""The verbs of both clients, each of them one function of `lunasec.sdk.wire`.

A verb builds its call and hands it to the client's `send`; whether its answer is awaited follows
from the client's class. So there is one list of verbs, with one set of signatures.
"""

import functools
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, TypeVar, overload

from lunasec.sdk import wire
from lunasec.sdk.wire import Call

if TYPE_CHECKING:
    from lunasec.sdk.client import AsyncClient, Client

P = ParamSpec("P")
AnswerT = TypeVar("AnswerT")


class Verb(Generic[P, AnswerT]):
    """A method of a client, made of the function that builds its call."""

    def __init__(self, build: Callable[P, Call[AnswerT]]) -> None:
        """Keep the function and its docstring."""
        self._build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: "Client", owner: type) -> Callable[P, AnswerT]: ...
    @overload
    def __get__(
        self, client: "AsyncClient", owner: type
    ) -> Callable[P, Coroutine[Any, Any, AnswerT]]: ...
    def __get__(self, client: "Client | AsyncClient | None", owner: type) -> object:
        """Bind the verb to a client."""
        if client is None:
            return self
        send = client.send

        @functools.wraps(self._build)
        def verb(*args: P.args, **kwargs: P.kwargs) -> object:
            return send(self._build(*args, **kwargs))

        return verb


class Verbs:
    """What an application's back end may ask of the tokenizer."""

    offer_handle = Verb(wire.offer_handle)
    end_session = Verb(wire.end_session)
    upgrade_session = Verb(wire.upgrade_session)
    create_grants = Verb(wire.create_grants)
    verify_grants = Verb(wire.verify_grants)
    revoke_grants = Verb(wire.revoke_grants)
    describe_tokens = Verb(wire.describe_tokens)
    erase_tokens = Verb(wire.erase_tokens)
    erase_subject = Verb(wire.erase_subject)
