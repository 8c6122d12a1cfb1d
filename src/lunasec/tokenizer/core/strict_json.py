"""JSON that has one reading only; for what is signed, where a second reading is an attack."""

import json
from typing import Any, NoReturn, cast


def parse_object(data: bytes) -> dict[str, Any]:
    """Read one JSON object, or raise `ValueError`.

    Refused beyond what JSON itself refuses: a member named twice (RFC 7519, section 4, leaves the
    choice; parsers differ, which is the attack), NaN and Infinity, other encodings than UTF-8, half
    surrogates (they can't be written back), and nesting too deep to read.
    """
    try:
        value: object = json.loads(
            data.decode("utf-8"), object_pairs_hook=_members, parse_constant=_refuse_constant
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        # `from None`: json's errors carry the whole document.
        raise ValueError("not readable as strict JSON") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the caller's data, not its type
    return cast("dict[str, Any]", value)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
