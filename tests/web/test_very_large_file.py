"""A file larger than anybody would hold in memory, through a real browser's frames and back.

It goes up in a Chromium that nobody watches. Playwright listens to a page's requests, and is sent
the bodies of all: of 2 GiB, Chromium then held some 1.8 GB for it, and the page, which had been
done for minutes, could not be asked anything until all of that had gone by.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, Playwright, expect

from lunasec.tokenizer.core.stream import sealed_size, segments
from tests.browsers import EXECUTABLE, SWITCHES
from tests.processes import free_ports, running
from tests.web.files import FORM, MIB, download_of, noise, rows, start, tokens_of
from tests.web.site import Site, field_frames, running_site

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


@contextmanager
def unwatched_browser(folder: Path) -> Generator[str]:
    """Start a Chromium of its own; give the address at which one can look into it."""
    [port] = free_ports(1)
    command: list[str | Path] = [EXECUTABLE, *SWITCHES, "--headless=new", "about:blank"]
    command += [f"--user-data-dir={folder / 'profile'}", f"--remote-debugging-port={port}"]
    with running(command, folder=folder, ready={port: "/json/version"}) as chromium:
        yield f"http://127.0.0.1:{port}"
        chromium.kill()


@asynccontextmanager
async def looking_into(playwright: Playwright, address: str) -> AsyncGenerator[Page]:
    """Look at its only tab; it stays as it is when nobody looks any more."""
    browser = await playwright.chromium.connect_over_cdp(address)
    try:
        [page] = browser.contexts[0].pages
        page.set_default_timeout(PATIENCE)
        yield page
    finally:
        await browser.close()


async def chosen(page: Page, source: Path) -> None:
    """Choose the file where it lies; Playwright would copy it, and drop the copy on its way out."""
    [frame] = field_frames(page)
    inner: Any = await page.context.new_cdp_session(frame)
    find = {"expression": "document.querySelector('input[type=file]')"}
    found = await inner.send("Runtime.evaluate", find)
    told = {"files": [str(source)], "objectId": found["result"]["objectId"]}
    await inner.send("DOM.setFileInputFiles", told)


async def arrived(site: Site, size: int) -> None:
    """Wait until the tokenizer has so many bytes more, all in segments of their own."""
    folder = site.tokenizer.folder / "data" / "blobs"

    def there() -> int:
        return sum(1 for each in folder.rglob("*") if each.is_file())

    wanted = there() + segments(sealed_size(size))
    while there() < wanted:  # noqa: ASYNC110 - another process writes them
        await asyncio.sleep(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Where a file goes up, and where somebody with the same session fetches it again."""

    site: Site
    playwright: Playwright
    address: str
    down: Page

    async def go(self, source: Path, back: Path) -> None:
        """Upload a file, store it by a form, and download it."""
        size = source.stat().st_size  # noqa: ASYNC240 - no disk is asked
        async with looking_into(self.playwright, self.address) as page:
            session = await self.site.log_in(page)
            await self.site.show(page, FORM.format(attributes=""))
            arriving = asyncio.create_task(arrived(self.site, size))
            await chosen(page, source)
        await arriving
        async with looking_into(self.playwright, self.address) as page:
            sent = expect(rows(page))
            await sent.to_have_attribute("data-state", "sent", timeout=PATIENCE)
            tokens = await tokens_of(self.site, page)
        await self.site.log_in(self.down, session)
        await self.site.grant(self.down, tokens)
        await self.site.show(self.down, download_of(tokens[0]))
        async with self.down.expect_download() as waiting:
            await start(self.down).click()
        await (await waiting.value).save_as(back)


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_very_large_file_through_a_browser(
    playwright: Playwright, cookies_blocked: Browser, tmp_path: Path
) -> None:
    """2 GiB go up and come down as they were, and the server has grown by 64 MiB at most.

    On two cores that takes longer than a session is renewed after.
    """
    source, small, back = (tmp_path / name for name in ("source", "small", "back"))
    digest = written(source, LARGE)
    written(small, 8 * MIB)
    with unwatched_browser(tmp_path) as address:
        async with running_site(tmp_path) as site:
            context = await cookies_blocked.new_context()
            context.set_default_timeout(PATIENCE)
            page = await context.new_page()
            way = Round(site=site, playwright=playwright, address=address, down=page)
            await way.go(small, back)  # what grows once has grown
            growth = await site.tokenizer.process.growth(way.go(source, back))
            await context.close()
    found = hashlib.sha256()
    for part in parts_of(back):
        found.update(part)
    assert found.hexdigest() == digest
    print(f"grown by {growth / MIB:.1f} MiB")  # noqa: T201 - for who runs it
    assert growth <= GROWTH
