"""The SDK's settings."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from lunasec.errors import ConfigurationInvalid
from lunasec.sdk.settings import GivenSettings, read_settings

NEEDED = {
    "LUNASEC_APPLICATION": "payroll",
    "LUNASEC_KEY_FILE": "payroll.key",
    "LUNASEC_TOKENIZER_URL": "https://secure.example.com",
}

# Each setting, what is wrong, and a value that is right, as texts.
WRONG = [
    ("application", ["", "Payroll", "bind-x", "pay roll", "-a", "a-", "a" * 41, "é"], "payroll"),
    ("key_file", ["{'kty': 'OKP'}", "a\nb"], "payroll.key"),
    (
        "tokenizer_url",
        ["http://secure.example.com", "secure", "https://a.example/x", "https://u:p@a.example"],
        "https://secure.example.com",
    ),
    ("tokenizer_internal_url", ["tokenizer:8001", "http://a/x"], "http://tokenizer:8001"),
    ("tokenizer_ca_file", ["/nowhere/ca.pem"], __file__),
    ("page_origins", ["https://a.example,b", "http://a.example", "*"], "https://a.example"),
    ("header_sessions", ["maybe", "2"], "true"),
    ("session_lifetime", ["soon", "59", "43201", "1e3", "-1"], "3600"),
    ("grant_duration", ["0", "3601", "15m"], "900"),
    ("connect_timeout", ["0", "nan", "inf", "61", "x"], "2"),
    ("timeout", ["0", "nan", "inf", "61", "x"], "5"),
]


def _variable(name: str) -> str:
    return f"LUNASEC_{name.upper()}"


def test_the_table_has_every_setting() -> None:
    """No setting is left out of what is tested here."""
    assert {name for name, _, _ in WRONG} == GivenSettings.__annotations__.keys()


@pytest.mark.parametrize(
    ("name", "wrong"), [(name, each) for name, all_, _ in WRONG for each in all_]
)
def test_wrong_settings_say_how_to_right_them(name: str, wrong: str) -> None:
    """A wrong setting names itself, its variable, what it got and wants, and an example."""
    given = cast("GivenSettings", {name: wrong})
    with pytest.raises(ConfigurationInvalid) as refused:
        read_settings(given, NEEDED)
    message = str(refused.value)
    assert message.startswith(f"{name} (or {_variable(name)}) got ")
    assert "it wants" in message
    assert f"for example {name}=" in message


@pytest.mark.parametrize(("name", "right"), [(name, right) for name, _, right in WRONG])
def test_the_call_and_the_environment_say_the_same(name: str, right: str) -> None:
    """Each setting may be given in the call or in its variable, and is read the same."""
    called = read_settings(cast("GivenSettings", {name: right}), NEEDED)
    assert called == read_settings({}, {**NEEDED, _variable(name): right})


@pytest.mark.parametrize("name", ["application", "key_file", "tokenizer_url"])
def test_missing_settings_are_named(name: str) -> None:
    """Without a setting that has no default, the message says so; an empty variable is none."""
    for environment in (
        {key: value for key, value in NEEDED.items() if key != _variable(name)},
        {**NEEDED, _variable(name): ""},
    ):
        with pytest.raises(ConfigurationInvalid, match=rf"^{name} .* got nothing"):
            read_settings({}, environment)


def test_the_call_goes_first() -> None:
    """What is given in the call counts, not what the environment says; None is not given."""
    read = read_settings({"application": "portal", "key_file": None}, NEEDED)
    assert (read.application, read.key_file) == ("portal", Path("payroll.key"))


def test_unknown_settings_are_refused() -> None:
    """A mistyped name raises, and lists the names there are."""
    with pytest.raises(
        ConfigurationInvalid, match=r"no setting 'aplication'.*application, key_file"
    ):
        read_settings(cast("GivenSettings", {"aplication": "payroll"}), NEEDED)


def test_defaults() -> None:
    """Without a word: grants of 15 minutes, sessions of 12 hours, 2 s to connect and 5 in all."""
    read = read_settings({}, NEEDED)
    assert read.tokenizer_internal_url == "https://secure.example.com"
    assert (read.grant_duration, read.session_lifetime) == (900, 43200)
    assert (read.connect_timeout, read.timeout) == (2.0, 5.0)
    assert (read.page_origins, read.header_sessions, read.tokenizer_ca_file) == ((), False, None)


def test_names_below_localhost_are_called_at_loopback() -> None:
    """The demo's tokenizer is called at 127.0.0.1, unless told otherwise."""
    demo: GivenSettings = {"tokenizer_url": "http://secure.lunasec.localhost:8001"}
    assert read_settings(demo, NEEDED).tokenizer_internal_url == "http://127.0.0.1:8001"
    other: GivenSettings = {**demo, "tokenizer_internal_url": "http://tokenizer:8001"}
    assert read_settings(other, NEEDED).tokenizer_internal_url == "http://tokenizer:8001"


@pytest.mark.parametrize("origins", [["https://a.example", "https://b.example"], ()])
def test_page_origins_as_a_list(origins: Any) -> None:  # noqa: ANN401 - any iterable
    """In the call, origins are a list; in the environment they have commas."""
    assert read_settings({"page_origins": origins}, NEEDED).page_origins == tuple(origins)
    text = ", ".join(origins)
    environment = {**NEEDED, "LUNASEC_PAGE_ORIGINS": text}
    assert read_settings({}, environment).page_origins == tuple(origins)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("key_file", '{"kty":"OKP","d":"SECRET"}'),
        ("key_file", "-----BEGIN PRIVATE KEY-----\nSECRET"),
        ("tokenizer_url", "https://user:SECRET@secure.example.com"),
        ("application", '{"d":"SECRET"}'),
    ],
)
def test_messages_show_no_secret(name: str, wrong: str) -> None:
    """A key or a password that was put into a setting is not quoted."""
    with pytest.raises(ConfigurationInvalid) as refused:
        read_settings(cast("GivenSettings", {name: wrong}), NEEDED)
    assert "SECRET" not in str(refused.value)
    assert "not shown" in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("wrong", [7, True, 1.5, object(), ["https://a.example", 7]])
def test_wrong_types_are_refused(wrong: object) -> None:
    """A value of another type raises the same error, and no `TypeError` from somewhere inside."""
    for name in ("application", "tokenizer_url", "key_file", "page_origins"):
        with pytest.raises(ConfigurationInvalid):
            read_settings(cast("GivenSettings", {name: wrong}), NEEDED)
    with pytest.raises(ConfigurationInvalid):
        read_settings(cast("GivenSettings", {"session_lifetime": 60.5}), NEEDED)
    with pytest.raises(ConfigurationInvalid):
        read_settings(cast("GivenSettings", {"header_sessions": 1}), NEEDED)


def test_an_applications_start_fails_with_the_message(tmp_path: Path) -> None:
    """A process whose settings are wrong ends with that one message as its last line."""
    program = "from lunasec import Client; Client()"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"LUNASEC_APPLICATION": "Not A Name"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert "application (or LUNASEC_APPLICATION) got 'Not A Name'" in last
