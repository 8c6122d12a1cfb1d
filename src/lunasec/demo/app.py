"""Puts the demo together: LunaSec, the database, the log-in session, the pages."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from lunasec.demo import proxied, visits
from lunasec.demo.accounts import Accounts
from lunasec.demo.pages import (
    admin,
    database,
    gallery,
    home,
    log_in,
    profile,
    proxy_log_in,
    sign_up,
    steal,
)
from lunasec.demo.parts import Parts
from lunasec.demo.problems import problem_pages
from lunasec.demo.protection import SameOriginForms, SecurityHeaders
from lunasec.demo.rendering import Pages
from lunasec.demo.samples import Samples
from lunasec.demo.settings import DemoSettings
from lunasec.fastapi import LunaSec

STATIC = Path(__file__).parent / "static"


def create_app(
    settings: DemoSettings, *, transport: httpx.AsyncBaseTransport | None = None
) -> FastAPI:
    """Return the demo as an ASGI application. Opens its database at once, closes it at shutdown.

    `transport` is for tests: how the back end reaches the tokenizer.
    """
    lunasec = LunaSec(
        application=settings.application,
        key_file=settings.key_file,
        tokenizer_url=settings.tokenizer_url,
        tokenizer_internal_url=settings.tokenizer_internal_url,
        tokenizer_ca_file=settings.tokenizer_ca_file,
        session_lifetime=visits.LIFETIME,
        transport=transport,
        session_id_provider=proxied.identity if settings.proxy else visits.identity,
    )
    parts = Parts(
        accounts=Accounts.open(settings.database),
        samples=Samples.open(settings.database),
        lunasec=lunasec,
        pages=Pages(settings=settings, lunasec=lunasec),
        settings=settings,
    )
    app = FastAPI(
        title="LunaSec demo",
        openapi_url=None,
        lifespan=_lifespan,
        middleware=_middleware(settings),
        exception_handlers=problem_pages(),
    )
    app.state.parts = parts
    app.mount("/static", StaticFiles(directory=STATIC))
    doors = (proxy_log_in,) if settings.proxy else (sign_up, log_in)
    for page in (home, *doors, profile, database, gallery, steal, admin):
        app.include_router(page.router)
    lunasec.register(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    yield
    app.state.parts.samples.close()
    app.state.parts.accounts.close()


def _middleware(settings: DemoSettings) -> list[Middleware]:
    verified = settings.proxy and Middleware(proxied.Verified, provider=settings.proxy)
    return [
        *([verified] if verified else []),
        Middleware(SecurityHeaders, settings=settings),
        Middleware(SameOriginForms, settings=settings),
        Middleware(
            SessionMiddleware,
            secret_key=settings.session_secret,
            session_cookie="__Host-demo" if settings.encrypted else "demo",
            max_age=visits.LIFETIME,
            same_site="lax",
            https_only=settings.encrypted,
        ),
    ]
