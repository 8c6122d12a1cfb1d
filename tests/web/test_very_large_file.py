"""A file larger than anybody would hold in memory, through a real browser's frames and back."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.files import FORM, MIB, download_of, inside, noise, rows, start, tokens_of
from tests.web.site import Site, running_site

GROWTH: Final = 64 * MIB
LARGE: Final = 2048 * MIB
PATIENCE: Final = 3_000_000  # milliseconds, on a machine with other work


def written(path: Path, size: int) -> str:
    """Fill a file with parts that all differ; give its digest."""
    digest, part = hashlib.sha256(), noise(MIB)
    with path.open("wb") as file:
        for index in range(size // MIB):
            made = index.to_bytes(8) + part[8:]
            digest.update(made)
            file.write(made)
    return digest.hexdigest()


def parts_of(path: Path) -> Iterator[bytes]:
    """Read a file by and by."""
    with path.open("rb") as file:
        while part := file.read(MIB):
            yield part


async def went_round(site: Site, page: Page, source: Path, back: Path) -> None:
    """Upload a file, store it by a form, and download it from another page."""
    await site.show(page, FORM.format(attributes=""))
    await inside(page).locator("input[type=file]").set_input_files(source)
    await expect(rows(page)).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    tokens = await tokens_of(site, page)
    await site.grant(page, tokens)
    await site.show(page, download_of(tokens[0]))
    async with page.expect_download() as waiting:
        await start(page).click()
    await (await waiting.value).save_as(back)


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_very_large_file_through_a_browser(cookies_blocked: Browser, tmp_path: Path) -> None:
    """2 GiB go up and come down as they were, and the server has grown by 64 MiB at most."""
    source, back = tmp_path / "source", tmp_path / "back"
    digest = written(source, LARGE)
    async with running_site(tmp_path) as site:
        context = await cookies_blocked.new_context()
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        await site.log_in(page)
        small = tmp_path / "small"
        written(small, 8 * MIB)
        await went_round(site, page, small, back)  # what grows once has grown
        growth = await site.tokenizer.process.growth(went_round(site, page, source, back))
        await context.close()
    found = hashlib.sha256()
    for part in parts_of(back):
        found.update(part)
    assert found.hexdigest() == digest
    print(f"grown by {growth / MIB:.1f} MiB")  # noqa: T201 - for who runs it
    assert growth <= GROWTH
