"""LunaSec for Python: tokens that are useless without the user's own session.

An application imports its framework's plugin, such as `lunasec.fastapi`, and from here the clients
for everything else and the errors. The clients are loaded when they are first named: the tokenizer
is a part of this package too, and has no use for them.
"""

from typing import TYPE_CHECKING

from lunasec.errors import LunaSecError

if TYPE_CHECKING:
    from lunasec.sdk.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client", "LunaSecError"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in {"AsyncClient", "Client"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lunasec.sdk import client  # noqa: PLC0415 - see above

    return getattr(client, name)
