"""What is measured against: Starlette that does nothing but answer.

Run as `python -m tests.bench.plain PORT FOLDER`. `POST /bytes/<name>` answers with the bytes of a
file of the folder, as a tokenizer answered once; `/page/<kind>/<count>` is a page with that many
bare frames of another origin on the same site, and `/frame/<kind>` what stands in one, as many
times as `?times=` says. `/fields/<count>` is a page with that many plain inputs, and no frame.
`PUT /file` keeps a file, durably, and `GET /file` gives it back.
"""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

TEXT: Final = "123-45-6789"
CONTENTS: Final = {"text": f"<span>{TEXT}</span>", "input": "<input aria-label=value>"}
DOCUMENT: Final = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>bare</title></head><body>{}</body></html>'  # noqa: E501 - one line as it is sent

# What our own frames have too, so that the same ones are compared: kept, and in a thread apart.
FRAME_HEADERS: Final = {"Cache-Control": "private, max-age=300", "Origin-Agent-Cluster": "?1"}


def application(folder: Path) -> Starlette:
    """Build the application."""

    @cache
    def content(name: str) -> bytes:
        return (folder / name).read_bytes()

    async def answer(request: Request) -> Response:
        return Response(content(request.path_params["name"]), media_type="application/json")

    async def page(request: Request) -> Response:
        kind, count = request.path_params["kind"], request.path_params["count"]
        frame = f"//secure.lunasec.localhost:{request.url.port}/frame/{kind}"
        times = int(request.query_params.get("times", "1"))
        size = f'width="200" height="{30 * times}"'
        frames = f'<iframe {size} src="{frame}?times={times}"></iframe>' * count
        return HTMLResponse(DOCUMENT.format(frames), headers={"Cache-Control": "no-store"})

    async def frame(request: Request) -> Response:
        content = CONTENTS[request.path_params["kind"]]
        times = int(request.query_params.get("times", "1"))
        content = f"<div>{content}</div>" * times if times > 1 else content
        return HTMLResponse(DOCUMENT.format(content), headers=FRAME_HEADERS)

    async def fields(request: Request) -> Response:
        inputs = CONTENTS["input"] * request.path_params["count"]
        return HTMLResponse(DOCUMENT.format(inputs), headers={"Cache-Control": "no-store"})

    async def keep(request: Request) -> Response:
        with (folder / "file").open("wb") as file:
            async for part in request.stream():
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        return Response(status_code=204)

    async def give(_request: Request) -> Response:
        return FileResponse(folder / "file")

    routes = [
        Route("/file", keep, methods=["PUT"]),
        Route("/file", give, methods=["GET"]),
        Route("/bytes/{name}", answer, methods=["POST"]),
        Route("/page/{kind}/{count:int}", page),
        Route("/frame/{kind}", frame),
        Route("/fields/{count:int}", fields),
    ]
    return Starlette(routes=routes)


def main() -> None:
    """Serve with what `lunasec serve` uses: uvloop, httptools, no log of requests."""
    port, folder = sys.argv[1:]
    options = {"loop": "uvloop", "http": "httptools", "ws": "none", "lifespan": "off"}
    uvicorn.run(
        application(Path(folder)),
        port=int(port),
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        **options,  # type: ignore[arg-type]
    )


if __name__ == "__main__":
    main()
