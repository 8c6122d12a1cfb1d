"""The documents of frames, and what they may do."""

import html
from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from starlette.responses import Response

from lunasec.encoding import to_base64url
from lunasec.errors import NotFound
from lunasec.tokenizer.cookieless import Document
from lunasec.tokenizer.http import styled
from lunasec.tokenizer.http.assets import MINUTES, Assets
from lunasec.tokenizer.http.fonts import PLACE
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.settings import Application, Settings

ROLES: Final = frozenset(
    {"coordinator", "download", "group", "input", "text", "textarea", "upload"}
)

FILES: Final = frozenset({"upload", "download"})
"""The roles whose documents have the look of files."""

WORKER: Final = "/download/worker.js"
"""The service worker of downloads. Its folder is its scope: it is asked about nothing else."""

_DOCUMENT: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Secure Frame</title>'
    '<meta name="lunasec-frame" content="{configuration}">{opened}'
    '<link rel="stylesheet" href="{assets}frame/{look}.css">{fonts}{preloads}'
    '<script type="module" src="{assets}frame/{script}.js"></script>'
    "</head><body></body></html>"
)
_PRELOAD: Final = '<link rel="modulepreload" href="{}">'
_FONTS: Final = '<link rel="stylesheet" href="{}">'
_OPENED: Final = '<meta name="lunasec-secret" content="{secret}" data-session="{session}">'


class Configuration(msgspec.Struct, frozen=True):
    """What a frame is told: nothing in it is secret, nothing in it comes from a request."""

    application: str
    role: str
    origins: tuple[str, ...]
    cross_site: bool
    proxied: bool
    """Whether an auth proxy vouches on each request, so that none has to be made beforehand."""
    reveal: Literal["always", "click"]
    remask_after: int | None
    validators: Mapping[str, object]
    words: Mapping[str, Mapping[str, str]]


def document(
    services: Services,
    application: Application,
    role: str,
    opened: Document | None = None,
) -> Response:
    """Answer `/frame/<application>/<role>`; what was `opened` is for this one answer.

    Raises: `NotFound` for an unknown role.
    """
    if role not in ROLES:
        raise NotFound
    settings, assets = services.settings, services.assets
    configuration = Configuration(
        application=application.name,
        role=role,
        origins=application.origins,
        cross_site=application.cross_site,
        proxied=application.provider is not None,
        reveal=application.reveal,
        remask_after=application.remask_after,
        validators=application.validators,
        words=application.words,
    )
    script = role if opened is None else "courier"
    imported = assets.imported(f"frame/{script}.js")
    page = _DOCUMENT.format(
        configuration=html.escape(msgspec.json.encode(configuration).decode(), quote=True),
        opened=_opened(opened),
        assets=assets.base,
        preloads="".join(map(_PRELOAD.format, imported)),
        script=script,
        fonts=_FONTS.format(sheet) if (sheet := services.fonts.sheet(application.name)) else "",
        look="files" if role in FILES else "frame",
    )
    headers = {
        "Cache-Control": "no-store" if opened else f"private, max-age={MINUTES}",
        "Content-Security-Policy": policy(settings, assets, application, role),
        "Permissions-Policy": PERMISSIONS,
    }
    return Response(page, headers=headers, media_type=styled.HTML)


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
    fonts = f"{settings.origin}{PLACE}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own} {fonts}" if application.fonts else f"style-src {own}",
            *((f"font-src {fonts}",) if application.fonts else ()),
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
