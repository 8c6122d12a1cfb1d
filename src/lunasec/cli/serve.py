"""`lunasec serve`: run the tokenizer."""

import asyncio
import gc
import signal
import socket
import sys
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Final

import structlog
import uvloop

from lunasec.cli import first_start, transport
from lunasec.errors import ConfigurationInvalid, LunaSecError
from lunasec.tokenizer import settings as configuration
from lunasec.tokenizer import wiring
from lunasec.tokenizer.embedded import DataDirectory
from lunasec.tokenizer.http import logs, operator, proxied
from lunasec.tokenizer.http import server as http
from lunasec.tokenizer.settings import Address, Settings

UPKEEP_SECONDS: Final = 60
"""Ended sessions and grants stay in the database for about this long; they are dead at once."""

COLLECT_AFTER: Final = 10_000
"""Objects that a collection of the youngest waits for: Python's 700 are a few requests, and what
these hold while they wait for the disk is no garbage, but is gone through each time."""

log = structlog.get_logger("lunasec")


def serve(config: Path, *, until_input_ends: bool = False) -> None:
    """Run the tokenizer until SIGINT or SIGTERM, or until standard input ends.

    Raises: `LunaSecError` for whatever keeps it from starting; then nothing was changed.
    """
    settings = configuration.load(config)
    if not settings.applications:
        raise ConfigurationInvalid(
            f"{config}: there is no application yet; `lunasec app add NAME --origin URL` makes one."
        )
    logs.configure()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, until_input_ends=until_input_ends))


async def _serve(settings: Settings, *, until_input_ends: bool) -> None:
    """Take the ports first, and read what others wrote: where it is wrong, nothing is made."""
    tls = transport.context(settings)
    proxies = settings.proxy_listener
    proxies_tls = None if proxies is None else transport.proxies_context(proxies)
    with ExitStack() as stack:
        public = _listen(stack, "tokenizer.listen", settings.listen)
        private = _listen(stack, "tokenizer.operator_listen", settings.operator_listen)
        line = None
        if proxies is not None:
            line = _listen(stack, "proxy_listener.listen", proxies.listen)
        # Not only where the keys are new: a start that died half-way has told nobody of them.
        is_first = not DataDirectory(path=settings.data).database.exists()
        tokenizer, _ = wiring.embedded(settings)
        _keep_out_of_collections()
        if is_first:
            sys.stdout.write(first_start.message(settings.data))
            sys.stdout.flush()
        if until_input_ends:
            _stop_with_parent()
        upkeep = asyncio.create_task(_keep_up(tokenizer))
        # Runs once `http.serve` has taken the signals: who reads it may stop us from then on.
        telling = asyncio.create_task(_tell(settings, public, private, line))
        operators = operator.operator_app(tokenizer.services, tokenizer.store)
        servers = [(http.server(tokenizer.app, tls), public), (http.server(operators), private)]
        if line is not None:
            servers.append((http.server(proxied.ThroughProxy(tokenizer.app), proxies_tls), line))
        try:
            await http.serve(servers)
        finally:
            await telling
            upkeep.cancel()
            with suppress(asyncio.CancelledError):
                await upkeep
            await tokenizer.close()
            log.info("stopped")


def _listen(stack: ExitStack, setting: str, address: Address) -> socket.socket:
    return stack.enter_context(closing(http.listen(setting, address)))


async def _keep_up(tokenizer: wiring.Tokenizer) -> None:
    while True:
        try:
            await tokenizer.upkeep()
        except LunaSecError as error:
            log.error("upkeep failed", code=error.code)  # noqa: TRY400 - a code says it all
        except Exception as error:  # noqa: BLE001 - the next minute may be a better one
            # Without the error's text, which nobody has looked through for secrets.
            log.error("upkeep failed", error=type(error).__name__)  # noqa: TRY400 - as above
        await asyncio.sleep(UPKEEP_SECONDS)


def _keep_out_of_collections() -> None:
    """Spare the collector what was made up to now: it stays as long as the process does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def _stop_with_parent() -> None:
    """Stop as SIGTERM does when whoever started us is gone, even where it was killed."""

    def ended() -> None:
        asyncio.get_running_loop().remove_reader(sys.stdin)
        signal.raise_signal(signal.SIGTERM)

    asyncio.get_running_loop().add_reader(sys.stdin, ended)


async def _tell(
    settings: Settings, public: socket.socket, private: socket.socket, line: socket.socket | None
) -> None:
    """Log what was decided from the configuration, and where the listeners really are."""
    for each in settings.applications.values():
        log.info("application", name=each.name, origins=each.origins, cross_site=each.cross_site)
    log.info(
        "listening",
        origin=settings.origin,
        listen=_bound(public),
        operator_listen=_bound(private),
        **({} if line is None else {"proxy_listen": _bound(line)}),
    )


def _bound(listener: socket.socket) -> str:
    """Say where a listener is bound: another port than the configuration's, if that was 0."""
    host, port = listener.getsockname()[:2]
    return Address(host, port).text
