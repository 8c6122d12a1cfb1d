"""What is configured alike of all who sign: auth proxies and identity providers."""

from typing import Annotated, Literal

from msgspec import Meta

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA"]

DeniedKeys = Annotated[
    list[str],
    Meta(
        description="Ids of keys that were stolen: nothing that they signed counts.",
        examples=[["2026-01"]],
        extra={"wants": "a list of key ids"},
    ),
]
Leeway = Annotated[
    int,
    Meta(
        ge=0,
        le=300,
        description="By how much its clock may differ.",
        examples=[30],
        extra={"unit": "seconds"},
    ),
]
