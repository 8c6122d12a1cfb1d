"""JSON that has one reading only; for what is signed, where a second reading is an attack."""

import json
from typing import Any, Final, NoReturn, cast

MAX_DEPTH: Final = 16  # Levels of members in members; the protocol's limit for all JSON.


def parse_object(data: bytes) -> dict[str, Any]:
    """Read one JSON object, or raise `ValueError`.

    Refused beyond what JSON itself refuses: a member named twice (RFC 7519, section 4, leaves the
    choice; parsers differ, which is the attack), NaN and Infinity, other encodings than UTF-8, half
    surrogates (they can't be written back), and nesting over 16 levels.
    """
    try:
        value: object = json.loads(
            data.decode("utf-8"), object_pairs_hook=_members, parse_constant=_refuse_constant
        )
        _check_depth(value, MAX_DEPTH)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        # `from None`: json's errors carry the whole document.
        raise ValueError("not readable as strict JSON") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the caller's data, not its type
    return cast("dict[str, Any]", value)


def _check_depth(value: object, levels: int) -> None:
    if not isinstance(value, dict | list):
        return
    if not levels:
        raise ValueError("nested too deep")
    container = cast("dict[str, object] | list[object]", value)
    for each in container.values() if isinstance(container, dict) else container:
        _check_depth(each, levels - 1)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
