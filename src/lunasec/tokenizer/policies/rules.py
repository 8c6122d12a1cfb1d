"""Policy files: each policy read, checked against the schema, and told from the others by name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from msgspec import Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.core.policy import OWNER
from lunasec.tokenizer.policies import cedar
from lunasec.tokenizer.policies.cedar import Json

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
"""What the audit log calls a policy."""

ANNOTATIONS: Final = frozenset({"id", "step_up"})

NAMELESS: Final = {
    "User": 'wants `principal is User && principal.sub == "…"`, or `resource.owner == principal`',
    "Token": "a token is told from others by its `kind`, its tags and its `owner`",
    "Application": "wants `principal is Application`, of which there is one",
}
"""What can't be named in a policy, and what to write instead."""

_STATEMENT: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|//[^\n]*|[^";/]|/)*;?', re.DOTALL)
_OPTIONAL: Final = re.compile(r"access to optional attribute `(\w+)` (?:in|on entity) (\w+ ?`?\w+)")
_HOLDERS: Final = {"type `User": "principal", "type `Token": "resource"}
_TAG: Final = re.compile(r"access to tag `(.+?)` ")


class Rule(Struct, frozen=True, kw_only=True):
    """One policy of a file; `policy` is Cedar's own JSON of it."""

    file: str
    name: str
    policy: Json
    step_up: bool


def rules(file: str, text: str) -> list[Rule]:
    """Read a file's policies.

    Raises: `ConfigurationInvalid`, with the file and the policy.
    """
    try:
        return _rules(file, text)
    except RecursionError:
        raise ConfigurationInvalid(
            f"{file}: a condition is nested too deeply; wants several policies."
        ) from None


def _rules(file: str, text: str) -> list[Rule]:
    try:
        whole = cedar.parsed(text)
    except ValueError as error:
        where = f"{file}: the policy that begins in line {_line(text)}"
        raise ConfigurationInvalid(f"{where}: {' '.join(str(error).split())}.") from None
    if not whole["staticPolicies"] and not whole["templates"]:
        raise ConfigurationInvalid(f"{file}: there is no policy in it.")
    if whole["templates"]:
        raise ConfigurationInvalid(
            f"{file}: a policy has ?principal or ?resource in it; nothing fills these in here."
        )
    found = {key: _rule(file, key, each) for key, each in whole["staticPolicies"].items()}
    _check(file, text, {key: each.name for key, each in found.items()})
    return [*found.values()]


def refuse_twice(found: Sequence[Rule]) -> None:
    """Refuse two policies of one name.

    Raises: `ConfigurationInvalid`.
    """
    names: dict[str, Rule] = {}
    for each in found:
        if each.name in names:
            raise ConfigurationInvalid(
                f'{each.file}: another policy has the @id "{each.name}" too, in'
                f" {names[each.name].file}; the audit log could not tell the two apart."
            )
        names[each.name] = each


def _rule(file: str, key: str, policy: Json) -> Rule:
    said: Mapping[str, str | None] = policy.get("annotations", {})
    name = said.get("id") or ""
    if not NAME.fullmatch(name) or name == OWNER:
        what = f'the @id "{name}"' if name else f"no @id (it is {key}, counted from 0)"
        raise ConfigurationInvalid(
            f"{file}: a policy has {what}; wants 1 to 64 characters of A-Z, a-z, 0-9, space, '.',"
            f" '_' and '-', and not \"{OWNER}\", which is built in; for example"
            ' @id("support reads names").'
        )
    if unknown := sorted(said.keys() - ANNOTATIONS):
        raise ConfigurationInvalid(
            f'{file}: "{name}" has @{unknown[0]}, which nothing here reads; wants @id, and @step_up'
            " for a forbid that a fresh confirmation would lift."
        )
    parts = [each for part, each in policy.items() if part != "annotations"]
    if named := sorted(set(_named(parts))):
        kind, text = named[0]
        raise ConfigurationInvalid(
            f'{file}: "{name}" names {kind}::"{text}", which nothing is ever called here, so it'
            f" would never match: {NAMELESS[kind]}."
        )
    step_up = "step_up" in said
    if step_up and policy["effect"] != "forbid":
        raise ConfigurationInvalid(
            f'{file}: "{name}" has @step_up and permits; wants a forbid, which a fresh'
            " confirmation would lift."
        )
    return Rule(file=file, name=name, policy=policy, step_up=step_up)


def _check(file: str, text: str, names: Mapping[str, str]) -> None:
    """Have Cedar find what can't be right: a misspelled attribute, a comparison of two kinds."""
    said = sorted({_said(names.get(key, ""), key, error) for key, error in cedar.faults(text)})
    if said:
        raise ConfigurationInvalid(f"{file}: {'; '.join(said)}.")


def _said(name: str, key: str, error: str) -> str:
    plain = " ".join(error.replace(f"for policy `{key}`, ", "").split())
    if found := _OPTIONAL.search(plain):
        attribute, where = found.groups()
        what = _HOLDERS.get(where, "context")
        plain = f"`{attribute}` may not be there; wants `{what} has {attribute} && …` before it"
    elif found := _TAG.search(plain):
        plain = f"the tag {found[1]} may not be there; wants `resource.hasTag({found[1]}) && …`"
    return f'"{name}": {plain}' if name else plain


def _named(part: object) -> Iterator[tuple[str, str]]:
    """Find what a policy calls by a name, wherever it does so."""
    if isinstance(part, dict):
        known = cast("Json", part)
        match known:
            case {"type": str(kind), "id": str(name)} if kind in NAMELESS:
                yield kind, name
            case _:
                yield from (found for each in known.values() for found in _named(each))
    elif isinstance(part, list):
        yield from (found for each in cast("Sequence[Any]", part) for found in _named(each))


def _line(text: str) -> int:
    """Say where the first policy begins that can't be read: Cedar tells no place."""
    at = 0
    for statement in _STATEMENT.findall(text):
        begins = at + len(statement) - len(statement.lstrip())
        try:
            cedar.parsed(statement)
        except ValueError:
            return text.count("\n", 0, begins) + 1
        at += len(statement)
    return 1
