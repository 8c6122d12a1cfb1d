"""A wrong configuration is refused with the setting, what it got, what it wants, and an example."""

import re
from pathlib import Path

import pytest
from msgspec import Struct, inspect

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import settings, tables
from lunasec.tokenizer.configuration import ApplicationTable, File, TokenizerTable
from lunasec.tokenizer.providers import ProviderTable
from lunasec.tokenizer.proxy_listener import ProxyListenerTable
from lunasec.tokenizer.settings import Address
from lunasec.tokenizer.validators import Validator

GOOD = """\
[tokenizer]
origin = "https://secure.example.com"

[applications.payroll]
origins = ["https://app.example.com"]
keys = "payroll.jwks.json"
"""
AT = Path("/srv/lunasec.toml")


def _parse(text: str, **environment: str) -> settings.Settings:
    return settings.parse(text.encode(), AT, environment)


def _refusal(text: str, **environment: str) -> str:
    with pytest.raises(ConfigurationInvalid) as refused:
        _parse(text, **environment)
    return refused.value.detail


def _with(setting: str, value: str, table: str = "tokenizer") -> str:
    """Return the good configuration with one line put into, or replaced in, one of its tables."""
    header = f"[{table}]\n"
    without = re.sub(rf"^{setting} = .*\n", "", GOOD, flags=re.MULTILINE)
    return without.replace(header, f"{header}{setting} = {value}\n")


PAYROLL = "applications.payroll"

