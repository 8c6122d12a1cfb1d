"""Cedar itself, in the types that the rest works with. The only importer of `cedarpy`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cedarpy
from msgspec import Struct

Json = dict[str, Any]

SCHEMA: Final = Path(__file__).with_name("lunasec.cedarschema")

_cedar: Any = cedarpy  # its types leave many parts open


class Outcome(Struct, frozen=True, gc=False):
    """What one evaluation gave: by which policies, and which of them failed (Cedar's own words)."""

    allows: bool
    reasons: tuple[str, ...]
    errors: tuple[str, ...]


def parsed(text: str) -> Json:
    """Give Cedar's JSON of policies: `staticPolicies` by their places, and `templates`.

    Raises: `ValueError`.
    """
    whole: Json = json.loads(_cedar.policies_to_json_str(text))
    return whole


def faults(text: str) -> list[tuple[str, str]]:
    """Say what the schema finds wrong with policies: in which one, by its place, and what."""
    result = _cedar.validate_policies(text, _schema())
    found = [(str(each.policy_id), str(each.error)) for each in result.errors]
    return found or ([] if result.validation_passed else [("", "it is not valid")])


class PolicySet:
    """Policies with their names, ready to be evaluated."""

    def __init__(self, policies: Mapping[str, Json]) -> None:
        """Put them together."""
        whole: Json = {"staticPolicies": {**policies}, "templates": {}, "templateLinks": []}
        self._set: Any = _cedar.PolicySet.from_json_str(json.dumps(whole))
        self._schema: Any = _schema()

    def entities(self, stated: Sequence[Json]) -> object:
        """Check entities against the schema, for several evaluations.

        Raises: `ValueError`.
        """
        return _cedar.Entities.from_json_str(json.dumps(stated), self._schema)

    def evaluate(self, asked: Sequence[Json], entities: object) -> list[Outcome]:
        """Evaluate requests, in order, all in one go."""
        results: list[Any] = _cedar.is_authorized_batch([*asked], self._set, entities)
        return [
            Outcome(
                allows=each.allowed,
                reasons=tuple(each.diagnostics.reasons),
                errors=tuple(each.diagnostics.errors),
            )
            for each in results
        ]


def _schema() -> object:
    return _cedar.Schema.from_str(SCHEMA.read_text())
