"""The recipe's rules for ORY Oathkeeper: each request is of one, and no value claims anything."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from examples.proxies.fronts import EXAMPLES
from tests.proxies import rules

RECIPE = (Path(__file__).parents[2] / "docs/recipes/oathkeeper.md").read_text()
SHOWN = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", RECIPE, re.DOTALL)]
EXAMPLE: list[dict[str, Any]] = json.loads((EXAMPLES / "oathkeeper/rules.json").read_text())
OPEN = ("/lunasec.js", "/assets/a/b.js", "/errors", "/session/back-channel-logout/payroll")
SHUT = (
    "/",
    "/frame/payroll/coordinator",
    "/detokenize",
    "/files/read",
    "/session/ensure",
    "/session/back-channel-logout",
    "/session/back-channel-logoutx/payroll",
    "/lunasec.jsx",
    "/lunasecxjs",
    "/lunasec.js/x",
    "/errors/x",
    "/assets",
    "/assetsx/a.js",
    "/x/assets/a.js",
)
SETS = {
    "recipe": ("https://secure.example.com", [rules.rule(each) for each in SHOWN]),
    "example": (
        "http://secure.lunasec.localhost:8001",
        [rules.rule(each) for each in EXAMPLE],
    ),
}
TEMPLATES = [
    mutator["config"]["claims"]
    for each in (*SHOWN, *EXAMPLE)
    for mutator in each["mutators"]
    if "config" in mutator
]
HOSTILE = 'x", "sid": "another\'s", "aud": ["https://secure.example.com"]}'

each_set = pytest.mark.parametrize(("origin", "known"), SETS.values(), ids=SETS)


@each_set
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", [*OPEN, *SHUT])
def test_each_path_is_of_one_rule(
    origin: str, known: list[rules.Rule], method: str, path: str
) -> None:
    """Two would be answered with a 500, and none with a 404."""
    [found] = rules.matching(known, method, origin + path)
    assert found.name == ("public" if path in OPEN else "tokenizer")
    assert found.authenticator == ("anonymous" if path in OPEN else "cookie_session")


@each_set
def test_a_segment_is_sent_by_its_owner(origin: str, known: list[rules.Rule]) -> None:
    """`PUT` is for what frames upload, and for nothing that is open."""
    [found] = rules.matching(known, "PUT", f"{origin}/files/a/0")
    assert found.name == "tokenizer"
    assert not [each for path in OPEN for each in rules.matching(known, "PUT", origin + path)]


def test_the_recipe_s_rules_are_the_example_s() -> None:
    """They differ in the host, and the example has the application's too."""
    own = {each["id"]: json.dumps(each) for each in EXAMPLE}
    host = "http://secure.lunasec.localhost:8001"
    for each in SHOWN:
        text = json.dumps(each).replace("https://secure.example.com", host)
        assert text.replace('"ttl": "60s", ', "") == own[each["id"]]
    assert set(own) - {each["id"] for each in SHOWN} == {"application"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_t25_no_value_claims_anything(template: str) -> None:
    """`toJson` is around each, and what decides comes last."""
    assert [name for name, escaped in rules.places(template) if not escaped] == []
    honest = rules.claimed(template, {"Extra": {"id": "s-1"}})
    assert list(honest)[-2:] == ["sid", "aud"]
    hostile = rules.claimed(template, {"Extra": {"id": HOSTILE}})
    assert hostile == honest | {"sid": HOSTILE}


def test_t25_what_is_not_escaped_has_the_last_word_wherever_it_stands() -> None:
    """A value that closes the object is the whole of the token: what follows is not read."""
    template = (
        '{"name": "{{ print .Extra.name }}", "sid": {{ .Extra.id | toJson }}, "aud": ["own"]}'
    )
    stolen = rules.claimed(template, {"Extra": {"id": "s-1", "name": HOSTILE}})
    assert (stolen["sid"], stolen["aud"]) == ("another's", ["https://secure.example.com"])
    escaped = template.replace('"{{ print .Extra.name }}"', "{{ .Extra.name | toJson }}")
    kept = rules.claimed(escaped, {"Extra": {"id": "s-1", "name": HOSTILE}})
    assert (kept["name"], kept["sid"], kept["aud"]) == (HOSTILE, "s-1", ["own"])
