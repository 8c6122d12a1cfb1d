"""Builds what believes others by their signatures: applications, proxies, identity providers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from lunasec.errors import ConfigurationInvalid
from lunasec.jose import fetching
from lunasec.jose.fetched import Read
from lunasec.jose.keys import KeySet
from lunasec.jose.presets import Provider
from lunasec.jose.proxied import ProxyTokens
from lunasec.jose.sources import has_own_places
from lunasec.tokenizer import private_file
from lunasec.tokenizer.jose.application import ApplicationTokens
from lunasec.tokenizer.jose.id_tokens import IdTokens
from lunasec.tokenizer.jose.log_out import LogOutTokens
from lunasec.tokenizer.oidc import Conversation
from lunasec.tokenizer.oidc.description import keys
from lunasec.tokenizer.private_file import UnsafeFile
from lunasec.tokenizer.relying import RelyingParty
from lunasec.tokenizer.settings import Application, Settings

log: Final[Any] = structlog.get_logger("lunasec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparties:
    """Of each application, by its name, those that it has."""

    credentials: ApplicationTokens
    proxies: Mapping[str, ProxyTokens]
    log_outs: Mapping[str, LogOutTokens]
    relying: Mapping[str, Conversation]
    id_tokens: Mapping[str, IdTokens]


def counterparties(settings: Settings) -> Counterparties:
    """Build them; keys of others are fetched when they are asked for.

    Raises: `ConfigurationInvalid` when an application's public keys, a proxy's keys in a file, or a
    secret can't be read.
    """
    every = settings.applications
    for each in every.values():
        for setting, provider in signers(each).items():
            key_file(setting, provider)
    parties = {name: each.oidc for name, each in every.items() if each.oidc is not None}
    return Counterparties(
        credentials=ApplicationTokens(
            {name: public_keys(each) for name, each in every.items()}, audience=settings.origin
        ),
        proxies={
            name: ProxyTokens(each.provider, _reading(each.provider), _telling(name))
            for name, each in every.items()
            if each.provider is not None
        },
        log_outs={
            name: found for name, each in every.items() if (found := _log_outs(each)) is not None
        },
        relying={
            name: Conversation(
                party,
                client_secret(name, party),
                read=_reading(party.tokens),
                post=partial(fetching.post, networks=party.tokens.private_networks),
                tell=_telling(name),
            )
            for name, party in parties.items()
        },
        id_tokens={
            name: IdTokens(party.tokens, keys(party, _reading(party.tokens)), _telling(name))
            for name, party in parties.items()
        },
    )


def signers(application: Application) -> Mapping[str, Provider]:
    """Give whose keys its proxy's tokens and log-outs are checked with, by the setting."""
    at, proxy, log_out = (
        f"applications.{application.name}.provider",
        application.provider,
        application.log_out,
    )
    if proxy is None:
        return {}
    if log_out is None or log_out.jwks == proxy.jwks:
        return {f"{at}.jwks": proxy}
    return {f"{at}.jwks": proxy, f"{at}.logout_jwks": log_out}


def key_file(setting: str, provider: Provider) -> KeySet | None:
    """Read a proxy's keys where they are in a file; None where they are elsewhere, or in many.

    Raises: `ConfigurationInvalid`, with the file's name.
    """
    place = provider.jwks
    if not isinstance(place, Path):
        return None
    try:
        if not has_own_places(place):
            return KeySet.usable(place.read_bytes())
        next(place.parent.iterdir(), None)
    except OSError as error:
        raise ConfigurationInvalid(f"{setting}: {error.filename}: {error.strerror}.") from None
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid(f"{setting}: {place}: {error.detail}") from None
    return None


def _log_outs(application: Application) -> LogOutTokens | None:
    name, log_out, oidc = application.name, application.log_out, application.oidc
    if log_out is None:
        return None
    if oidc is not None:
        read = keys(oidc, _reading(oidc.tokens))
        return LogOutTokens(name, oidc.tokens, log_out, read, _telling(name))
    if application.provider is None:
        return None
    return LogOutTokens(name, application.provider, log_out, _reading(log_out), _telling(name))


def _reading(provider: Provider) -> Read:
    return fetching.reading(provider.private_networks)


def _telling(application: str) -> Callable[[str], None]:
    """Give what logs why an application's proxy, or provider, can't be believed."""

    def tell(reason: str) -> None:
        log.warning("its identity provider can't be used", application=application, reason=reason)

    return tell


def client_secret(application: str, party: RelyingParty) -> str:
    """Read the secret of the client that we are; empty for one that has none.

    Raises: `ConfigurationInvalid`, with the file's name.
    """
    path = party.client_secret
    if path is None:
        return ""
    setting = f"applications.{application}.provider.client_secret"
    try:
        secret = private_file.read(path).decode("ascii").strip()
    except FileNotFoundError:
        raise ConfigurationInvalid(f"{setting}: {path}: there is no such file.") from None
    except UnsafeFile as error:
        raise ConfigurationInvalid(f"{setting}: the file {path} {error}.") from None
    except UnicodeDecodeError:
        secret = ""
    if not secret:
        raise ConfigurationInvalid(f"{setting}: {path} has no secret in it, in plain ASCII.")
    return secret


def public_keys(application: Application) -> KeySet:
    """Read an application's public keys.

    Raises: `ConfigurationInvalid`, with the file's name.
    """
    setting = f"applications.{application.name}.keys"
    try:
        return KeySet.parse(application.keys.read_bytes())
    except OSError as error:
        detail = (
            f"{setting}: {application.keys}: {error.strerror}."
            f" `lunasec app add {application.name}` makes it."
        )
        raise ConfigurationInvalid(detail) from None
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid(f"{setting}: {application.keys}: {error.detail}") from None
