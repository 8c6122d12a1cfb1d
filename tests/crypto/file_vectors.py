"""The vectors of files as streams: what is too long for a file of vectors is sealed again."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from lunasec.encoding import from_base64url
from lunasec.sealed_stream import seal_file
from lunasec.tokenizer.core.stream import SEGMENT_BYTES
from tests.crypto.vectors import Case, vectors

VALID: Final[list[Case]] = vectors("file")["valid"]
_BY_NAME: Final = {case["why"]: case for case in VALID}


@cache
def stream_of(name: str) -> tuple[bytes, list[bytes]]:
    """Give the file of a vector that opens, and its segments, as we seal them."""
    case = _BY_NAME[name]
    pattern, size = from_base64url(case["repeated"]["bytes"]), case["size"]
    data = (pattern * (size // len(pattern) + 1))[:size]
    key, salt, prefix = (from_base64url(case[part]) for part in ("key", "salt", "prefix"))
    segments = seal_file(
        [data], size=size, application=case["application"], key=key, salt=salt, prefix=prefix
    )
    return data, list(segments)


def unopenable_stream(case: Case) -> Iterator[bytes]:
    """Give the segments of a vector that must not open."""
    if "stream" in case:
        stream = from_base64url(case["stream"])
        yield from (stream[at : at + SEGMENT_BYTES] for at in range(0, len(stream), SEGMENT_BYTES))
        return
    made: list[tuple[str, int]] = case["made_of"]
    segments = [stream_of(name)[1][number] for name, number in made]
    yield from segments[:-1]
    if segments:
        yield segments[-1][: len(segments[-1]) - case["cut"]]
