"""The requests of the protocol, as Authlib writes them; the only importer of `authlib`."""

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import quote_plus, urlsplit

from authlib.oauth2 import auth, rfc7636
from authlib.oauth2.rfc6749 import parameters
from msgspec import Struct

from lunasec.tokenizer.relying import Prompt, RelyingParty

# Their types are unknown in part: what they write is checked to be text.
_AUTH: Final[Any] = auth
_PKCE: Final[Any] = rfc7636
_PARAMETERS: Final[Any] = parameters


OLDEST_LOG_IN: Final = 365 * 24 * 60 * 60
"""Nobody's is older. Asked whether it is, a provider has to say when the person logged in."""


class Begun(Struct, frozen=True, kw_only=True):
    """What one log-in is known by: to the provider, to the browser, and to us alone.

    `prompt` is what the person is to be asked, where that is not the provider's to say.
    """

    state: str
    nonce: str
    verifier: str
    prompt: Prompt | None = None


class Form(Struct, frozen=True, kw_only=True):
    """What to post, with the headers that prove which client we are."""

    body: bytes
    headers: Mapping[str, str]


def authorization(endpoint: str, party: RelyingParty, begun: Begun) -> str:
    """Write where the browser goes to log in (Core, section 3.1.2.1; RFC 7636, section 4.3)."""
    more: dict[str, str] = {"nonce": begun.nonce, "response_mode": "query"}
    more |= {"prompt": begun.prompt} if begun.prompt else {}
    more |= {"max_age": str(OLDEST_LOG_IN)} if party.asks_age else {}
    if begun.prompt is Prompt.LOGIN and party.acr_values:
        more["acr_values"] = party.acr_values
    more["code_challenge"] = _text(_PKCE.create_s256_code_challenge(begun.verifier))
    more["code_challenge_method"] = "S256"
    return _text(
        _PARAMETERS.prepare_grant_uri(
            endpoint,
            party.client_id,
            "code",
            redirect_uri=party.redirect,
            scope=party.scope,
            state=begun.state,
            **more,
        )
    )


def pushed(party: RelyingParty, secret: str, begun: Begun) -> Form:
    """Write the same for the provider's back channel (RFC 9126, section 2.1)."""
    query = urlsplit(authorization("", party, begun)).query
    # The client names itself in its credentials, or `none` adds the name again.
    body = query if secret else query.replace(f"&client_id={quote_plus(party.client_id)}", "", 1)
    return _authenticated(party, secret, body)


def by_reference(endpoint: str, party: RelyingParty, request: str) -> str:
    """Write where the browser goes once the request was pushed (RFC 9126, section 4)."""
    separator = "&" if urlsplit(endpoint).query else "?"
    pairs = f"client_id={quote_plus(party.client_id)}&request_uri={quote_plus(request)}"
    return f"{endpoint}{separator}{pairs}"


def exchange(party: RelyingParty, secret: str, code: str, verifier: str) -> Form:
    """Write what turns a code into tokens (Core, section 3.1.3.1; RFC 7636, section 4.5)."""
    body = _PARAMETERS.prepare_token_request(
        "authorization_code", "", party.redirect, code=code, code_verifier=verifier
    )
    return _authenticated(party, secret, _text(body))


def _authenticated(party: RelyingParty, secret: str, body: str) -> Form:
    if secret:
        # RFC 6749, section 2.3.1, has both escaped, which Authlib leaves to us.
        names = (quote_plus(party.client_id), quote_plus(secret), "client_secret_basic")
    else:
        names = (party.client_id, "", "none")
    _, headers, form = _AUTH.ClientAuth(*names).prepare("POST", "", {}, body)
    return Form(body=_text(form).encode("ascii"), headers=cast("dict[str, str]", headers))


def _text(said: object) -> str:
    """Give a text, which is what Authlib writes."""
    if not isinstance(said, str):
        raise TypeError
    return said
