"""Our modules and styles, as browsers load them: read once, and nothing else is ever served."""

import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import NotFound

MEDIA_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

IMPORTED: Final = re.compile(r'^(?:import|export|\}).*?"(\.{1,2}/[^"]+\.js)";$', re.MULTILINE)
"""How our own modules name what they import before they run."""

YEAR: Final = 365 * 24 * 3600
"""How long a hashed address may be kept (RFC 9111, section 5.2; `immutable` is RFC 8246)."""

MINUTES: Final = 5 * 60
"""How long an unhashed address may be kept: a new version is in use after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is sent, and the same compressed once and for all."""

    content: bytes
    compressed: bytes
    media_type: str


def directory() -> Path:
    """Find the browser files: inside the installed package, or beside `src` in a checkout."""
    package = Path(__file__).parents[2]
    installed = package / "web"
    return installed if installed.is_dir() else package.parents[1] / "web"


class Assets:
    """Every module below one address that holds the hash of them all.

    So imports between modules stay relative, and each address is good for ever.
    """

    def __init__(self, root: Path) -> None:
        """Read the modules of `root`; none is read again, and nothing else is ever served."""
        self._files: dict[str, Asset] = {}
        self._imported: dict[str, Sequence[str]] = {}
        tree = hashlib.sha256()
        for folder in ("elements", "frame"):
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in MEDIA_TYPES:
                    content, name = path.read_bytes(), path.relative_to(root).as_posix()
                    tree.update(f"{name}\0{len(content)}\0".encode() + content)
                    self._files[name] = _asset(content, path.suffix)
        self.hash = tree.hexdigest()[:32]
        self.base = f"/assets/{self.hash}/"

    def modules(self) -> Mapping[str, bytes]:
        """Give every script, by its name below `base`."""
        scripts = (each for each in self._files.items() if each[0].endswith(".js"))
        return {name: asset.content for name, asset in scripts}

    def serve(self, request: Request) -> Response:
        """Answer `/assets/<hash>/<name>`."""
        asset = self._files.get(request.path_params["name"])
        if asset is None or request.path_params["hash"] != self.hash:
            raise NotFound
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": f"public, max-age={YEAR}, immutable",
            "Vary": "Accept-Encoding",
        }
        if not _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(asset.content, headers=headers, media_type=asset.media_type)
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, headers=headers, media_type=asset.media_type)

    def imported(self, name: str) -> Sequence[str]:
        """List the addresses of all that a module imports before it runs, each once.

        Named at once they are asked for at once, and not one after the other.
        """
        if name not in self._imported:
            self._imported[name] = tuple(self.base + each for each in self._found(name)[1:])
        return self._imported[name]

    def _found(self, name: str) -> list[str]:
        found = [name]
        for each in found:
            for path in IMPORTED.findall(self._files[each].content.decode()):
                other = posixpath.normpath(f"{posixpath.dirname(each)}/{path}")
                if other not in found:
                    found.append(other)
        return found

    def entry(self) -> Response:
        """Answer `/lunasec.js`: the one address that pages name."""
        name = "elements/lunasec.js"
        imports = "".join(f'import "{each}";\n' for each in self.imported(name))
        return Response(
            f'export * from "{self.base}{name}";\n{imports}',
            headers={
                "Access-Control-Allow-Origin": "*",
                "Cache-Control": f"public, max-age={MINUTES}",
            },
            media_type=MEDIA_TYPES[".js"],
        )

    def worker(self) -> Response:
        """Answer `/download/worker.js`; by the policy of every answer, it asks nobody for anything.

        Not below the hash: at another address it would be another worker, with another scope.
        """
        return Response(
            self._files["frame/worker.js"].content,
            headers={"Cache-Control": "no-cache"},
            media_type=MEDIA_TYPES[".js"],
        )


def _takes_gzip(accepted: str) -> bool:
    """Read `Accept-Encoding` (RFC 9110, section 12.5.3) as far as it concerns gzip."""
    offers = (each.replace(" ", "").lower() for each in accepted.split(","))
    return any(
        each == "gzip" or re.fullmatch(r"gzip;q=(1|0\.\d*[1-9]\d*)", each) for each in offers
    )


def _asset(content: bytes, suffix: str) -> Asset:
    return Asset(
        content=content,
        compressed=gzip.compress(content, 9, mtime=0),
        media_type=MEDIA_TYPES[suffix],
    )
