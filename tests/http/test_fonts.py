"""Web fonts of frames: from the tokenizer alone, for the application that lists them."""

import re
from pathlib import Path

import pytest

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import wiring
from lunasec.tokenizer.fonts import LARGEST
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from tests.http.local import KEYSET, ORIGIN, configured, local, read
from tests.http.parties import code

FONT = b"wOF2 and what follows"
LISTED = '[[applications.payroll.fonts]]\nfamily = "Inter"\nfile = "inter.woff2"\n'


async def test_a_frame_has_the_fonts_that_are_listed(tmp_path: Path) -> None:
    """Its document links a style sheet, which names the file; both are kept for ever."""
    (tmp_path / "inter.woff2").write_bytes(FONT)
    listed = f'{LISTED}weight = "100 900"\nstyle = "italic"\n'
    async with local(tmp_path, MemoryStore(), payroll=listed) as parties:
        document = await parties.client.get("/frame/payroll/text")
        [sheet] = re.findall(r'<link rel="stylesheet" href="(/fonts/[0-9a-f]+)">', document.text)
        style = await parties.client.get(sheet)
        [address] = re.findall(r'url\("(/fonts/[0-9a-f]+)"\)', style.text)
        font = await parties.client.get(address)
        policy = document.headers["content-security-policy"].split("; ")
    assert f"font-src {ORIGIN}/fonts/" in policy
    [styles] = [each for each in policy if each.startswith("style-src ")]
    assert styles.endswith(f" {ORIGIN}/fonts/")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    rule = 'font-family:"Inter";font-weight:100 900;font-style:italic;'
    assert rule in style.text
    assert 'format("woff2")' in style.text
    assert (font.content, font.headers["content-type"]) == (FONT, "font/woff2")
    for each in (style, font):
        assert "immutable" in each.headers["cache-control"]
        assert each.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in each.headers


async def test_an_application_without_fonts_loads_none(tmp_path: Path) -> None:
    """Another application's are not its own, and its policy lets it load nothing more."""
    (tmp_path / "inter.woff2").write_bytes(FONT)
    async with local(tmp_path, MemoryStore(), payroll=LISTED) as parties:
        document = await parties.client.get("/frame/clinic/text")
        assert "/fonts/" not in document.text
        assert "font" not in document.headers["content-security-policy"]
        for path in ("/fonts/inter.woff2", "/fonts/..%2Finter.woff2", f"/fonts/{'0' * 32}"):
            assert code(await parties.client.get(path)) == "not_found", path


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (LISTED.replace("Inter", 'a\\"}b'), "fonts[1].family: wants letters"),
        (LISTED.replace("Inter", "a\\nb"), "fonts[1].family: wants letters"),
        (f'{LISTED}weight = "bold"', "fonts[1].weight: wants one or two numbers"),
        (f'{LISTED}weight = "400;src:url(//evil)"', "fonts[1].weight: wants one or two numbers"),
        (f'{LISTED}style = "oblique"', "fonts"),
        (LISTED * 17, "fonts"),
        (LISTED.replace("inter.woff2", "absent.woff2"), "absent.woff2: No such file"),
        (LISTED.replace("inter", "~no-such-user/inter"), "~no-such-user/inter.woff2: No such file"),
        (LISTED.replace("inter.woff2", "payroll.jwks.json"), "payroll.jwks.json is no WOFF2, WOFF"),
        (LISTED.replace("inter.woff2", "large.woff2"), f"wants {LARGEST} at most"),
    ],
)
def test_t20_what_is_wrong_with_a_font_is_refused_at_the_start(
    tmp_path: Path, settings: str, said: str
) -> None:
    """A name can't end its quotes, and a file has to be a font; the setting is named."""
    (tmp_path / "inter.woff2").write_bytes(FONT)
    (tmp_path / "large.woff2").write_bytes(FONT + bytes(LARGEST))
    configured(tmp_path, payroll=settings)
    with pytest.raises(ConfigurationInvalid, match=r"applications\.payroll\.fonts") as refused:
        wiring.tokenizer(read(tmp_path), store=MemoryStore(), blobs=MemoryBlobs(), keyset=KEYSET)
    assert said in refused.value.detail
