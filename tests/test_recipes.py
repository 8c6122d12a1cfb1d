"""The recipes for proxies and providers are read as the server reads them, and leave none out."""

import re
from pathlib import Path

import pytest

from lunasec.jose.presets import PRESETS
from lunasec.tokenizer import settings

RECIPES = Path(__file__).parents[1] / "docs/recipes"
TOKENIZER = """
[tokenizer]
origin = "https://secure.example.com"
"""
PAYROLL = """
[applications.payroll]
origins = ["https://app.example.com"]
keys = "payroll.jwks.json"

"""
"""What stands before a recipe that shows the provider's table alone; the tokenizer before both."""

BLOCK = re.compile(r"^```toml\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = {
    f"{file.name}:{text[: found.start()].count(chr(10)) + 1}": found[1]
    for file in sorted(RECIPES.glob("*.md"))
    for text in [file.read_text()]
    for found in BLOCK.finditer(text)
    if "provider]" in found[1]
}


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS)
def test_a_recipe_is_a_configuration(text: str) -> None:
    """It is taken, and shows nothing that the preset would fill in anyway."""
    whole = text
    if "[applications.payroll]" not in text:
        whole = TOKENIZER + PAYROLL + text
    elif "[tokenizer]" not in text:
        whole = TOKENIZER + text
    read = settings.parse(whole.encode(), Path("/srv/lunasec.toml"), {})
    payroll = read.applications["payroll"]
    assert payroll.provider is not None or payroll.oidc is not None
    assert f'audience = "{read.origin}"' not in text or 'preset = "envoy"' in text


def test_every_preset_has_a_recipe() -> None:
    """Each is named in a table that can be copied, and the ranking leads to each page."""
    shown = set(re.findall(r'^preset = "(.*)"$', "\n".join(BLOCKS.values()), re.MULTILINE))
    assert shown == set(PRESETS)
    ranking = (RECIPES / "proxies.md").read_text()
    pages = {name.partition(":")[0] for name in BLOCKS}
    assert [each for each in sorted(pages - {"policies.md"}) if f"({each})" not in ranking] == []
