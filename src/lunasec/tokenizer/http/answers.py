"""Answers, as they go over the wire."""

from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from lunasec.tokenizer.core.ledger import Record
from lunasec.tokenizer.http import wire

_ENCODER = msgspec.json.Encoder()


def answer(body: wire.Answer) -> Response:
    """Write an answer that nobody may keep."""
    headers = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(_ENCODER.encode(body), headers=headers, media_type="application/json")


def described(records: Sequence[Record | None]) -> wire.Described:
    """Describe records, in order; the refusal where there is none."""
    return wire.Described(
        tokens=[
            wire.Refused(code="not_granted")
            if record is None
            else wire.Description(
                kind=record.kind,
                size=record.size,
                created_at=record.created_at,
                metadata=dict(record.metadata),
            )
            for record in records
        ]
    )
