"""`[proxy_listener]`: where auth proxies prove themselves by a certificate, read and checked."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import origins, tables
from lunasec.tokenizer.origins import Address

SETTING: Final = "proxy_listener"


class ProxyListenerTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[proxy_listener]` as it stands in the file."""

    listen: Annotated[
        str,
        Meta(
            description="Where it listens for auth proxies: over TLS, and for nobody who does not"
            " present a certificate.",
            examples=["127.0.0.1:8443"],
            extra={"wants": "an IP address and a port"},
        ),
    ]
    tls_certificate: Annotated[
        str,
        Meta(
            min_length=1,
            description="The listener's own certificate and its chain (PEM).",
            examples=["tokenizer.internal.pem"],
            extra={"wants": "the path of a PEM file"},
        ),
    ]
    tls_key: Annotated[
        str,
        Meta(
            min_length=1,
            description="That certificate's private key (PEM).",
            examples=["tokenizer.internal.key"],
            extra={"wants": "the path of a PEM file"},
        ),
    ]
    client_ca: Annotated[
        str,
        Meta(
            min_length=1,
            description="Who is a proxy (PEM): the proxies' own certificates, or an authority that"
            " signs for proxies alone. Of an authority that also signs for an application's server,"
            " that server would be taken for a proxy.",
            examples=["proxies.pem"],
            extra={"wants": "the path of a PEM file"},
        ),
    ]


class ProxyListener(Struct, frozen=True, kw_only=True):
    """The same, checked."""

    listen: Address
    tls_certificate: Path
    tls_key: Path
    client_ca: Path


def check(
    table: ProxyListenerTable | None,
    directory: Path,
    *,
    others: Collection[Address],
    required_by: Collection[str],
) -> ProxyListener | None:
    """Check what the types can't say; `required_by` are the applications that depend on it.

    Raises: `ConfigurationInvalid`.
    """
    if table is None:
        for name in required_by:
            raise ConfigurationInvalid(
                f'applications.{name}.provider.client_certificate: got "required", and there is'
                f" nowhere to present one; wants [{SETTING}] as well."
            )
        return None
    address = _address(table.listen)
    if address in others and address.port:
        raise ConfigurationInvalid(
            f'{SETTING}.listen: got "{address.text}", where the tokenizer listens already, wants an'
            ' address of its own; for example listen = "127.0.0.1:8443".'
        )
    return ProxyListener(
        listen=address,
        tls_certificate=tables.path(directory, table.tls_certificate),
        tls_key=tables.path(directory, table.tls_key),
        client_ca=tables.path(directory, table.client_ca),
    )


def _address(text: str) -> Address:
    try:
        return Address(*origins.address(text))
    except ValueError as error:
        field = tables.field_of(ProxyListenerTable, "listen")
        raise tables.refusal(f"{SETTING}.listen", text, field, str(error)) from None
