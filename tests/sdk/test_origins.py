"""Web origins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.sdk.origins import connectable, is_this_machine, origin_of, parse_origin


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://secure.example.com", "https://secure.example.com"),
        ("https://Secure.Example.COM/", "https://secure.example.com"),
        ("https://secure.example.com:443", "https://secure.example.com"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_one_spelling(url: str, origin: str) -> None:
    """An origin comes out as browsers send it: lower case, and without the scheme's own port."""
    assert parse_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "secure.example.com",
        "//secure.example.com",
        "ftp://secure.example.com",
        "javascript:alert(1)",
        "https://",
        "https://secure.example.com/path",
        "https://secure.example.com//",
        "https://secure.example.com?",
        "https://secure.example.com#",
        "https://user@secure.example.com",
        "https://user:password@secure.example.com",
        "https://secure.example.com:port",
        "https://secure.example.com:99999",
        "https://secure.example.com\\@evil.example",
        "https://secure.exa mple.com",
        "https://secure.exam\tple.com",
        "https://secure.example.com\n",
        " https://secure.example.com",
        "https://secüre.example.com",
        "https://-bad.example.com",
        "https://a,b.example.com",
        "null",
    ],
)
def test_nothing_but_an_origin(url: str) -> None:
    """A path, a user, white space, another alphabet or scheme is refused."""
    with pytest.raises(ValueError, match="not an origin"):
        parse_origin(url)


@given(url=st.text(max_size=60))
def test_reading_any_text_is_safe(url: str) -> None:
    """Any text gives an origin that reads back as itself, or none."""
    origin = origin_of(url)
    assert origin is None or parse_origin(origin) == origin


@given(path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30))
def test_the_path_does_not_matter(path: str) -> None:
    """The origin of an address is that of its host, whatever comes after it."""
    assert origin_of(f"https://app.example.com/{path}") == "https://app.example.com"


def test_a_user_name_is_not_a_host() -> None:
    """`https://a@b` is of b."""
    assert origin_of("https://app.example.com@evil.example/") == "https://evil.example"


@pytest.mark.parametrize(
    ("origin", "here"),
    [
        ("http://localhost:8000", True),
        ("http://secure.lunasec.localhost", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:80", True),
        ("http://localhost.example.com", False),
        ("http://evillocalhost", False),
        ("http://10.0.0.1", False),
    ],
)
def test_which_names_stay_on_this_machine(origin: str, *, here: bool) -> None:
    """Loopback and names below `localhost` do; look-alikes do not."""
    assert is_this_machine(origin) == here


def test_names_below_localhost_are_called_at_loopback() -> None:
    """A back end calls 127.0.0.1 where a browser would go to `*.localhost`; other names stay."""
    assert connectable("http://secure.lunasec.localhost:8001") == "http://127.0.0.1:8001"
    assert connectable("https://localhost") == "https://127.0.0.1"
    assert connectable("https://secure.example.com") == "https://secure.example.com"
