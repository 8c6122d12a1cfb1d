"""What an Oathkeeper may be told to sign, in variants of algorithm, template and session."""

from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, OctKey

from tests.proxies.oathkeeper import Key, rsa_key

RSA = rsa_key()
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig", "alg": "ES256"})
HMAC = OctKey.generate_key(256, {"kid": RSA.kid or "", "alg": "HS256"})
AUD = '"aud": ["{secure}"]'
SID = '"sid": {{ .Extra.id | toJson }}'
BARE = '"name": "{{ print .Extra.name }}"'
ANOTHER_S = "of-eve"
DOUBLED = f'x", "sid": "{ANOTHER_S}'
CLOSED = f'x", "sid": "{ANOTHER_S}", "aud": ["{{secure}}"]}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A variant of what is signed: with which key, by which template, of what session."""

    key: Key = field(default_factory=lambda: RSA)
    claims: str | None = None
    """Of the rule for the tokenizer; None is the recipe's own."""

    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    authenticator: str = "cookie_session"


TAKEN = {
    "RS256": Signed(),
    "ES256": Signed(key=EC),
    "of a list of one": Signed(claims=f"{{{SID}, {AUD}}}"),
    "of a text": Signed(claims=f'{{{SID}, "aud": "{{secure}}"}}'),
    "not escaped, and harmless": Signed(claims=f'{{"sid": "{{{{ print .Extra.id }}}}", {AUD}}}'),
    "what it claims by itself": Signed(
        claims=f'{{{SID}, {AUD}, "iss": "x", "sub": "eve", "exp": 1, "nbf": 9999999999}}'
    ),
    "escaped": Signed(
        claims=f'{{"name": {{{{ .Extra.name | toJson }}}}, {SID}, {AUD}}}', extra={"name": CLOSED}
    ),
    "said twice, and last": Signed(claims=f"{{{BARE}, {SID}, {AUD}}}", extra={"name": DOUBLED}),
}
REFUSED = {
    "HS256": Signed(key=HMAC),
    "without a template": Signed(claims=""),
    "without aud": Signed(claims=f"{{{SID}}}"),
    "for the application": Signed(claims=f'{{{SID}, "aud": ["{{application}}"]}}'),
    "for both": Signed(claims=f'{{{SID}, "aud": ["{{application}}", "{{secure}}"]}}'),
    "without sid": Signed(claims=f"{{{AUD}}}"),
    "of a session without a name": Signed(extra={"id": None}),
    "of a session with a number": Signed(extra={"id": 7}),
    "of an empty session": Signed(extra={"id": ""}),
    "of nobody": Signed(authenticator="anonymous", extra={"identity": {"id": "anonymous"}}),
    "of an empty user": Signed(extra={"identity": {"id": ""}}),
}
INJECTED = {
    "not last": Signed(claims=f"{{{SID}, {AUD}, {BARE}}}", extra={"name": DOUBLED}),
    "not escaped, though last": Signed(claims=f"{{{BARE}, {SID}, {AUD}}}", extra={"name": CLOSED}),
}
"""What the recipe warns of: nobody behind Oathkeeper can tell."""
