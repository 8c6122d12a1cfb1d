"""The example in examples/fastapi: two users, one number, the real tokenizer."""

import importlib.util
from pathlib import Path
from types import ModuleType

import httpx
import pytest

import lunasec.testing
from lunasec.errors import NotGranted

APP = Path(__file__).parents[2] / "examples" / "fastapi" / "app.py"
VALUE = "078-05-1120"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import the example as its user would run it: with its settings in the environment."""
    for name, value in lunasec.testing.settings(tmp_path, application="payroll").items():
        monkeypatch.setenv(f"LUNASEC_{name.upper()}", str(value))
    specification = importlib.util.spec_from_file_location("example", APP)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _browser(example: ModuleType) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(example.app),
        base_url="https://app.test",
        follow_redirects=True,
    )


async def test_each_user_sees_their_own_number(example: ModuleType) -> None:
    """Ada types a number and sees it; Bob, in another browser, sees nothing of hers."""
    with lunasec.testing.tokenizer(example.lunasec) as tokenizer:
        async with _browser(example) as ada, _browser(example) as bob:
            await ada.get("/log-in/ada")
            await bob.get("/log-in/bob")
            hers = await tokenizer.page_async(ada)
            token = hers.tokenize(VALUE, kind="ssn")
            shown = await ada.post("/me", data={"ssn": token})
            assert f'token="{token}"' in shown.text
            assert hers.session in shown.text
            assert VALUE not in shown.text
            assert hers.reveal(token) == VALUE

            stolen = await bob.post("/me", data={"ssn": token})
            assert (stolen.status_code, stolen.json()["code"]) == (403, "not_granted")
            his = await tokenizer.page_async(bob)
            with pytest.raises(NotGranted):
                his.reveal(token)
            assert example.numbers == {"ada": token}
