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

from lunasec.encoding import to_base64url
from lunasec.errors import NotFound
from lunasec.tokenizer.cookieless import Document
from lunasec.tokenizer.settings import Application, Settings

ROLES: Final = frozenset(
    {"coordinator", "download", "group", "input", "text", "textarea", "upload"}
)

FILES: Final = frozenset({"upload", "download"})
"""The roles whose documents have the look of files."""

WORKER: Final = "/download/worker.js"
"""The service worker of downloads. Its folder is its scope: it is asked about nothing else."""

MEDIA_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

YEAR: Final = 365 * 24 * 3600
"""How long a hashed address may be kept (RFC 9111, section 5.2; `immutable` is RFC 8246)."""

MINUTES: Final = 5 * 60
"""How long an unhashed address may be kept: a new version is in use after this."""

_DOCUMENT: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Secure Frame</title>'
    '<meta name="lunasec-frame" content="{configuration}">{opened}'
    '<link rel="stylesheet" href="{assets}frame/{look}.css">'
    '<script type="module" src="{assets}frame/{script}.js"></script>'
    "</head><body></body></html>"
)
_OPENED: Final = '<meta name="lunasec-secret" content="{secret}" data-session="{session}">'


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


def document(
    settings: Settings,
    assets: Assets,
    application: Application,
    role: str,
    opened: Document | None = None,
) -> Response:
    """Answer `/frame/<application>/<role>`; what was `opened` is for this one answer.

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
        opened=_opened(opened),
        assets=assets.base,
        script=role if opened is None else "courier",
        look="files" if role in FILES else "frame",
    )
    headers = {
        "Cache-Control": "no-store" if opened else f"private, max-age={MINUTES}",
        "Content-Security-Policy": policy(settings, assets, application, role),
        "Permissions-Policy": PERMISSIONS,
    }
    return Response(page, headers=headers, media_type="text/html; charset=utf-8")


def _opened(opened: Document | None) -> str:
    """Write what a document without cookies is told; its script takes it out again at once."""
    if opened is None:
        return ""
    secret = to_base64url(opened.secret.reveal())
    return _OPENED.format(secret=secret, session=opened.reference)


PERMISSIONS: Final = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
)


def policy(settings: Settings, assets: Assets, application: Application, role: str) -> str:
    """Write a frame's Content-Security-Policy: our own modules run, and nothing else.

    The document of downloads may start their worker, and load what that answers in a frame.
    """
    own = f"{settings.origin}{assets.base}"
    saving = role == "download"
    trusted = "lunasec-download" if saving else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            "connect-src 'self'",
            "img-src blob:",
            *((f"worker-src {settings.origin}{WORKER}",) if saving else ()),
            *((f"frame-src {settings.origin}/download/",) if saving else ()),
            "form-action 'none'",
            "base-uri 'none'",
            f"frame-ancestors {' '.join(application.origins)}",
            "require-trusted-types-for 'script'",
            f"trusted-types {trusted}",
        )
    )
