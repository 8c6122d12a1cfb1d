"""How a refusal quotes what somebody wrote into a configuration."""

import json
import re
from typing import Final

SHOWN: Final = 80
"""Characters of a wrong setting that a refusal quotes."""


def shown(value: object) -> str:
    """Quote a setting much as TOML would, unless it looks like a key that was pasted."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if "PRIVATE" in text or re.search(r'\\?"d\\?"\s*:', text):
        return "what looks like a private key (not shown)"
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