WRONG = [
    # What is not an origin.
    (_with("origin", '"secure.example.com"'), 'tokenizer.origin: got "secure.example.com"'),
    (_with("origin", '"secure.example.com"'), 'Did you mean "https://secure.example.com"?'),
    (_with("origin", '"https://secure.example.com/"'), 'mean "https://secure.example.com"?'),
    (_with("origin", '"https://secure.example.com/x?y"'), 'mean "https://secure.example.com"?'),
    (_with("origin", '"https://Secure.Example.com:443"'), 'mean "https://secure.example.com"?'),
    (_with("origin", '"https://tresor.müller.example"'), "https://tresor.xn--mller-kva.example"),
    (_with("origin", '"http://secure.example.com"'), "On plain http"),
    (
        _with("origin", '"ftp://secure.example.com"'),
        'got "ftp://secure.example.com", wants an origin',
    ),
    (_with("origin", '"https://secure.example.com;script-src *"'), "There are no wildcards"),
    (_with("origin", '"https://secure.example.com; x"'), "wants an origin"),
    (_with("origin", '"https://user@secure.example.com"'), "wants an origin"),
    (_with("origin", '"https://secure.example.com:99999"'), "wants an origin"),
    (_with("origin", '"https://"'), "wants an origin"),
    (_with("origin", '""'), 'got "", wants an origin'),
    (_with("origin", "1"), "tokenizer.origin: got 1, wants an origin"),
    (_with("origins", '["https://*.example.com"]', PAYROLL), "list each origin"),
    (_with("origins", '["http://app.example.com"]', PAYROLL), f"{PAYROLL}.origins: got"),
    (_with("origins", "[]", PAYROLL), f"{PAYROLL}.origins: got [], wants a list of origins"),
    (_with("origins", '"https://app.example.com"', PAYROLL), 'origins = ["https://app.example'),
    # What is not an address.
    (_with("listen", "8001"), "tokenizer.listen: got 8001, wants an IP address and a port"),
    (_with("listen", '":8001"'), 'Did you mean "127.0.0.1:8001"?'),
    (_with("listen", '"localhost:8001"'), 'Did you mean "127.0.0.1:8001"?'),
    (_with("listen", '"*:8001"'), 'Did you mean "0.0.0.0:8001"?'),
    (_with("listen", '"127.0.0.1"'), 'for example listen = "127.0.0.1:8001"'),
    (_with("listen", '"127.0.0.1:80010"'), "wants an IP address and a port"),
    (_with("listen", '"secure.example.com:8001"'), "wants an IP address and a port"),
    (_with("listen", '"127.0.0.999:8001"'), "wants an IP address and a port"),
    (_with("operator_listen", '"127.0.0.1:8001"'), "which is listen as well"),
    # Other types and bounds.
    (_with("erase_delay", '"7d"'), "a whole number of seconds, 0 or more; for example erase_delay"),
    (_with("erase_delay", "-1"), "tokenizer.erase_delay: got -1"),
    (_with("erase_delay", "1.5"), "tokenizer.erase_delay: got 1.5"),
    (_with("data", '""'), "tokenizer.data: got"),
    (_with("tls_key", '"x.key"'), "tokenizer.tls_certificate: got nothing"),
    (_with("tls_certificate", '"x.pem"'), "tokenizer.tls_key: got nothing"),
    (_with("header_sessions", '"yes"', PAYROLL), 'got "yes", wants true or false'),
    (_with("reveal", '"hover"', PAYROLL), 'wants "always" or "click"'),
    (_with("remask_after", "0", PAYROLL), "a whole number of seconds from 1 to 3600"),
    (_with("grants_per_minute", "0", PAYROLL), "grants_per_minute: got 0"),
    # Names.
    (_with("listenn", '"127.0.0.1:8001"'), "Did you mean listen?"),
    (_with("tls_cert", '"x.pem"'), "Did you mean tls_certificate?"),
    (_with("debug", "true"), "[tokenizer] has origin, listen, operator_listen, data"),
    (
        GOOD.replace("keys =", "key ="),
        f"{PAYROLL}.key: there is no such setting. Did you mean keys?",
    ),
    (GOOD.replace("payroll]", "Pay_Roll]"), "applications.Pay_Roll: the name has 1 to 40"),
    (GOOD.replace("payroll]", "bind-x]"), "applications.bind-x: the name"),
    (
        f'{GOOD}[{PAYROLL}.validators."Employee ID"]\npattern = "x"\nmessage = "y"\n',
        f"for example [{PAYROLL}.validators.employee-id]",
    ),
    (f'{GOOD}[{PAYROLL}.validators.id]\npattern = "x"\n', "validators.id.message: got nothing"),
    (
        f"{GOOD}[{PAYROLL}.validators.id]\npattern = '\\d\\-\\d'\nmessage = \"y\"\n",
        'validators.id.pattern: got "\\\\d\\\\-\\\\d", wants a regular expression',
    ),
    (f'{GOOD}[{PAYROLL}.words.german]\n"Show" = "x"\n', f"for example [{PAYROLL}.words.de]"),
    (f'{GOOD}[{PAYROLL}.words.de]\n"Reveal" = "x"\n', 'words.de."Reveal": frames never say that'),
    (f'{GOOD}[{PAYROLL}.words.de]\n"Show" = ""\n', "wants 1 to 200 characters on one line"),
    (f'{GOOD}[{PAYROLL}.words.de]\n"Show" = "a\\nb"\n', "wants 1 to 200 characters on one line"),
    (f'{GOOD}[{PAYROLL}.words.de]\n"{{name}} chosen" = "x"\n', "wants {name} in it"),
    (f'{GOOD}[{PAYROLL}.words.de]\n"Show" = "{{name}}"\n', "wants no {…} in it"),
    (f'{GOOD}[{PAYROLL}.words.de]\n"Show" = 3\n', f"{PAYROLL}.words: got"),
    # Shapes.
    ("", "tokenizer: got nothing, wants a table"),
    ("tokenizer = 3", "tokenizer: got 3, wants a table; for example [tokenizer]"),
    ("[tokeniser]\n", "tokeniser: there is no such setting. Did you mean tokenizer?"),
    ("[tokenizer]\n", "tokenizer.origin: got nothing, wants an origin"),
    (GOOD.replace("keys =", "#"), f"{PAYROLL}.keys: got nothing, wants the path of a file"),
    (GOOD.replace("[applications.payroll]", "[applications]"), "for example [applications.NAME]"),
    (GOOD.replace("[applications.payroll]", "[[applications]]"), "for example [applications.NAME]"),
    (GOOD.replace("[applications.payroll]", "[[applications.payroll]]"), "[applications.NAME]"),
    ("[tokenizer]\norigin = https://secure.example.com\n", "A text stands between quotes."),
    ("[tokenizer]\norigin = https://secure.example.com\n", "(at line 2, column 10)"),
    ("[tokenizer\n", "it is not TOML"),
    # What does not go together.
    (_with("origins", '["https://secure.example.com:8443"]', PAYROLL), "own host. Ports share"),
    (
        GOOD + '[applications.hr]\norigins = ["https://app.example.com"]\nkeys = "x"\n',
        "belongs to p",
    ),
    (
        '[tokenizer]\norigin = "http://secure.localhost:1"\ntls_certificate = "a"\ntls_key = "b"\n',
        "wants an origin with https, since tls_certificate is given",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_wrong_configuration_says_what_to_write(text: str, said: str) -> None:
    """Every mistake is refused with the file, the setting and a way out, in one line."""
    refusal = _refusal(text)
    assert said in refusal
    assert refusal.startswith(f"{AT}: ")
    assert "\n" not in refusal


def test_not_utf8_is_said() -> None:
    """A file in another encoding is refused as that, and one with a byte order mark is read."""
    with pytest.raises(ConfigurationInvalid, match="UTF-8"):
        settings.parse(GOOD.encode("utf-16"), AT)
    assert settings.parse(b"\xef\xbb\xbf" + GOOD.encode(), AT) == _parse(GOOD)


def test_wrong_override_is_named_by_its_variable() -> None:
    """What the environment overrides is refused under the name that the operator typed."""
    refusal = _refusal(GOOD, LUNASEC_LISTEN="localhost:80")
    assert refusal.startswith('LUNASEC_LISTEN: got "localhost:80", wants an IP address')


def test_environment_overrides_the_file() -> None:
    """The four variables win over the file; an empty one is as good as none."""
    read = _parse(
        GOOD,
        LUNASEC_ORIGIN="https://vault.example.com",
        LUNASEC_LISTEN="[::1]:1",
        LUNASEC_OPERATOR_LISTEN="",
        LUNASEC_DATA="elsewhere",
    )
    assert read.origin == "https://vault.example.com"
    assert read.listen == Address("::1", 1)
    assert read.operator_listen == Address("127.0.0.1", 9001)
    assert read.data == Path("/srv/elsewhere")


def test_refusal_shows_no_key() -> None:
    """A private key that was pasted in the place of its file's name is not printed."""
    pasted = '"""{"kty": "OKP", "d": "c2VjcmV0"}"""'
    for text in (_with("origin", pasted), _with("listen", '"-----BEGIN PRIVATE KEY-----c2VjcmV0"')):
        refusal = _refusal(text)
        assert "c2VjcmV0" not in refusal
        assert "not shown" in refusal


def test_paths_are_relative_to_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path starts at the configuration file, `~` at the home directory."""
    monkeypatch.setenv("HOME", "/home-of-someone")
    read = _parse(_with("data", '"~/vault"'))
    assert read.data == Path("/home-of-someone/vault")
    assert read.applications["payroll"].keys == Path("/srv/payroll.jwks.json")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://app.example.com", "https://secure.example.com", True),
        ("https://example.com", "https://secure.example.com:8443", True),
        ("https://app.example.com", "http://secure.example.com", False),
        ("https://app.example.com", "https://secure.example.net", False),
        ("https://app.example.co.uk", "https://secure.other.co.uk", False),
        ("https://one.github.io", "https://two.github.io", False),
        ("http://app.lunasec.localhost:8000", "http://secure.lunasec.localhost:8001", True),
        ("http://app.localhost:8000", "http://secure.localhost:8001", False),
        ("https://10.0.0.5", "https://10.1.0.5", False),
        ("https://10.0.0.5", "https://10.0.0.5:8443", True),
        ("https://[::1]", "https://[::2]", False),
    ],
)
def test_sites_are_told_apart_as_browsers_do(one: str, other: str, *, same: bool) -> None:
    """One registered name is one site; a public suffix, another scheme or an address is not."""
    assert settings.same_site(one, other) is same


TABLES: tuple[tuple[str, type[Struct]], ...] = (
    ("", File),
    ("[tokenizer]", TokenizerTable),
    ("[proxy_listener]", ProxyListenerTable),
    ("[applications.payroll]", ApplicationTable),
    ("[applications.payroll.provider]", ProviderTable),
    ("[applications.payroll.validators.employee-id]", Validator),
)


FIELDS = {
    f"{header}{field.name}": field for header, kind in TABLES for field in tables.fields_of(kind)
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_setting_is_described(field: inspect.Field) -> None:
    """Each setting says what it is for, and each that is no table gives an example."""
    said = tables.notes(field)
    assert said["description"].endswith(".")
    assert ("examples" in said) is (tables.wants(field) != "a table")


def test_examples_are_accepted() -> None:
    """The examples of all settings together are a configuration that nothing is wrong with."""
    lines: list[str] = []
    for header, kind in TABLES:
        lines.append(header)
        for field in tables.fields_of(kind):
            examples = tables.notes(field).get("examples", [])
            lines += [f"{field.name} = {tables.shown(each)}" for each in examples]
    assert _parse("\n".join(lines)).applications["payroll"].remask_after == 30
