"""The web fonts of frames: a style sheet for each application that has some, and their files."""

import hashlib
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import NotFound
from lunasec.tokenizer import fonts
from lunasec.tokenizer.fonts import Face
from lunasec.tokenizer.http.assets import MEDIA_TYPES, YEAR
from lunasec.tokenizer.settings import Application

PLACE: Final = "/fonts/"

# The name of a family can't end its quotes, and the rest is of a few words and numbers.
_FACE: Final = (
    '@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};'
    'font-display:swap;src:url("{address}")format("{format}")}}\n'
)


class Fonts:
    """Fonts by addresses that hold the hash of what is there, so that each is good for ever."""

    def __init__(self, applications: Mapping[str, Application]) -> None:
        """Read them; none is read again, and nothing else is ever served.

        Raises: `ConfigurationInvalid`.
        """
        self._files: dict[str, tuple[bytes, str]] = {}
        self._sheets = {
            name: self._sheet([fonts.read(font) for font in application.fonts])
            for name, application in applications.items()
            if application.fonts
        }

    def sheet(self, application: str) -> str:
        """Give the address of an application's style sheet; empty where it has no fonts."""
        return self._sheets.get(application, "")

    def serve(self, request: Request) -> Response:
        """Answer `/fonts/<name>`, for our own frames alone: a font may be licensed."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            raise NotFound
        content, media_type = found
        headers = {
            "Cache-Control": f"public, max-age={YEAR}, immutable",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return Response(content, headers=headers, media_type=media_type)

    def _sheet(self, faces: list[Face]) -> str:
        rules = [
            _FACE.format(
                family=face.font.family,
                weight=face.font.weight,
                style=face.font.style,
                address=self._keep(face.content, face.media_type),
                format=face.format,
            )
            for face in faces
        ]
        return self._keep("".join(rules).encode(), MEDIA_TYPES[".css"])

    def _keep(self, content: bytes, media_type: str) -> str:
        name = hashlib.sha256(content).hexdigest()[:32]
        self._files[name] = content, media_type
        return PLACE + name
