r"""Reads a validator's pattern as a browser will, while its operator can still see what is wrong.

Browsers read it with the `u` flag (ECMA-262, section 22.2.1), which refuses what most other engines
take: `\-` outside of a class, a lone `{`. Only the syntax is read here; nothing is matched.
"""

import re
from typing import Final

_ESCAPE: Final = re.compile(
    r"\\(?:(?P<set>[dDwWsS]|[pP]\{[A-Za-z_]+(?:=[A-Za-z_]+)?\})"
    r"|(?P<edge>[bB])"
    r"|(?P<number>[1-9][0-9]*)"
    r"|k<(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)>"
    r"|(?P<zero>0)(?![0-9])"
    r"|(?P<control>[fnrtv]|c[A-Za-z])"
    r"|x(?P<hex>[0-9A-Fa-f]{2})|u(?P<unit>[0-9A-Fa-f]{4})|u\{(?P<point>0*[0-9A-Fa-f]{1,5})\}"
    r"|(?P<itself>[\^$\\.*+?()\[\]{}|/-]))"
)
_GROUP: Final = re.compile(
    r"\((?:\?(?::|(?P<assertion>=|!|<=|<!)|<(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)>))?"
)
_REPEAT: Final = re.compile(r"(?:[*+?]|\{(?P<least>[0-9]+)(?:,(?P<most>[0-9]*))?\})\??")


def fault(pattern: str) -> str | None:
    """Say what a browser would refuse in a pattern, or None."""
    try:
        _Reading(pattern).read()
    except ValueError as error:
        return str(error)
    return None


class _Reading:
    """One pass over a pattern; raises `ValueError` where it is wrong."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._open: list[bool] = []  # For each group that is open, whether it is an assertion.
        self._groups = 0
        self._names: set[str] = set()
        self._numbers_used: set[int] = set()
        self._names_used: set[str] = set()

    def read(self) -> None:
        repeatable = False
        while self._at < len(self._pattern):
            repeatable = self._one(self._pattern[self._at], repeatable)
        if self._open:
            raise ValueError("a ( is not closed")
        if any(number > self._groups for number in self._numbers_used):
            raise ValueError("a \\number refers to no group")
        if self._names_used - self._names:
            raise ValueError("a \\k<name> refers to no group")

    def _one(self, first: str, repeatable: bool) -> bool:  # noqa: FBT001 - private
        """Read one term, and say whether what follows may repeat it."""
        match first:
            case "\\":
                return self._escape()["edge"] is None
            case "[":
                self._character_class()
                return True
            case "(":
                self._group()
                return False
            case ")":
                if not self._open:
                    raise ValueError("a ) closes nothing")
                self._at += 1
                return not self._open.pop()
            case "*" | "+" | "?" | "{":
                self._repeat(repeatable)
                return False
            case "]" | "}":
                raise ValueError(f"a {first} that closes nothing is written \\{first}")
            case _:
                self._at += 1
                return first not in "^$|"

    def _escape(self, *, in_class: bool = False) -> re.Match[str]:
        found = _ESCAPE.match(self._pattern, self._at)
        shown = self._pattern[self._at : self._at + 2]
        if found is None or (found["itself"] == "-" and not in_class):
            raise ValueError(f"{shown} is no escape; a character that means nothing stands alone")
        if in_class and (found["number"] or found["name"] or found["edge"] == "B"):
            raise ValueError(f"{shown} means nothing inside [ ]")
        self._numbers_used |= {int(found["number"])} if found["number"] else set()
        self._names_used |= {found["name"]} if found["name"] else set()
        self._at = found.end()
        return found

    def _group(self) -> None:
        found = _GROUP.match(self._pattern, self._at)
        if found is None or (found[0] == "(" and self._pattern.startswith("(?", self._at)):
            raise ValueError("a (? is followed by : = ! <= <! or <name>")
        if found["name"]:
            if found["name"] in self._names:
                raise ValueError(f"two groups are called {found['name']}")
            self._names.add(found["name"])
        assertion = found["assertion"] is not None
        self._groups += found["name"] is not None or found[0] == "("
        self._open.append(assertion)
        self._at = found.end()

    def _repeat(self, repeatable: bool) -> None:  # noqa: FBT001 - private
        found = _REPEAT.match(self._pattern, self._at)
        if found is None:
            raise ValueError("a { that repeats nothing is written \\{")
        if not repeatable:
            raise ValueError(f"there is nothing that {found[0]} could repeat")
        if found["most"] and int(found["most"]) < int(found["least"]):
            raise ValueError(f"{found[0]} counts backwards")
        self._at = found.end()

    def _character_class(self) -> None:
        self._at += 1 + self._pattern.startswith("[^", self._at)
        while not self._pattern.startswith("]", self._at):
            first = self._member()
            if self._pattern.startswith("-", self._at) and self._pattern[self._at + 1 :][:1] != "]":
                self._at += 1
                last = self._member()
                if first is None or last is None:
                    raise ValueError("a range of [ ] begins and ends with a character")
                if first > last:
                    raise ValueError("a range of [ ] runs backwards")
        self._at += 1

    def _member(self) -> int | None:
        """Read a member of a class: its number, or None for a set of them."""
        if self._at >= len(self._pattern):
            raise ValueError("a [ is not closed")
        if self._pattern[self._at] == "\\":
            return _number(self._escape(in_class=True))
        self._at += 1
        return ord(self._pattern[self._at - 1])


def _number(escape: re.Match[str]) -> int | None:
    """Say which character an escape inside a class stands for, or None for a set."""
    if escape["set"]:
        return None
    for name in ("hex", "unit", "point"):
        if escape[name]:
            return int(escape[name], 16)
    if escape["itself"]:
        return ord(escape["itself"])
    if escape["zero"] or escape["edge"]:
        return 0 if escape["zero"] else ord("\b")
    control = escape["control"]
    return ord(control[1]) % 32 if len(control) > 1 else ord(_CONTROLS[control])


_CONTROLS: Final = {"f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
