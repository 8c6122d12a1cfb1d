"""What is configured alike of all who sign: auth proxies and identity providers."""

from typing import Annotated, Final

from msgspec import Meta

from lunasec.jose import overrides
from lunasec.jose.overrides import ALGORITHMS_WANTED, NO_SECRETS

ALGORITHMS: Final = {"wants": ALGORITHMS_WANTED, "hint": NO_SECRETS}
"""What is said of each list of algorithms."""

DeniedKeys = Annotated[
    list[str],
    Meta(
        description="Ids of keys that were stolen: nothing that they signed counts.",
        examples=[["2026-01"]],
        extra={"wants": "a list of key ids"},
    ),
]
PrivateNetworks = Annotated[
    list[str],
    Meta(
        description="Private networks in which its hosts may be. A name that leads to any other"
        " private address is not followed.",
        examples=[["10.1.0.0/16"]],
        extra={"wants": "a list of networks"},
    ),
]
Leeway = Annotated[
    overrides.Leeway,
    Meta(
        description="By how much its clock may differ.",
        examples=[30],
        extra={"unit": "seconds"},
    ),
]
