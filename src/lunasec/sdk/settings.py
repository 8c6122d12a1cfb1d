"""The SDK's settings, from the call or from `LUNASEC_*`, checked once; the only reader of both.

A wrong setting refuses with `ConfigurationInvalid`, which says which one it is, what it got, what
it wants, and an example.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from lunasec.errors import ConfigurationInvalid
from lunasec.sdk import setting_values as values
from lunasec.sdk.origins import connectable
from lunasec.sdk.setting_values import NO_DEFAULT, Setting


class GivenSettings(TypedDict, total=False):
    """The settings as an application types them; what is absent or None comes from the environment.

    `application` and `key_file` are what `lunasec app add NAME` made. `tokenizer_url` is where
    browsers reach the tokenizer, `tokenizer_internal_url` where this back end does, if that is
    another address. `tokenizer_ca_file` is a bundle of certificates for a tokenizer behind a
    private authority. `page_origins` lists the origins of pages that are not this back end's own.
    `header_sessions` opens `POST /.lunasec/session`. `session_lifetime` is how long a session of
    the application lasts at most, `grant_duration` how long a grant does, both in seconds.
    `connect_timeout` and `timeout`, in seconds, bound a call to the tokenizer with its retries.
    """

    application: str | None
    key_file: str | os.PathLike[str] | None
    tokenizer_url: str | None
    tokenizer_internal_url: str | None
    tokenizer_ca_file: str | os.PathLike[str] | None
    page_origins: Iterable[str] | None
    header_sessions: bool | None
    session_lifetime: int | None
    grant_duration: int | None
    connect_timeout: float | None
    timeout: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Checked settings. URLs are origins; durations are seconds."""

    application: str
    key_file: Path
    tokenizer_url: str
    tokenizer_internal_url: str
    tokenizer_ca_file: Path | None
    page_origins: tuple[str, ...]
    header_sessions: bool
    session_lifetime: int
    grant_duration: int
    connect_timeout: float
    timeout: float


# Seconds. The protocol's own bounds: the tokenizer refuses what is longer.
_LONGEST_SESSION: Final = 12 * 3600
_LONGEST_GRANT: Final = 3600

_APPLICATION: Final[Setting[str]] = Setting(
    name="application",
    read=values.application_name,
    wants="the name that `lunasec app add` was given: a-z, 0-9 and '-', at most 40 characters",
    example="payroll",
    default=NO_DEFAULT,
)
_KEY_FILE: Final[Setting[Path]] = Setting(
    name="key_file",
    read=values.path,
    wants="the path of the key file that `lunasec app add` made",
    example="payroll.key",
    default=NO_DEFAULT,
)
_TOKENIZER_URL: Final[Setting[str]] = Setting(
    name="tokenizer_url",
    read=values.public_origin,
    wants="the tokenizer's origin as browsers reach it: https, or http on localhost, and no path",
    example="https://secure.example.com",
    default=NO_DEFAULT,
)
_INTERNAL_URL: Final[Setting[str | None]] = Setting(
    name="tokenizer_internal_url",
    read=values.origin,
    wants="the tokenizer's origin as this back end reaches it, without a path",
    example="http://tokenizer.internal:8001",
    default=None,
)
_CA_FILE: Final[Setting[Path | None]] = Setting(
    name="tokenizer_ca_file",
    read=values.file,
    wants="the path of a PEM file with the certificates to trust for the tokenizer",
    example="internal-ca.pem",
    default=None,
)
_PAGE_ORIGINS: Final[Setting[tuple[str, ...]]] = Setting(
    name="page_origins",
    read=values.origins,
    wants="a list of origins (in the environment with commas), https or on localhost, no paths",
    example="https://www.example.com",
    default=(),
)
_HEADER_SESSIONS: Final[Setting[bool]] = Setting(
    name="header_sessions",
    read=values.truth,
    wants="true or false",
    example="false",
    default=False,
)
_SESSION_LIFETIME: Final[Setting[int]] = Setting(
    name="session_lifetime",
    read=values.whole_number(60, _LONGEST_SESSION),
    wants=f"a whole number of seconds from 60 to {_LONGEST_SESSION}",
    example="28800",
    default=_LONGEST_SESSION,
)
_GRANT_DURATION: Final[Setting[int]] = Setting(
    name="grant_duration",
    read=values.whole_number(1, _LONGEST_GRANT),
    wants=f"a whole number of seconds from 1 to {_LONGEST_GRANT}",
    example="900",
    default=900,
)
_CONNECT_TIMEOUT: Final[Setting[float]] = Setting(
    name="connect_timeout",
    read=values.seconds(0.05, 60),
    wants="a number of seconds from 0.05 to 60",
    example="2",
    default=2.0,
)
_TIMEOUT: Final[Setting[float]] = Setting(
    name="timeout",
    read=values.seconds(0.05, 60),
    wants="a number of seconds from 0.05 to 60",
    example="5",
    default=5.0,
)


def read_settings(given: GivenSettings, environment: Mapping[str, str] | None = None) -> Settings:
    """Check the settings given in the call, and take what is absent from `LUNASEC_*`.

    `environment` is the process's own where it is None. Raises `ConfigurationInvalid`.
    """
    stated = {name: value for name, value in given.items() if value is not None}
    if unknown := stated.keys() - GivenSettings.__annotations__.keys():
        known = ", ".join(GivenSettings.__annotations__)
        detail = f"There is no setting {min(unknown)!r}. The settings are: {known}."
        raise ConfigurationInvalid(detail)
    found = os.environ if environment is None else environment
    source = values.Source(given=stated, environment=found)
    return Settings(
        application=source.read(_APPLICATION),
        key_file=source.read(_KEY_FILE),
        tokenizer_url=source.read(_TOKENIZER_URL),
        tokenizer_internal_url=(
            source.read(_INTERNAL_URL) or connectable(source.read(_TOKENIZER_URL))
        ),
        tokenizer_ca_file=source.read(_CA_FILE),
        page_origins=source.read(_PAGE_ORIGINS),
        header_sessions=source.read(_HEADER_SESSIONS),
        session_lifetime=source.read(_SESSION_LIFETIME),
        grant_duration=source.read(_GRANT_DURATION),
        connect_timeout=source.read(_CONNECT_TIMEOUT),
        timeout=source.read(_TIMEOUT),
    )
