"""Subresource Integrity: the hashes of what a page loads, and whether that is what is served."""

import hashlib
import posixpath
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

import msgspec

from lunasec.cli.checks.asking import AskingError, ask_noting
from lunasec.cli.checks.findings import Section
from lunasec.tokenizer.http.assets import Assets, directory
from lunasec.tokenizer.settings import Settings

_ENTRY: Final = "elements/lunasec.js"
_IMPORTED: Final = re.compile(rb"""(?:\bfrom|\bimport\()\s*["'](\.[^"']+)["']""")


def look(settings: Settings) -> Section:
    """Ask for each module that a page loads, and compare it with what was installed here."""
    section = Section(title=f"Integrity  {settings.origin}")
    wrong = 0
    try:
        for path, content in _modules().items():
            served = ask_noting(section, settings.origin, path)
            if served.status != 200 or served.body != content:  # noqa: PLR2004 - RFC 9110, 15.3.1
                wrong += 1
                section.wrong(
                    f"{path} is not what this installation has",
                    "Another version runs there, or something in front changes it: compare the"
                    "\nversions, and let the proxy pass modules on as they are.",
                )
    except AskingError as error:
        section.note(f"not reached: {error}", "Start the tokenizer, and check once more.")
        return section
    if not wrong:
        section.fine("every module that a page loads is served as it was installed")
    return section


def lines(settings: Settings) -> str:
    """Write the tags with which a page loads these modules and no others.

    The hash of them all is in their addresses: the tags change with each version.
    """
    hashes = {f"{settings.origin}{path}": _hash(each) for path, each in _modules().items()}
    entry = f"{settings.origin}{Assets(directory()).base}{_ENTRY}"
    written = msgspec.json.format(msgspec.json.encode({"integrity": hashes}), indent=2).decode()
    return (
        "Subresource Integrity: in the page's head, before every other module\n"
        f'<script type="importmap">\n{written}\n</script>\n'
        f'<script type="module" src="{entry}"\n  integrity="{hashes[entry]}"></script>\n'
        "\nPrint them again after each upgrade: a page with old ones loads no elements. Browsers\n"
        "without `integrity` in import maps check the one script tag alone.\n"
    )


def _modules() -> Mapping[str, bytes]:
    """Give the modules that a page can load, by their addresses: elements, and their imports."""
    assets = Assets(directory())
    every = assets.modules()
    waiting = [name for name in every if name.startswith("elements/")]
    loaded: dict[str, bytes] = {}
    while waiting:
        name = waiting.pop()
        if name in loaded:
            continue
        loaded[name] = every[name]
        beside = posixpath.dirname(name)
        imported = (each.decode() for each in _IMPORTED.findall(every[name]))
        waiting += [posixpath.normpath(posixpath.join(beside, each)) for each in imported]
    return {f"{assets.base}{name}": content for name, content in sorted(loaded.items())}


def _hash(content: bytes) -> str:
    """Write a hash as SRI has it (W3C Subresource Integrity, section 3.1)."""
    return f"sha384-{b64encode(hashlib.sha384(content).digest()).decode()}"
