"""`lunasec serve`: run the tokenizer."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from lunasec.errors import ConfigurationInvalid, LunaSecError
from lunasec.tokenizer import settings as configuration
from lunasec.tokenizer import wiring
from lunasec.tokenizer.embedded import Opened
from lunasec.tokenizer.http import logs, operator
from lunasec.tokenizer.http import server as http
from lunasec.tokenizer.settings import Settings

UPKEEP_SECONDS = 60
"""Ended sessions and grants stay in the database for about this long; they are dead at once."""

log = structlog.get_logger("lunasec")


def serve(
    config: Annotated[
        Path, typer.Option(help="The configuration file.", envvar="LUNASEC_CONFIG")
    ] = Path("lunasec.toml"),
) -> None:
    """Run the tokenizer until SIGINT or SIGTERM."""
    logs.configure()
    asyncio.run(_serve(configuration.load(config)))


async def _serve(settings: Settings) -> None:
    listeners = (
        http.listen("tokenizer.listen", settings.listen),
        http.listen("tokenizer.operator_listen", settings.operator_listen),
    )
    tokenizer, opened = wiring.embedded(settings)
    _tell(settings, opened)
    tls = {}
    if settings.tls_certificate and settings.tls_key:
        tls = {"ssl_certfile": settings.tls_certificate, "ssl_keyfile": settings.tls_key}
    public = http.server(tokenizer.app, **tls)
    private = http.server(operator.operator_app(tokenizer.services, tokenizer.store))
    upkeep = asyncio.create_task(_keep_up(tokenizer))
    try:
        await http.serve([(public, listeners[0]), (private, listeners[1])])
    finally:
        upkeep.cancel()
        await tokenizer.store.close()


async def _keep_up(tokenizer: wiring.Tokenizer) -> None:
    while True:
        try:
            await tokenizer.upkeep()
        except LunaSecError as error:
            log.error("upkeep failed", code=error.code)
        await asyncio.sleep(UPKEEP_SECONDS)


def _tell(settings: Settings, opened: Opened) -> None:
    """Say what a first start made: the one file without which every value is lost."""
    if opened.first_start:
        keys = settings.data / "keys.json"
        sys.stderr.write(
            f"\nThis is the first start. The tokenizer's keys are now in\n\n    {keys}\n\n"
            "Without that file every value is lost, and nobody can bring it back. Back it up now:\n"
            f"\n    lunasec keys export --data {settings.data} > lunasec-keys.backup\n\n"
            "A key file beside the database is for one machine and for trying things out: whoever"
            " takes both\ncan read every value whose token he has.\n\n"
        )
    if not settings.applications:
        detail = "there is no application yet; `lunasec app add NAME --origin URL` makes one."
        raise ConfigurationInvalid(detail)
    for each in settings.applications.values():
        log.info("application", name=each.name, origins=each.origins, cross_site=each.cross_site)
    log.info("tokenizer", origin=settings.origin, listen=settings.listen.text)
