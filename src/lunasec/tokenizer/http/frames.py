"""What browsers load from the tokenizer: frame documents, and the modules that run in them."""

import gzip
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import NotFound
from lunasec.tokenizer.settings import Application, Settings

ROLES: Final = frozenset({"coordinator", "input", "text"})

MEDIA_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

YEAR: Final = 365 * 24 * 3600
"""How long a hashed address may be kept (RFC 9111, section 5.2; `immutable` is RFC 8246)."""

MINUTES: Final = 5 * 60
"""How long an unhashed address may be kept: a new version is in use after this."""

_DOCUMENT: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Secure Frame</title>'
    '<meta name="lunasec-frame" content="{configuration}">'
    '<link rel="stylesheet" href="{assets}frame/frame.css">'
    '<script type="module" src="{assets}frame/{role}.js"></script>'
    "</head><body></body></html>"
)


class Configuration(msgspec.Struct, frozen=True):
    """What a frame is told: nothing in it is secret, nothing in it comes from a request."""

    application: str
    role: str
    origins: tuple[str, ...]
    cross_site: bool
    reveal: Literal["always", "click"]
    remask_after: int | None
    validators: Mapping[str, object]


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
        tree = hashlib.sha256()
        for folder in ("elements", "frame"):
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in MEDIA_TYPES:
                    content, name = path.read_bytes(), path.relative_to(root).as_posix()
                    tree.update(f"{name}\0{len(content)}\0".encode() + content)
                    self._files[name] = _asset(content, path.suffix)
        self.hash = tree.hexdigest()[:32]
        self.base = f"/assets/{self.hash}/"

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

    def entry(self) -> Response:
        """Answer `/lunasec.js`: the one address that pages name."""
        return Response(
            f'export * from "{self.base}elements/lunasec.js";\n',
            headers={
                "Access-Control-Allow-Origin": "*",
                "Cache-Control": f"public, max-age={MINUTES}",
            },
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


def document(settings: Settings, assets: Assets, application: Application, role: str) -> Response:
    """Answer `/frame/<application>/<role>`.

    Raises: `NotFound` for an unknown role.
    """
    if role not in ROLES:
        raise NotFound
    configuration = Configuration(
        application=application.name,
        role=role,
        origins=application.origins,
        cross_site=application.cross_site,
        reveal=application.reveal,
        remask_after=application.remask_after,
        validators=application.validators,
    )
    page = _DOCUMENT.format(
        configuration=html.escape(msgspec.json.encode(configuration).decode(), quote=True),
        assets=assets.base,
        role=role,
    )
    headers = {
        "Cache-Control": f"private, max-age={MINUTES}",
        "Content-Security-Policy": policy(settings, assets, application),
        "Permissions-Policy": PERMISSIONS,
    }
    return Response(page, headers=headers, media_type="text/html; charset=utf-8")


PERMISSIONS: Final = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
)


def policy(settings: Settings, assets: Assets, application: Application) -> str:
    """Write a frame's Content-Security-Policy: our own modules run, and nothing else."""
    own = f"{settings.origin}{assets.base}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            "connect-src 'self'",
            "img-src blob:",
            "form-action 'none'",
            "base-uri 'none'",
            f"frame-ancestors {' '.join(application.origins)}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
