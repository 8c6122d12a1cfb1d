"""Policy files: each policy read, checked against the schema, and told from the others by name."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.core.policy import OWNER
from lunasec.tokenizer.policies import cedar
from lunasec.tokenizer.policies.cedar import Json

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
"""What the audit log calls a policy."""


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
        whole = cedar.parsed(text)
    except ValueError as error:
        raise ConfigurationInvalid(f"{file}: {' '.join(str(error).split())}.") from None
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
    return f'"{name}": {plain}' if name else plain
