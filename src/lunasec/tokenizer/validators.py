"""Validators of the operator's own: data that browsers check typed values by.

Each is read at the start as a browser will read it, while its operator can still see what is wrong.
"""

import datetime as dt
import math
import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import patterns, tables
from lunasec.tokenizer.core.stream import KIND

NAME: Final = re.compile(rf"(?!{KIND}$)[a-z][a-z0-9-]{{0,31}}")
"""It becomes the kind of the values that it checked, and is bound into what is sealed; a file's
own kind is not to be had."""

MASKS: Final = frozenset({"ssn", "ein", "card", "phone", "date", "iban", "routing"})
"""The built-in masks, by which a validator may have its values grouped."""

EXACT: Final = 2**53 - 1
"""The largest whole number that a browser tells from its neighbors (ECMA-262, section 21.1.2.6)."""

_PLACE: Final = re.compile(r"\\(?P<meant>.?)|(?P<slot>[A9*])|[^\\]", re.DOTALL)

Bound = int | float | dt.date
BOUND: Final = 'a number, or a date as a text such as "1900-01-01"'


class Validator(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A validator of the operator's own: data, never code, and never from a page."""

    pattern: Annotated[
        Annotated[str, Meta(min_length=1, max_length=512)] | None,
        Meta(
            description="A regular expression for the whole value, as JavaScript reads it with the"
            " `u` flag.",
            examples=["[1-9][0-9]{5}"],
            extra={"wants": "a regular expression of 1 to 512 characters"},
        ),
    ] = None
    message: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            description="What somebody is told whose value does not match.",
            examples=["Enter the six digits on your badge."],
        ),
    ]
    minimum: Annotated[
        Bound | None,
        Meta(
            description="The least number, or the first day, that is accepted. A number is typed"
            " as digits with a point, a day as year-month-day.",
            examples=[100_000],
            extra={"wants": BOUND},
        ),
    ] = None
    maximum: Annotated[
        Bound | None,
        Meta(
            description="The greatest number, or the last day, that is accepted.",
            examples=[899_999],
            extra={"wants": BOUND},
        ),
    ] = None
    checksum: Annotated[
        Literal["luhn", "mod97", "iban", "mod11", "verhoeff", "aba"] | None,
        Meta(
            description="What the check digits have to be right by; spaces, dots, dashes and"
            " brackets don't count. `luhn`: cards, IMEI. `mod97`: LEI. `iban`: the same, with its"
            " first four characters last. `mod11`: ISBN-10, ISSN, NHS. `verhoeff`: Aadhaar. `aba`:"
            " US routing numbers.",
            examples=["luhn"],
        ),
    ] = None
    mask: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None,
        Meta(
            description="How a value is grouped while it is typed: `A` stands for a letter, which"
            " becomes a capital, `9` for a digit, `*` for any character, each other character for"
            r" itself, and so do `\A`, `\9`, `\*` and `\\`. Without a pattern the value has to fill"
            " it. Or a built-in mask's name, which checks nothing: `ssn`, `ein`, `card`, `phone`,"
            " `date`, `iban`, `routing`.",
            examples=["999999"],
            extra={"wants": 'a mask such as "AA-9999", or a built-in one\'s name'},
        ),
    ] = None
    inputmode: Annotated[
        Literal["text", "numeric", "decimal", "tel", "email", "url", "search"] | None,
        Meta(
            description="Which keyboard a phone shows, unless the page says.",
            examples=["numeric"],
        ),
    ] = None


def check(setting: str, name: str, validator: Validator) -> None:
    """Check what the types can't say; `setting` is the table of the application's validators.

    Raises: `ConfigurationInvalid`.
    """
    if not NAME.fullmatch(name):
        raise ConfigurationInvalid(
            f"{setting}.{name}: the name has 1 to 32 characters of a-z, 0-9 and '-', starts with"
            f" a letter, and is not '{KIND}'; for example [{setting}.employee-id]."
        )
    at = f"{setting}.{name}"
    if validator.pattern and (wrong := patterns.fault(validator.pattern)):
        raise _refusal(at, "pattern", validator.pattern, f"Browsers refuse it: {wrong}.")
    if validator.mask and (wrong := mask_fault(validator.mask)):
        raise _refusal(at, "mask", validator.mask, wrong)
    _check_bounds(at, validator)
    is_grouped_only = validator.mask is None or validator.mask in MASKS
    if is_grouped_only and not any(_checks(validator)):
        raise ConfigurationInvalid(
            f"{at}: it checks nothing, wants one of pattern, minimum, maximum, checksum, or a mask"
            ' that is not only a name; for example pattern = "[1-9][0-9]{5}".'
        )


def mask_fault(mask: str) -> str | None:
    """Say what is wrong with a mask, or None."""
    if mask in MASKS:
        return None
    slots = 0
    for place in _PLACE.finditer(mask):
        if place["meant"] is not None and place["meant"] not in {"A", "9", "*", "\\"}:
            return r"A \ stands before A, 9, * or \ alone."
        if not place[0].isprintable():
            return "It has a character that can't be seen."
        slots += place["slot"] is not None
    return None if slots else "It has no A, 9 or *, so nothing could be typed."


def _checks(validator: Validator) -> Iterator[bool]:
    for each in (validator.pattern, validator.minimum, validator.maximum, validator.checksum):
        yield each is not None


def _check_bounds(at: str, validator: Validator) -> None:
    bounds = {"minimum": validator.minimum, "maximum": validator.maximum}
    for name, bound in bounds.items():
        if isinstance(bound, int | float) and not (math.isfinite(bound) and abs(bound) <= EXACT):
            raise _refusal(at, name, bound, "Browsers count exactly up to 9007199254740991.")
    least, most = bounds.values()
    if least is None or most is None:
        return
    hint = f"The minimum is {tables.shown(least)}."
    if isinstance(least, dt.date):
        if not isinstance(most, dt.date) or most < least:
            raise _refusal(at, "maximum", most, hint)
    elif isinstance(most, dt.date) or most < least:
        raise _refusal(at, "maximum", most, hint)


def _refusal(at: str, name: str, got: object, hint: str) -> ConfigurationInvalid:
    return tables.refusal(f"{at}.{name}", got, tables.field_of(Validator, name), f" {hint}")
