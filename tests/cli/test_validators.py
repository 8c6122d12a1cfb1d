"""A validator of the operator's own is read at the start as browsers will read it."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import tables, validators
from lunasec.tokenizer.validators import MASKS, Validator, mask_fault

FRAME = Path(__file__).parents[2] / "web" / "frame"

# What the browser's own modules make of masks, and which names they know.
READ = """
import { placesOf, maskNamed } from "FRAME/masks.js";
import { checksums } from "FRAME/checksums.js";
const [masks, names] = JSON.parse(process.argv[1]);
const slots = masks.map((each) => placesOf(each).filter(({ slot }) => slot).length);
console.log(JSON.stringify([slots, names.filter(maskNamed), Object.keys(checksums)]));
"""


def _read(text: str) -> Validator:
    found = tables.read(Validator, tomllib.loads(f'message = "No."\n{text}'), "v.id")
    validators.check("v", "id", found)
    return found


def _in_browser(masks: list[str], names: list[str]) -> tuple[list[int], list[str], list[str]]:
    script = READ.replace("FRAME", FRAME.as_uri())
    command = ["node", "--input-type=module", "--eval", script, json.dumps([masks, names])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    slots, masks_known, checksums = json.loads(done.stdout)
    return slots, masks_known, checksums


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("minimum = 1", {"minimum": 1}),
        ("minimum = -1.5\nmaximum = -1.5", {"minimum": -1.5, "maximum": -1.5}),
        ('maximum = "1999-12-31"', {"maximum": "1999-12-31"}),
        ("minimum = 1900-01-01", {"minimum": "1900-01-01"}),
        ('checksum = "luhn"', {"checksum": "luhn"}),
        ('mask = "AA-9999"', {"mask": "AA-9999"}),
        ('mask = "ssn"\npattern = "[^8].*"', {"mask": "ssn", "pattern": "[^8].*"}),
        (
            'checksum = "mod11"\ninputmode = "tel"',
            {"checksum": "mod11", "inputmode": "tel"},
        ),
    ],
)
def test_frames_are_told_what_is_set_and_no_more(text: str, told: dict[str, object]) -> None:
    """What stands in the file reaches the frame, dates as ISO 8601, and what does not is absent."""
    assert json.loads(msgspec.json.encode(_read(text))) == {"message": "No.", **told}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "v.id: it checks nothing, wants one of pattern"),
        ('mask = "card"', "v.id: it checks nothing"),
        ("minimum = 5\nmaximum = 4", "v.id.maximum: got 4, wants a number, or a date"),
        ('minimum = 5\nmaximum = "2000-01-01"', "The minimum is 5."),
        ('minimum = "2000-01-01"\nmaximum = 5', 'The minimum is "2000-01-01".'),
        ('minimum = "2000-01-02"\nmaximum = "2000-01-01"', 'v.id.maximum: got "2000-01-01"'),
        ('minimum = "1900-02-30"', 'v.id.minimum: got "1900-02-30"'),
        ('minimum = "01/02/1900"', 'v.id.minimum: got "01/02/1900"'),
        ('minimum = "1"', 'v.id.minimum: got "1", wants a number'),
        ("minimum = 1900-01-01T00:00:00Z", "v.id.minimum: got"),
        ("minimum = true", "v.id.minimum: got true"),
        ("minimum = inf", "v.id.minimum: got Infinity"),
        ("maximum = nan", "v.id.maximum: got NaN"),
        ("maximum = 9007199254740992", "count exactly up to 9007199254740991"),
        ('checksum = "crc32"', 'wants "aba" or "iban" or "luhn"'),
        ('inputmode = "none"', 'v.id.inputmode: got "none"'),
        ('mask = ""', 'wants a mask such as "AA-9999"'),
        ('mask = "--"', "no A, 9 or *, so nothing could be typed"),
        (r"mask = 'A\B'", r"A \ stands before A, 9, * or \ alone."),
        (r"mask = '9\'", r"A \ stands before A, 9, * or \ alone."),
        (r'mask = "9\u202e"', "a character that can't be seen"),
        (r'mask = "9\n9"', "a character that can't be seen"),
        (f'mask = "{"9" * 65}"', "v.id.mask: got"),
        (f'pattern = "{"9" * 513}"', "v.id.pattern: got"),
        ('pattern = "("', "Browsers refuse it: a ( is not closed."),
        ('minimums = 5\npattern = "x"', "Did you mean minimum?"),
    ],
)
def test_what_browsers_could_not_read_is_refused(text: str, said: str) -> None:
    """Each refusal names the setting and says what is wrong with it."""
    with pytest.raises(ConfigurationInvalid) as refused:
        _read(text)
    assert said in str(refused.value)


def test_names_are_those_that_browsers_know() -> None:
    """Each mask and checksum that a file may name is one of the frame's, and none is left out."""
    hint = get_type_hints(Validator, include_extras=True)["checksum"]
    [named] = [get_args(each) for each in get_args(get_args(hint)[0]) if get_args(each)]
    _, masks, checksums = _in_browser([], [*MASKS, "none", ""])
    assert set(masks) == MASKS
    assert set(checksums) == set(named)


PLACES = st.text(st.sampled_from([*"A9*\\-/ aZé8日"]), min_size=1, max_size=12)


@settings(max_examples=15, deadline=None)
@given(masks=st.lists(PLACES, min_size=1, max_size=20))
def test_any_mask_is_read_as_browsers_read_it(masks: list[str]) -> None:
    """A mask is taken where something can be typed into it, in the browser's reading of it."""
    sound = [each for each in masks if mask_fault(each) is None]
    unfillable = [each for each in masks if "nothing could be typed" in (mask_fault(each) or "")]
    slots, _, _ = _in_browser([*sound, *unfillable], [])
    assert all(slots[: len(sound)])
    assert not any(slots[len(sound) :])
