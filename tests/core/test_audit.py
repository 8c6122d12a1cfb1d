"""The audit log: one spelling for each entry, and no line that can be changed unseen."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced

from lunasec.errors import AuditDamaged
from lunasec.tokenizer.core.audit import (
    GENESIS,
    START,
    Entry,
    Head,
    Link,
    follow,
    line,
    once,
    verify_chain,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ENTRIES = st.builds(
    Entry,
    at=st.integers(0, 2**40),
    application=TEXT,
    action=TEXT,
    outcome=TEXT,
    reason=TEXT,
    actor=TEXT,
    session=TEXT,
    subject=TEXT,
    records=st.lists(TEXT, max_size=3).map(tuple),
    reasons=st.lists(TEXT, max_size=3).map(tuple),
)


@given(ENTRIES)
def test_an_entry_is_written_in_one_spelling(entry: Entry) -> None:
    """Sorted names, no spaces, empty fields left out: what is read back is what was meant."""
    text = line(entry)
    read: dict[str, str | int] = json.loads(text)
    assert text == json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert not {'""', "[]"} & set(map(json.dumps, read.values()))
    assert msgspec.convert({"application": "", "action": "", "outcome": "", **read}, Entry) == once(
        entry
    )


@given(ENTRIES, ENTRIES)
def test_different_entries_are_different_lines(one: Entry, other: Entry) -> None:
    """No two entries are written alike."""
    assert (line(one) == line(other)) == (once(one) == once(other))


def test_a_record_is_listed_once() -> None:
    """However often it was asked for: an entry's size is bounded by what there is."""
    entry = Entry(at=1, application="a", action="read", outcome="refused", records=("b", "a", "b"))
    assert once(entry).records == ("b", "a")
    reasons = ("unknown", "expired", "revoked")
    told = replaced(entry, records=("b", "a"), reasons=("unknown", "expired"))
    assert once(replaced(entry, reasons=reasons)) == told
    assert line(entry) == line(once(entry))


@given(st.integers(0, 2**40), st.binary(min_size=32, max_size=32), TEXT)
def test_a_hash_covers_number_line_and_what_was_before(number: int, last: bytes, text: str) -> None:
    """SHA-256 of the number in 8 bytes, the last hash and the line."""
    after = follow(Head(sequence=number, digest=last), text)
    hashed = (number + 1).to_bytes(8, "big") + last + text.encode()
    assert after == Head(sequence=number + 1, digest=hashlib.sha256(hashed).digest())


def test_the_chain_starts_with_nothing() -> None:
    """Before the first entry stand number 0 and 32 zero bytes."""
    assert Head(sequence=0, digest=GENESIS) == START
    assert bytes(32) == GENESIS


def chain(lines: Sequence[str]) -> list[Link]:
    """Chain lines as a store does."""
    head, links = START, list[Link]()
    for text in lines:
        head = follow(head, text)
        links.append(Link(sequence=head.sequence, line=text, digest=head.digest))
    return links


def head_of(links: Sequence[Link]) -> Head:
    """Return where a chain ends."""
    return Head(sequence=links[-1].sequence, digest=links[-1].digest) if links else START


LINES = st.lists(TEXT.filter(len), min_size=1, max_size=6)


@given(LINES, st.data())
def test_a_whole_chain_is_accepted(lines: list[str], data: st.DataObject) -> None:
    """Without an anchor, or with one anywhere on it; the answer is its end."""
    links = chain(lines)
    anchor = head_of(links[: data.draw(st.integers(0, len(links)))])
    assert verify_chain(links, None) == verify_chain(links, anchor) == head_of(links)


@given(LINES, st.data())
def test_every_change_is_found(lines: list[str], data: st.DataObject) -> None:
    """A line changed, removed, put in, moved or numbered anew is found, and the first is named."""
    links = chain(lines)
    at = data.draw(st.integers(0, len(links) - 1))
    changed = {
        "changed": [*links[:at], replace(links[at], line=links[at].line + "x"), *links[at + 1 :]],
        "hashed": [*links[:at], replace(links[at], digest=bytes(32)), *links[at + 1 :]],
        "numbered": [*links[:at], replace(links[at], sequence=at), *links[at + 1 :]],
        "put in": [*links[:at], links[at], *links[at:]],
    }
    for name, damaged in changed.items():
        first = at + 2 if name == "put in" else at + 1
        with pytest.raises(AuditDamaged, match=rf"^Entry {first} was"):
            verify_chain(damaged, None)
    if at + 1 < len(links):
        with pytest.raises(AuditDamaged, match=rf"^Entry {at + 1} was"):
            verify_chain([*links[:at], *links[at + 1 :]], None)
        swapped = [*links[:at], links[at + 1], links[at], *links[at + 2 :]]
        with pytest.raises(AuditDamaged, match=rf"^Entry {at + 1} was"):
            verify_chain(swapped, None)


@given(LINES, st.data())
def test_an_end_that_was_cut_off_is_found(lines: list[str], data: st.DataObject) -> None:
    """A log that ends before its anchor is not whole."""
    links = chain(lines)
    cut = data.draw(st.integers(0, len(links) - 1))
    with pytest.raises(AuditDamaged, match=rf"^The log ends with entry {cut}; it had {len(links)}"):
        verify_chain(links[:cut], head_of(links))


@given(LINES, st.data())
def test_a_log_that_was_written_anew_is_found(lines: list[str], data: st.DataObject) -> None:
    """Whoever can rewrite the whole chain still can't make it go through the anchor."""
    links = chain(lines)
    at = data.draw(st.integers(0, len(links) - 1))
    forged = chain([*lines[:at], lines[at] + "x", *lines[at + 1 :], "and more"])
    with pytest.raises(AuditDamaged, match=rf"^The log up to entry {len(links)} was written anew"):
        verify_chain(forged, head_of(links))


@given(LINES)
def test_every_entry_has_a_hash_of_its_own(lines: list[str]) -> None:
    """Equal lines have different hashes, since each covers all before it."""
    links = chain([*lines, *lines])
    assert len({each.digest for each in links}) == len(links)
    assert all(after.sequence == before.sequence + 1 for before, after in pairwise(links))
