"""What may be said of an auth proxy that its preset knows otherwise, by one set of rules.

A file's types check it at the tokenizer; an application's arguments have none when it runs.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec
from msgspec import Meta

from lunasec.errors import ConfigurationInvalid
from lunasec.quoting import shown

LONGEST_LIFE: Final = 24 * 3600
"""Seconds from `iat` to `exp`; proxies sign for minutes."""

LONGEST_LEEWAY: Final = 300
"""Seconds by which a proxy's clock may differ."""

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA"]
Algorithms = Annotated[list[Algorithm], Meta(min_length=1)]
ClaimName = Annotated[str, Meta(min_length=1)]
HeaderName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,64}\Z")]
Leeway = Annotated[int, Meta(ge=0, le=LONGEST_LEEWAY)]
Life = Annotated[int, Meta(ge=1, le=LONGEST_LIFE)]

ALGORITHMS_WANTED: Final = "a list of algorithms (RS256, PS256, ES256, EdDSA, …)"
NO_SECRETS: Final = (
    " HS256 and its kin, and none, are never taken: whoever can check such a token could sign it."
)

MEANT: Final[Mapping[str, str]] = MappingProxyType(
    {"signer": "audience", "aud": "audience", "client_id": "audience", "iss": "issuer"}
)
"""What proxies and providers call a setting, and what it is called here."""

_TAKEN: Final = frozenset(
    {
        "accept", "connection", "content-length", "content-type", "cookie", "expect", "host",
        "lunasec-application", "origin", "referer", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers that say something else: what they hold is no token of a proxy's."""


class Overrides(TypedDict, total=False):
    """Where a proxy is configured otherwise than its preset says; None is what the preset says."""

    header: str | None
    session_claim: str | None
    """Empty where the tokens name no session."""
    subject_claim: str | None
    algorithms: Sequence[str] | None
    denied_subjects: Sequence[str]
    denied_keys: Sequence[str]
    private_networks: Sequence[str]
    leeway: int
    longest_life: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    kind: Any  # what `msgspec.convert` takes, such as `str | None`
    wants: str
    example: object
    hint: str = ""


_TEXTS: Final = _Rule(kind=list[str], wants="a list of texts", example=["anonymous"])
_RULES: Final[Mapping[str, _Rule]] = MappingProxyType(
    {
        "header": _Rule(
            kind=HeaderName | None, wants="the name of a header", example="X-Assertion"
        ),
        "session_claim": _Rule(
            kind=str | None, wants="the name of a claim, or an empty text", example="sid"
        ),
        "subject_claim": _Rule(kind=ClaimName | None, wants="the name of a claim", example="sub"),
        "algorithms": _Rule(
            kind=Algorithms | None, wants=ALGORITHMS_WANTED, example=["RS256"], hint=NO_SECRETS
        ),
        "denied_subjects": _TEXTS,
        "denied_keys": _TEXTS,
        "private_networks": _Rule(
            kind=list[str], wants="a list of networks", example=["10.1.0.0/16"]
        ),
        "leeway": _Rule(
            kind=Leeway, wants=f"a whole number from 0 to {LONGEST_LEEWAY}", example=30
        ),
        "longest_life": _Rule(
            kind=Life, wants=f"a whole number from 1 to {LONGEST_LIFE}", example=3600
        ),
    }
)


def check(where: str, given: Mapping[str, object]) -> None:
    """Refuse a name that is none, and a value that can't be what is wanted.

    Raises: `ConfigurationInvalid`, which begins with `where`.
    """
    for name, value in given.items():
        rule = _RULES.get(name)
        if rule is None:
            known = ["issuer", "audience", "jwks", *_RULES]
            guess = did_you_mean(name, known)
            raise ConfigurationInvalid(
                f"{where}.{name}: there is no such setting.{guess} It has {', '.join(known)}."
            )
        try:
            msgspec.convert(value, rule.kind)
        except msgspec.ValidationError:
            raise ConfigurationInvalid(
                f"{where}.{name}: got {shown(value)}, wants {rule.wants}; for example"
                f" {name} = {shown(rule.example)}.{rule.hint}"
            ) from None


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Guess which setting was meant, as the end of a refusal; empty where nothing is near."""
    meant = MEANT.get(name)
    near = [meant] if meant in known else difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {near[0]}?" if near else ""


def check_text(where: str, text: object) -> None:
    """Refuse what is empty, or has a blank at its end, which no token will have.

    Raises: `ConfigurationInvalid`, which begins with `where`.
    """
    if not isinstance(text, str) or not text or text != text.strip():
        raise ConfigurationInvalid(
            f"{where}: got {shown(text)}, wants a text without blanks around it, as tokens have it"
            " to the letter."
        )


def check_header(where: str, header: str) -> None:
    """Refuse a header that says something else.

    Raises: `ConfigurationInvalid`, which begins with `where`.
    """
    if header.lower() in _TAKEN or header.lower().startswith("sec-"):
        raise ConfigurationInvalid(
            f"{where}: got {shown(header)}, which is there for something else, wants a header for"
            ' the token; for example header = "X-Assertion".'
        )


def check_claims(where: str, session_claim: str, subject_claim: str) -> None:
    """Refuse to take a user for a session: who logs out would be kept out for good.

    Raises: `ConfigurationInvalid`, which begins with `where`.
    """
    if session_claim == subject_claim:
        raise ConfigurationInvalid(
            f"{where}.session_claim: got {shown(session_claim)}, which names the user: whoever logs"
            ' out once would be kept out from then on. Wants session_claim = "" where tokens name'
            " no session."
        )
