"""What the SDK's tests share: a key file, and a tokenizer that answers by a script."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OKPKey

from lunasec.sdk.settings import GivenSettings
from tests.sdk.scripted import ScriptedTokenizer

ORIGIN = "https://secure.example.com"


def write_key(path: Path, key: OKPKey | ECKey) -> Path:
    """Write a private key as `lunasec app add` does."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(key.as_dict(private=True)))
    return path


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the key file of the application `payroll`."""
    key = OKPKey.generate_key("Ed25519", {"kid": "payroll-1"})
    return write_key(tmp_path_factory.mktemp("keys") / "payroll.key", key)


@pytest.fixture
def given(key_file: Path) -> GivenSettings:
    """Give the settings that have no default."""
    return {"application": "payroll", "key_file": key_file, "tokenizer_url": ORIGIN}


@pytest.fixture
def tokenizer() -> ScriptedTokenizer:
    """Give a tokenizer in good health."""
    return ScriptedTokenizer()
