"""What a person does with files in a page: choose, drop, send, fetch."""

import asyncio
import hashlib
from pathlib import Path
from typing import Final

from playwright.async_api import Download, FilePayload, FrameLocator, Locator, Page, Route, expect

from tests.web.site import Site

SEGMENTS: Final = "**/files/*/*"
MIB: Final = 1024 * 1024

FORM: Final = """
<form id=form method=post action=/form>
  <label for=up>Documents</label>
  <secure-upload id=up name=docs {attributes}></secure-upload>
  <button id=go>Save</button>
</form>"""

DROP: Final = """(root, files) => {
  const dataTransfer = new DataTransfer();
  for (const [name, type, text] of files) dataTransfer.items.add(new File([text], name, { type }));
  const how = { dataTransfer, bubbles: true, cancelable: true };
  for (const name of ["dragenter", "dragover"]) root.dispatchEvent(new DragEvent(name, how));
  return (drop) => drop && root.dispatchEvent(new DragEvent("drop", how));
}"""


def noise(size: int, seed: str = "") -> bytes:
    """Make bytes that no two sizes or seeds have in common."""
    return hashlib.shake_128(f"{seed}/{size}".encode()).digest(size)


def payload(name: str, content: bytes = b"content", kind: str = "") -> FilePayload:
    """Describe a file to Playwright, as if it had been chosen in the browser's own dialog."""
    return {"name": name, "mimeType": kind, "buffer": content}


def inside(page: Page, element: str = "#up") -> FrameLocator:
    """Look into an element's frame."""
    return page.frame_locator(f"{element} iframe")


def rows(page: Page, element: str = "#up") -> Locator:
    """Find the files that an upload lists."""
    return inside(page, element).locator("li")


def start(page: Page, element: str = "secure-download") -> Locator:
    """Find the button that starts a download."""
    return inside(page, element).locator(".start")


async def choose(page: Page, *files: FilePayload, element: str = "#up") -> None:
    """Choose files as in the browser's dialog."""
    await inside(page, element).locator("input[type=file]").set_input_files(files)


async def all_ready(page: Page, count: int = 1, element: str = "#up") -> None:
    """Wait until so many files are sent, and the page knows of it."""
    sent = inside(page, element).locator("li[data-state=sent], li[data-state=stored]")
    await expect(sent).to_have_count(count, timeout=20_000)


async def tokens_of(site: Site, page: Page) -> list[str]:
    """Send the form; return the tokens that the application got."""
    # By the keyboard: a click that scrolls first can land in a frame that was there just before.
    await page.press("#go", "Enter", no_wait_after=True)
    await page.wait_for_selector("#posted", timeout=20_000)
    return site.posts.pop().get("docs", "").split()


async def store_files(site: Site, page: Page, *files: FilePayload, grant: bool = True) -> list[str]:
    """Have files stored through a form, in the page's session, and let it read them."""
    await site.show(page, FORM.format(attributes="multiple"))
    await choose(page, *files)
    await all_ready(page, len(files))
    tokens = await tokens_of(site, page)
    if grant:
        await site.grant(page, tokens)
    return tokens


def download_of(token: str, attributes: str = "id=down") -> str:
    """Write a `<secure-download>`."""
    return f'<secure-download {attributes} token="{token}"></secure-download>'


async def fetched(page: Page, element: str = "secure-download") -> tuple[Download, bytes]:
    """Click an element; return the download, and what came to the disk."""
    async with page.expect_download(timeout=20_000) as waiting:
        await start(page, element).click()
    return await saved(await waiting.value)


async def saved(download: Download) -> tuple[Download, bytes]:
    """Wait until a download is on the disk."""
    path = await download.path()
    return download, await asyncio.to_thread(Path(path).read_bytes)


class Line:
    """The line between a page and the tokenizer's files; it can be slow, and it can be cut."""

    def __init__(self) -> None:
        """Begin with a line on which nothing is wrong."""
        self.pause = 0.0
        self.cut = False
        self.sent: list[str] = []
        """The address of each segment that went up whole."""

    async def lay(self, page: Page) -> "Line":
        """Put it between a page and its tokenizer."""
        for address in (SEGMENTS, "**/files/read"):
            await page.route(address, self._carry)
        return self

    async def _carry(self, route: Route) -> None:
        if self.pause:
            await asyncio.sleep(self.pause)
        if self.cut:
            await route.abort()
            return
        if route.request.method == "PUT":
            self.sent.append(route.request.url)
        await route.fallback()


async def laid(page: Page) -> Line:
    """Give the line between a page and the tokenizer's files."""
    return await Line().lay(page)
