"""`lunasec app rekey`: a new key for an application, without a moment in which it has none."""

import json
from typing import Any, Final, cast

from lunasec.cli import text_file
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import counterparties, private_file
from lunasec.tokenizer.jose.key_pair import key_pair
from lunasec.tokenizer.settings import Application, Settings

_BEGUN: Final = """\
Made a new key for {name}; its old one is good until the end.

  1. Restart `lunasec serve`: it accepts both.
  2. Move {private} to the application's server, in the place of the old one, and restart it there.
  3. lunasec app rekey {name} --finish
"""

_FINISHED: Final = """\
Only the newest key of {name} is left in {public}.
Restart `lunasec serve`: the old one is worth nothing then.
"""


def begin(configured: Settings, name: str) -> str:
    """Make a key pair, and accept the new key beside the old one.

    Raises: `ConfigurationInvalid`.
    """
    application = _named(configured, name)
    private = application.keys.with_name(f"{name}.key")
    if private.exists():
        raise ConfigurationInvalid(
            f"{private} is still here, and would be replaced. Move it to the application's server."
        )
    pair = key_pair()
    [new] = json.loads(pair.public)["keys"]
    # In this order: a public key whose other half was never written lets nobody in.
    _write(application, [*_public(application), new])
    private_file.create(private, pair.private)
    return _BEGUN.format(name=name, private=private)


def finish(configured: Settings, name: str) -> str:
    """Accept the newest key alone.

    Raises: `ConfigurationInvalid`.
    """
    application = _named(configured, name)
    _write(application, _public(application)[-1:])
    return _FINISHED.format(name=name, public=application.keys)


def _named(configured: Settings, name: str) -> Application:
    if name not in configured.applications:
        known = ", ".join(configured.applications) or "none"
        raise ConfigurationInvalid(f"there is no application {name}; there is {known}.")
    return configured.applications[name]


def _public(application: Application) -> list[dict[str, Any]]:
    """Read the public keys as they stand in the file, once it is known that they are sound."""
    counterparties.public_keys(application)
    return cast("list[dict[str, Any]]", json.loads(application.keys.read_bytes())["keys"])


def _write(application: Application, keys: list[dict[str, Any]]) -> None:
    text_file.replace(application.keys, json.dumps({"keys": keys}, indent=2) + "\n")
