"""Several applications, one tokenizer: each one's key speaks for itself alone."""

import json

import pytest
from joserfc import jwk, jwt

from lunasec.errors import CredentialInvalid
from lunasec.jose import Issuer, KeySet, VerifiedTokens, verify
from lunasec.jose.claims import Claims
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.jose import ApplicationTokens

NOW = 1_800_000_000
AUDIENCE = "https://secure.example.com"
PAYROLL, HR = (
    jwk.generate_key("EC", "P-256", {"kid": "1"}),
    jwk.generate_key("EC", "P-256", {"kid": "1"}),
)


def key_set(*keys: jwk.Key) -> KeySet:
    """Publish keys."""
    return KeySet.parse(json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode())


def signed(
    key: jwk.Key,
    issuer: str,
    *,
    alg: str = "ES256",
    typ: str | None = "lunasec-app+jwt",
    **claims: object,
) -> str:
    """Sign a credential."""
    header = {"alg": alg, "kid": "1"} | ({} if typ is None else {"typ": typ})
    merged = {"iss": issuer, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 300, **claims}
    return jwt.encode(header, merged, key, algorithms=[alg], default_type=None)


def tokens() -> ApplicationTokens:
    """Serve two applications whose keys have the same `kid`."""
    return ApplicationTokens({"payroll": key_set(PAYROLL), "hr": key_set(HR)}, audience=AUDIENCE)


def test_each_key_speaks_for_its_own_application() -> None:
    """Of all pairs of key and claimed issuer, those that belong together are accepted."""
    both = tokens()
    for key, owner in ((PAYROLL, "payroll"), (HR, "hr")):
        for issuer in ("payroll", "hr"):
            text = signed(key, issuer)
            if issuer == owner:
                caller = ApplicationCaller(application=owner, key_id="1")
                assert both.verify(text, now=NOW) == caller
                assert both.verify(text, now=NOW + 1) == caller
            else:
                with pytest.raises(CredentialInvalid, match="signature"):
                    both.verify(text, now=NOW)


def test_a_removed_application_is_nobody() -> None:
    """After new keys, a token that was accepted before is verified against the new ones."""
    text = signed(PAYROLL, "payroll")
    tokens().verify(text, now=NOW)
    with pytest.raises(CredentialInvalid, match='"iss"'):
        ApplicationTokens({"hr": key_set(HR)}, audience=AUDIENCE).verify(text, now=NOW)


def test_a_remembered_token_dies_in_time() -> None:
    """A token that was accepted before is refused after its end, and if the clock is set back."""
    both = tokens()
    text = signed(PAYROLL, "payroll")
    both.verify(text, now=NOW)
    for now in (NOW + 330, NOW - 31):
        with pytest.raises(CredentialInvalid):
            both.verify(text, now=now)


def claims(
    issuer: str = "payroll", *, issued_at: float = NOW, expires_at: float = NOW + 300
) -> Claims:
    """Make verified claims."""
    return Claims(issuer=issuer, key_id="1", issued_at=issued_at, expires_at=expires_at, members={})


def test_memory_ends_with_the_token() -> None:
    """Claims are given back from 30 s before `iat` until `exp`, for this text alone."""
    memory = VerifiedTokens()
    memory.keep("text", claims())
    found = {now: memory.find("text", NOW + now) is not None for now in (-31, -30, 0, 299.9, 300)}
    assert found == {-31: False, -30: True, 0: True, 299.9: True, 300: False}
    assert memory.find("tex", NOW) is None
    assert memory.find("text ", NOW) is None


def test_memory_is_bounded_for_each_issuer() -> None:
    """An issuer pushes out its own oldest token, and nobody else's."""
    memory = VerifiedTokens(capacity=3)
    memory.keep("theirs", claims("hr"))
    for each in range(10):
        memory.keep(f"ours {each}", claims())
        memory.keep(f"ours {each}", claims())
    kept = [each for each in range(10) if memory.find(f"ours {each}", NOW)]
    assert kept == [7, 8, 9]
    assert memory.find("theirs", NOW) is not None
    assert str(vars(memory)).count("Claims(") == 4


def test_memory_holds_no_token() -> None:
    """What is remembered is a hash: the text itself is nowhere in the memory."""
    memory = VerifiedTokens()
    memory.keep("canary-token", claims())
    assert "canary" not in repr(vars(memory))


def proxy(keys: KeySet, *, algorithms: frozenset[str]) -> Issuer:
    """Describe tokens as an auth proxy makes them: no type, lives of hours, RSA."""
    return Issuer(
        name="https://idp.example",
        keys=keys,
        audience=AUDIENCE,
        types=frozenset({None, "JWT"}),
        algorithms=algorithms,
        longest_life=None,
    )


def test_the_same_steps_serve_other_issuers() -> None:
    """RSA tokens of a proxy are verified by its own rules, and are no application's credential."""
    key = jwk.generate_key("RSA", 2048, {"kid": "1"})
    keys = key_set(key)
    issuer = proxy(keys, algorithms=frozenset({"RS256", "PS256"}))
    for alg, typ in (("RS256", None), ("PS256", "JWT")):
        text = signed(key, issuer.name, alg=alg, typ=typ, exp=NOW + 36_000, sub="user-1")
        verified = verify(text, issuers={issuer.name: issuer}, now=NOW + 30_000)
        assert verified.members["sub"] == "user-1"
    for alg, typ in (("RS512", None), ("RS256", "at+jwt")):
        text = signed(key, issuer.name, alg=alg, typ=typ)
        with pytest.raises(CredentialInvalid):
            verify(text, issuers={issuer.name: issuer}, now=NOW)
    application = ApplicationTokens({"payroll": keys}, audience=AUDIENCE)
    with pytest.raises(CredentialInvalid, match='"alg"'):
        application.verify(signed(key, "payroll", alg="RS256"), now=NOW)


def test_verified_claims_can_not_be_changed() -> None:
    """Nobody adds a claim to a token after it was verified."""
    issuer = proxy(key_set(PAYROLL), algorithms=frozenset({"ES256"}))
    verified = verify(
        signed(PAYROLL, issuer.name, typ=None), issuers={issuer.name: issuer}, now=NOW
    )
    with pytest.raises(TypeError):
        verified.members["sub"] = "admin"  # type: ignore[index]
