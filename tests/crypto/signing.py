"""Signs any header and claims with any key, with base64's padding or without."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import default_registry

Key = RSAKey | ECKey


def signed(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    key: Key,
    *,
    algorithm: str,
    padded: bool = False,
) -> str:
    """Sign, whatever the header says."""
    message = ".".join(_written(json.dumps(each).encode(), padded) for each in (header, claims))
    signature = default_registry.algorithms[algorithm].sign(message.encode(), key)
    return f"{message}.{_written(signature, padded)}"


def _written(data: bytes, padded: bool) -> str:  # noqa: FBT001 - as it is in `signed`
    text = base64.urlsafe_b64encode(data).decode()
    return text if padded else text.rstrip("=")


def key_set(*keys: Key) -> dict[str, Any]:
    """Publish keys."""
    return dict(KeySet([*keys]).as_dict(private=False))


def pem_of(key: Key) -> bytes:
    """Publish one."""
    return key.as_pem(private=False)
