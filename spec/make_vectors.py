"""Makes `spec/vectors/*.json`: `python -m spec.make_vectors`.

Written from the protocol's text, on the standard library and `cryptography` alone, so that they do
not share a mistake with the code that they test. Nothing is random: the files are diffed by a test.
Binary is base64url without padding, in the vectors as on the wire.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from spec.envelope_vectors import envelope
from spec.file_vectors import file
from spec.jwt_vectors import app_jwt
from spec.record_vectors import record
from spec.request_vectors import request
from spec.token_vectors import reference, token
from spec.writing import Case

VECTORS: Final = Path(__file__).parent / "vectors"
MAKERS: Final[dict[str, Callable[[], Case]]] = {
    "token": token,
    "reference": reference,
    "envelope": envelope,
    "file": file,
    "record": record,
    "app-jwt": app_jwt,
    "request": request,
}


def text_of(name: str) -> str:
    """Give the text of one file of vectors; ASCII, so that nothing on its way can change it."""
    made = MAKERS[name]()
    about = (MAKERS[name].__doc__ or "").strip()
    return json.dumps({"about": about, **made}, indent=1) + "\n"


def main() -> None:
    """Write all files."""
    VECTORS.mkdir(exist_ok=True)
    for name in MAKERS:
        (VECTORS / f"{name}.json").write_text(text_of(name), encoding="ascii")


if __name__ == "__main__":
    main()
