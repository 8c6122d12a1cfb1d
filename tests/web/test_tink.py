"""Tink opens what the frame's code sealed, and the frame's code what Tink sealed."""

import secrets
import subprocess
from pathlib import Path
from typing import Final

import pytest

from lunasec.encoding import length_prefixed
from tests.crypto.tink_stream import opens, seals
from tests.web.files import MIB, noise

FRAME: Final = Path(__file__).parents[2] / "web/frame"
BOUND: Final = length_prefixed(b"lunasec/file/v1", b"payroll")

# Seals or opens a file on the disk, one segment after the other.
SCRIPT: Final = f"""
import {{ readFileSync, writeFileSync }} from "node:fs";
import {{ layoutOf, openStream, SEGMENT, sealStream }} from "{FRAME}/stream.js";
const [verb, from, to, hex, told] = process.argv.slice(1);
const given = new Uint8Array(readFileSync(from));
const key = Uint8Array.from(Buffer.from(hex, "hex"));
const bound = {{ application: "payroll", size: Number(told) }};
const {{ count, at }} = layoutOf(bound.size);
const parts = [];
if (verb === "seal") {{
  const seal = await sealStream(key, bound);
  for (let index = 0; index < count; index += 1) {{
    const {{ start, kept }} = at(index);
    parts.push(await seal(index, given.slice(start, start + kept)));
  }}
}} else {{
  const open = openStream(key, bound);
  for (let index = 0; index < count; index += 1) {{
    parts.push(await open(given.slice(index * SEGMENT, (index + 1) * SEGMENT)));
  }}
}}
writeFileSync(to, Buffer.concat(parts));
"""


def frame(verb: str, source: Path, target: Path, key: bytes, size: int) -> None:
    """Let the frame's code seal or open a file."""
    subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT, verb, source, target, key.hex(), str(size)],  # noqa: S607 - the machine's own Node
        check=True,
    )


SIZES: Final = (0, 1, 1000, MIB - 56, MIB - 55, 2 * MIB + 12_345)


def padded(content: bytes) -> bytes:
    """Fill up with zeros, by the paper's own words."""
    size = max(1, len(content))
    exponent = size.bit_length() - 1
    kept = exponent.bit_length() if exponent else 0
    step = 1 << (exponent - kept if exponent else 0)
    return content.ljust(-(-size // step) * step, b"\0")


@pytest.mark.parametrize("size", SIZES)
def test_tink_opens_what_the_frame_sealed(tmp_path: Path, size: int) -> None:
    """Two who never met read one format."""
    key, content = secrets.token_bytes(32), noise(size)
    (tmp_path / "plain").write_bytes(content)
    frame("seal", tmp_path / "plain", tmp_path / "sealed", key, size)
    assert opens((tmp_path / "sealed").read_bytes(), key, BOUND) == padded(content)


@pytest.mark.parametrize("size", SIZES)
def test_the_frame_opens_what_tink_sealed(tmp_path: Path, size: int) -> None:
    """The same the other way round."""
    key, content = secrets.token_bytes(32), noise(size)
    (tmp_path / "sealed").write_bytes(seals(padded(content), key, BOUND))
    frame("open", tmp_path / "sealed", tmp_path / "plain", key, size)
    assert (tmp_path / "plain").read_bytes() == content
