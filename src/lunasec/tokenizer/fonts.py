"""Web fonts of an application's, which its frames may use: as it is configured."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import tables

MOST: Final = 16
"""Faces of one application: four families, each regular, bold, italic and both."""

LARGEST: Final = 1024 * 1024
"""Bytes of a face: a variable one of a large alphabet is half of it. All are kept in memory."""

FAMILY: Final = re.compile(r"[A-Za-z][A-Za-z0-9 .+_-]{0,62}[A-Za-z0-9]")
"""It stands in a style sheet between quotes, and can't end them."""

WEIGHT: Final = re.compile(r"[1-9]\d{0,2}( [1-9]\d{0,2})?")

FORMATS: Final = {
    b"wOF2": ("woff2", "font/woff2"),
    b"wOFF": ("woff", "font/woff"),
    b"\0\1\0\0": ("truetype", "font/ttf"),
    b"OTTO": ("opentype", "font/otf"),
}
"""By how a file begins: what CSS calls its format, and its media type (RFC 8081)."""


class FontTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[[applications.NAME.fonts]]` as it stands in the file."""

    family: Annotated[
        str,
        Meta(
            description="The name by which the page's styles ask for it.",
            examples=["Inter"],
            extra={"wants": "letters, digits and spaces, without quotes"},
        ),
    ]
    file: Annotated[
        str,
        Meta(
            min_length=1,
            description="The font (WOFF2, WOFF, TrueType or OpenType), of 1 MiB at most; relative"
            " to the configuration file. Frames get it from the tokenizer, and nowhere else.",
            examples=["inter.woff2"],
            extra={"wants": "the path of a file"},
        ),
    ]
    weight: Annotated[
        str,
        Meta(
            description="For which weights it is, from 1 to 999: one, or a variable font's range.",
            examples=["100 900"],
            extra={"wants": "one or two numbers"},
        ),
    ] = "400"
    style: Annotated[
        Literal["normal", "italic"],
        Meta(description="Whether it is upright.", examples=["normal"]),
    ] = "normal"


FontTables = Annotated[
    list[FontTable],
    Meta(
        max_length=MOST,
        description="Web fonts that its frames may use, where the page's styles ask for them.",
    ),
]


class Font(Struct, frozen=True, kw_only=True):
    """One face of a family, checked as far as it can be without its file."""

    setting: str
    family: str
    path: Path
    weight: str
    style: str


class Face(Struct, frozen=True, kw_only=True):
    """A face with its file: its content, what CSS calls its format, and its media type."""

    font: Font
    content: bytes
    format: str
    media_type: str


def check(setting: str, listed: Sequence[FontTable], directory: Path) -> tuple[Font, ...]:
    """Check the fonts of an application.

    Raises: `ConfigurationInvalid`.
    """
    fonts: list[Font] = []
    for number, table in enumerate(listed, 1):
        at = f"{setting}[{number}]"
        if not FAMILY.fullmatch(table.family):
            raise ConfigurationInvalid(
                f'{at}.family: wants letters, digits and spaces; for example family = "Inter".'
            )
        if not WEIGHT.fullmatch(table.weight):
            raise ConfigurationInvalid(
                f'{at}.weight: wants one or two numbers from 1 to 999; for example weight = "400".'
            )
        fonts.append(
            Font(
                setting=f"{at}.file",
                family=table.family,
                path=tables.path(directory, table.file),
                weight=table.weight,
                style=table.style,
            )
        )
    return tuple(fonts)


def read(font: Font) -> Face:
    """Read a face's file.

    Raises: `ConfigurationInvalid`, with its name and what is wrong with it.
    """
    try:
        content = font.path.read_bytes()
    except OSError as error:
        raise ConfigurationInvalid(f"{font.setting}: {font.path}: {error.strerror}.") from None
    if len(content) > LARGEST:
        raise ConfigurationInvalid(
            f"{font.setting}: {font.path} has {len(content)} bytes, wants {LARGEST} at most; a"
            " font with the characters that are needed alone (a subset) is smaller."
        )
    known = FORMATS.get(content[:4])
    if known is None:
        raise ConfigurationInvalid(
            f"{font.setting}: {font.path} is no WOFF2, WOFF, TrueType or OpenType font."
        )
    return Face(font=font, content=content, format=known[0], media_type=known[1])
