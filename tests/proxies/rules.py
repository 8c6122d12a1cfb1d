"""ORY Oathkeeper's access rules, from its documentation: whose a request is, and what is claimed.

Sources: its pages "API access rules" (the match, which has to be of exactly one rule) and
"Mutators" (`id_token`), and where these are silent, its own `mutator_id_token.go`: the template is
Go's `text/template`, and of what it makes, the first JSON value counts, whatever follows.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

_PLACE = re.compile(r"\{\{ *(print )? *\.([\w.]+) *(\| *toJson)? *\}\}")
_BRACKETS = re.compile(r"<(.*?)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: which requests are its own, who may ask, and what is signed for them."""

    name: str
    methods: frozenset[str]
    address: re.Pattern[str]
    authenticator: str
    claims: str | None
    """The template of the `id_token` mutator; None where nothing is signed."""

    def is_of(self, method: str, address: str) -> bool:
        """Say whether a request is this rule's; the address comes without its query."""
        return method in self.methods and self.address.search(address) is not None


def read(text: str) -> list[Rule]:
    """Read a `rules.json`."""
    return [rule(each) for each in json.loads(text)]


def rule(stated: Mapping[str, Any]) -> Rule:
    """Read one rule."""
    [authenticator], [mutator] = stated["authenticators"], stated["mutators"]
    signs = mutator["handler"] == "id_token"
    return Rule(
        name=stated["id"],
        methods=frozenset(stated["match"]["methods"]),
        address=_pattern(stated["match"]["url"]),
        authenticator=authenticator["handler"],
        claims=mutator["config"]["claims"] if signs else None,
    )


def replaced(known: Rule, claims: str | None, authenticator: str) -> Rule:
    """Give a rule another authenticator, and another template, if there is one."""
    own = known.claims if claims is None else claims
    return replace(known, claims=own, authenticator=authenticator)


def matching(rules: Sequence[Rule], method: str, address: str) -> list[Rule]:
    """List the rules that a request is of; a real one answers 404 for none, and 500 for two."""
    return [each for each in rules if each.is_of(method, address)]


def claimed(template: str, session: Mapping[str, Any]) -> dict[str, Any]:
    """Fill a template in, and read the first JSON value of what comes out."""

    def filled(place: re.Match[str]) -> str:
        value: Any = session
        for name in place[2].split("."):
            value = None if value is None else value.get(name)
        if place[3]:
            return json.dumps(value)
        return "" if value is None else str(value)

    if not template:
        return {}
    claims: dict[str, Any] = json.JSONDecoder().raw_decode(_PLACE.sub(filled, template))[0]
    return claims


def places(template: str) -> list[tuple[str, bool]]:
    """List what a template takes in, and whether `toJson` is around it."""
    assert template.count("{{") == len(_PLACE.findall(template)), template
    return [(place[2], bool(place[3])) for place in _PLACE.finditer(template)]


def _pattern(text: str) -> re.Pattern[str]:
    """Take what is in brackets as a regular expression, the rest as it is, and all of it."""
    parts = _BRACKETS.split(text)
    quoted = [f"({each})" if odd % 2 else re.escape(each) for odd, each in enumerate(parts)]
    return re.compile(f"^{''.join(quoted)}$")
