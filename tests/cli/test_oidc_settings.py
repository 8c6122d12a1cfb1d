"""`kind = "oidc"` is read whole, and a wrong one is refused with what to write instead."""

from pathlib import Path

import pytest

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import settings, tables
from lunasec.tokenizer.relying import OidcTable

GOOD = """\
[tokenizer]
origin = "https://secure.example.com"

[applications.payroll]
origins = ["https://app.example.com", "https://hr.example.com"]
keys = "payroll.jwks.json"

[applications.payroll.provider]
kind = "oidc"
issuer = "https://login.example.net/tenant"
client_id = "tokenizer"
"""
AT = Path("/srv/lunasec.toml")


def parse(text: str) -> settings.Application:
    """Read it, as the server would."""
    return settings.parse(text.encode(), AT, {}).applications["payroll"]


def test_what_is_filled_in() -> None:
    """Where the provider describes itself, where a log-in comes back to, and whose tokens count."""
    payroll = parse(GOOD)
    party, log_out = payroll.oidc, payroll.log_out
    assert party is not None
    assert log_out is not None
    assert payroll.provider is None
    assert party.redirect == "https://secure.example.com/session/log-in/payroll/callback"
    assert party.landing == "https://app.example.com/"
    assert party.hosts == {"login.example.net"}
    described = "https://login.example.net/tenant/.well-known/openid-configuration"
    assert (party.tokens.jwks, party.issuer, party.client_id) == (
        described,
        "https://login.example.net/tenant",
        "tokenizer",
    )
    assert (party.client_secret, party.scope, party.tokens.session_claim) == (None, "openid", "sid")
    assert log_out.audience == "tokenizer"
    assert log_out.types == frozenset({None, "logout+jwt"})


def test_what_is_configured() -> None:
    """It counts instead."""
    more = 'client_secret = "s"\nlanding = "https://hr.example.com/back?from=login"\n'
    more += 'hosts = ["tokens.example.net:8443"]\nscope = "openid profile"\nsession_claim = ""\n'
    party = parse(GOOD + more).oidc
    assert party is not None
    assert party.client_secret == Path("/srv/s")
    assert party.landing == "https://hr.example.com/back?from=login"
    assert party.hosts == {"login.example.net", "tokens.example.net:8443"}
    assert (party.scope, party.tokens.session_claim) == ("openid profile", "")


def test_a_proxy_may_say_its_kind_too() -> None:
    """And it is one where none is said."""
    proxy = GOOD.replace('"oidc"', '"proxy"') + 'jwks = "proxy.jwks.json"\n'
    proxy = proxy.replace('client_id = "tokenizer"', 'preset = "envoy"')
    assert parse(proxy) == parse(proxy.replace('kind = "proxy"\n', ""))
    assert parse(proxy).provider is not None


def with_line(line: str, table: str = "applications.payroll") -> str:
    """Put a line into a table."""
    return GOOD.replace(f"[{table}]\n", f"[{table}]\n{line}\n")


GOVERNED = with_line('policies = ["p.cedar"]\nownership = "required"')
WRONG = [
    (GOOD.replace('"oidc"', '"saml"'), 'provider.kind: got "saml", wants "proxy" or "oidc"'),
    (GOOD.replace('"oidc"', "7"), "provider.kind: got 7, wants"),
    (GOOD.replace("client_id", "client"), "provider.client: there is no such setting"),
    (
        GOOD.replace('client_id = "tokenizer"\n', ""),
        "provider.client_id: got nothing, wants a text",
    ),
    (
        GOOD.replace("https://login", "http://login"),
        'got "http://login.example.net/tenant", wants an https address',
    ),
    (GOOD.replace("https://login", "http://login"), 'for example "https://login.example.com".'),
    (GOOD.replace("/tenant", "/tenant "), 'issuer: got "https://login.example.net/tenant ", wants'),
    (GOOD.replace('"oidc"', '"application"'), "there is no such table at all"),
    (GOOD + 'session_claim = "sub"', 'Wants session_claim = "" where tokens name no session'),
    (GOOD + 'algorithms = ["none"]', "whoever can check such a token could sign it"),
    (GOOD.replace("/tenant", "/?tenant=1"), "provider.issuer: an issuer has no query"),
    (GOOD.replace("/tenant", "/#1"), 'provider.issuer: got "https://login.example.net/#1", wants'),
    (GOOD + 'landing = "https://evil.example/"', "wants an address below one of the application's"),
    (GOOD + 'landing = "https://app.example.com.evil.example/"', "landing: got"),
    (GOOD + 'landing = "https://app.example.com"', "landing: got"),
    (GOOD + 'landing = "https://app.example.com/\\r\\nX: y"', "landing: got"),
    (GOOD + 'landing = "https://app.example.com/a b"', "landing: got"),
    (GOOD + 'landing = "https://app.example.com/ä"', "landing: got"),
    (GOOD + 'scope = "profile"', "provider.scope: got"),
    (GOOD + 'algorithms = ["HS256"]', "provider.algorithms: got"),
    (GOOD + "algorithms = []", "provider.algorithms: got"),
    (with_line("header_sessions = true"), "got a provider beside header_sessions = true"),
    (GOOD + 'acr_values = ["urn:gold"]', 'acr_values: got ["urn:gold"] without policies'),
    (GOVERNED + 'acr_values = ["urn:gold silver"]', "wants a list of texts without blanks"),
    (GOVERNED + 'acr_values = "urn:gold"', "acr_values: got"),
    (GOOD.replace("hr.example.com", "hr.example.org"), "is on another site than the tokenizer"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_one(text: str, said: str) -> None:
    """The refusal names the setting, and what it wants."""
    with pytest.raises(ConfigurationInvalid) as refused:
        parse(text)
    assert said in refused.value.detail


def test_owners_need_no_policies() -> None:
    """The tokenizer verified the user by itself; only policies ask for more of a log-in."""
    owned = parse(with_line('ownership = "required"'))
    assert owned.ownership
    assert not owned.asks_log_ins
    assert parse(GOVERNED).asks_log_ins
    party = parse(GOVERNED + 'acr_values = ["urn:gold", "urn:silver"]').oidc
    assert party is not None
    assert (party.acr_values, party.asks_age) == ("urn:gold urn:silver", True)


def test_its_examples_are_accepted() -> None:
    """Those that the documentation shows; each setting has one, and says what it is for."""
    for field in tables.fields_of(OidcTable):
        assert tables.notes(field)["description"].endswith(".")
    lines = [
        f"{field.name} = {tables.shown(tables.notes(field)['examples'][0])}"
        for field in tables.fields_of(OidcTable)
    ]
    head = GOVERNED.partition("issuer =")[0]
    party = parse(head + "\n".join(lines)).oidc
    assert party is not None
    assert party.hosts == {"login.example.com", "oauth2.example.com"}
