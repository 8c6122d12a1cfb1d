"""Cases for policies: who wants to do what with which token, and how that is to end."""

from pathlib import Path
from typing import Annotated, Final, Literal, cast, get_args

import msgspec
from msgspec import Meta, Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import tables
from lunasec.tokenizer.core.identity import Person, owner_tag
from lunasec.tokenizer.core.ledger import Record, Session
from lunasec.tokenizer.core.policy import Act, Asking
from lunasec.tokenizer.core.wrapped import Wrapped

NOW: Final = 1_800_000_000
"""When a case takes place that does not say so: the same at every run."""

Age = Annotated[int, Meta(ge=0, le=NOW)]
End = Literal["permit", "deny", "step_up"]


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a case; what is not foreseen is refused."""


class User(_Table, frozen=True):
    """Who asks, as the auth proxy names them; `auth_age` is how long ago they logged in."""

    sub: str
    acr: str | None = None
    amr: tuple[str, ...] = ()
    auth_age: Age | None = None
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    email: str | None = None

    def person(self, now: int) -> Person:
        """Say what the proxy says."""
        return Person(
            acr=self.acr,
            amr=self.amr,
            auth_time=None if self.auth_age is None else now - self.auth_age,
            groups=self.groups,
            roles=self.roles,
            email=self.email,
        )


class Token(_Table, frozen=True):
    """What they want it of; `owner` is somebody's `sub`, and `age` in seconds."""

    owner: str | None = None
    kind: str = "text"
    age: Age = 0
    metadata: dict[str, str] = {}


class Given(_Table, frozen=True):
    """A case before it is decided. Without a user, the application itself asks."""

    action: Act
    token: Token
    user: User | None = None
    now: Annotated[int, Meta(ge=NOW, le=2**40)] = NOW


class Case(_Table, frozen=True):
    """A case, and how it is to end; where `rule` is given, by that rule."""

    name: str
    given: Given
    expect: End
    rule: str | None = None

    def asking(self, application: str, issuer: str) -> Asking:
        """Ask as the tokenizer would."""
        user, now = self.given.user, self.given.now
        return Asking(
            application=application,
            session=None if user is None else _session(application, issuer, user.sub, now),
            person=None if user is None else user.person(now),
            act=self.given.action,
            now=now,
        )

    def record(self, application: str, issuer: str) -> Record:
        """Make the record that it is about; there is nothing in it."""
        token = self.given.token
        key = Wrapped(record_id=b"", lookup_version=0, epoch=0, commitment=b"", wrapped=b"")
        return Record(
            application=application,
            key=key,
            kind=token.kind,
            size=0,
            metadata=tuple(token.metadata.items()),
            subject=token.owner,
            created_at=self.given.now - token.age,
            owner=None if token.owner is None else owner_tag(application, issuer, token.owner),
        )


_TABLES: Final[dict[str, type[Struct]]] = {
    "": Case,
    ".given": Given,
    ".given.user": User,
    ".given.token": Token,
}
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    ".expect": get_args(End),
    ".given.action": tuple(Act),
}


def read(path: Path) -> list[Case]:
    """Read the cases of a file.

    Raises: `ConfigurationInvalid`, with the file and the place in it.
    """
    try:
        return _cases(tables.decode(path.read_bytes()))
    except OSError as error:
        raise ConfigurationInvalid(f"{path}: {error.strerror}.") from None
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid(f"{path}: {error.detail}") from None


def _cases(found: dict[str, object]) -> list[Case]:
    cases = found.pop("case", None)
    if found or not isinstance(cases, list) or not cases:
        raise ConfigurationInvalid(
            "wants a [[case]] for each, with name, given.action, given.token and expect."
        )
    return [_case(number, each) for number, each in enumerate(cast("list[object]", cases), 1)]


def _case(number: int, found: object) -> Case:
    """Read one case.

    Raises: `ConfigurationInvalid`, with the case, and what its table takes.
    """
    try:
        return msgspec.convert(found, Case)
    except msgspec.ValidationError as error:
        named = cast("dict[str, object]", found).get("name") if isinstance(found, dict) else None
        which = f'"{named}"' if isinstance(named, str) else f"case {number}"
        raise ConfigurationInvalid(f"{which}: {_reason(str(error))}.") from None


def _reason(said: str) -> str:
    """Say where in a case it is, what is wrong there, and what it takes."""
    what, _, place = said.rstrip("`").partition(" - at `$")
    table = _TABLES.get(place)
    words = _WORDS.get(place, ())
    if "unknown field" in what and table is not None:
        words = table.__struct_fields__
    where = f"{place.lstrip('.')}: " if place else ""
    hint = f"; wants one of {', '.join(words)}" if words else ""
    return f"{where}{what[:1].lower()}{what[1:]}{hint}"


def _session(application: str, issuer: str, subject: str, now: int) -> Session:
    return Session(
        secret_hash=b"",
        application=application,
        reference="",
        subject=subject,
        temporary=False,
        created_at=now,
        expires_at=now + 1,
        absolute_end=now + 1,
        owner=owner_tag(application, issuer, subject),
    )
