"""Runs the demo: the tokenizer in a process of its own, the application in this one."""

import asyncio
import contextlib
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Coroutine, Generator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
import uvicorn

from lunasec.cli.demo import LOOPBACK, Files, Plan, owned, prepare
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.http import server as http
from lunasec.tokenizer.settings import Address

if TYPE_CHECKING:
    from fastapi import FastAPI

START_SECONDS: Final = 20
"""A first start makes keys and a database; a slow disk may take a while."""

STOP_SECONDS: Final = 3
"""What a request under way may take once somebody pressed Ctrl-C."""


def run(plan: Plan) -> None:
    """Run both until Ctrl-C.

    Raises: `ConfigurationInvalid` where one of them can't start, or the tokenizer ends by itself.
    """
    with owned(plan.data):
        files = prepare(plan)
        asyncio.run(_both(plan, files))


async def _both(plan: Plan, files: Files) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    log_start = plan.log.stat().st_size if plan.log.exists() else 0
    tokenizer = await _tokenizer(plan)
    try:
        # Loaded while the tokenizer starts: each takes most of a second.
        app = _application(plan, files)
        await _ready(plan, tokenizer, stopped)
        if tokenizer.returncode is None and not stopped.is_set():
            await _serve(plan, files, app, tokenizer, stopped)
    finally:
        await _stop(tokenizer)
    if not stopped.is_set():
        raise ConfigurationInvalid(_why(plan.log, log_start))
    typer.echo("\nBoth are stopped.")


async def _tokenizer(plan: Plan) -> Process:
    """Start the tokenizer; should this process be killed, it ends because its input does.

    In a session of its own, so that Ctrl-C reaches this process alone and the order is ours.
    """
    command = (sys.executable, "-m", "lunasec.cli", "serve", "--config", str(plan.config))
    with plan.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *command,
            "--until-input-ends",
            stdin=PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _application(plan: Plan, files: Files) -> "FastAPI":
    from lunasec.demo import DemoSettings, create_app  # noqa: PLC0415 - see above

    return create_app(
        DemoSettings(
            origin=plan.origin,
            tokenizer_url=plan.tokenizer_origin,
            tokenizer_internal_url=plan.internal,
            application="demo",
            key_file=files.key_file,
            database=files.database,
            session_secret=files.session_secret,
            tokenizer_ca_file=files.certificate.authority if files.certificate else None,
        )
    )


async def _ready(plan: Plan, tokenizer: Process, stopped: asyncio.Event) -> None:
    """Wait until the tokenizer answers, has ended, or nobody wants it any more."""
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while not stopped.is_set() and tokenizer.returncode is None:
        if await asyncio.to_thread(_answers, plan.operator_port):
            return
        if asyncio.get_running_loop().time() > deadline:
            raise ConfigurationInvalid(
                f"the tokenizer did not start within {START_SECONDS} s; its log is {plan.log}."
            )
        await asyncio.sleep(0.03)


def _answers(port: int) -> bool:
    connection = HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200  # noqa: PLR2004 - RFC 9110, section 15.3.1
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


async def _serve(
    plan: Plan, files: Files, app: "FastAPI", tokenizer: Process, stopped: asyncio.Event
) -> None:
    """Serve the application until somebody stops it, or the tokenizer is gone."""
    server = _Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=STOP_SECONDS,
            ssl_certfile=files.certificate.certificate if files.certificate else None,
            ssl_keyfile=files.certificate.key if files.certificate else None,
        )
    )
    listener = http.listen("--port", Address(LOOPBACK, plan.port))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await _first(serving, server.up.wait())
    if serving.done():
        await serving
        raise ConfigurationInvalid("the application did not start; it said why above.")
    typer.echo(_told(plan, files))
    await _first(serving, tokenizer.wait(), stopped.wait())
    if tokenizer.returncode is None:
        tokenizer.terminate()  # At once, so that the two stop side by side.
    server.should_exit = True
    await serving


async def _first(serving: "asyncio.Task[None]", *others: Coroutine[Any, Any, object]) -> None:
    """Wait until the server is done, or any of the others is."""
    waiting = [asyncio.create_task(each) for each in others]
    await asyncio.wait([serving, *waiting], return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


async def _stop(tokenizer: Process) -> None:
    """End the tokenizer, if it still runs, and wait until it has."""
    with contextlib.suppress(ProcessLookupError):
        tokenizer.terminate()
    try:
        await asyncio.wait_for(tokenizer.wait(), STOP_SECONDS * 2)
    except TimeoutError:
        tokenizer.kill()
        await tokenizer.wait()


class _Server(uvicorn.Server):
    """A server beside another process: the signals are taken for both."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Take what it serves; `up` is set once it does."""
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say when it is done."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone."""
        yield


def _why(log: Path, start: int) -> str:
    """Find in the tokenizer's log why it ended: its refusal, or else its last line."""
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    refusals = [line.removeprefix("lunasec: ") for line in lines if line.startswith("lunasec: ")]
    reason = (refusals or lines or ["it said nothing"])[-1]
    return f"the tokenizer ended. {reason} Its log is {log}."


def _told(plan: Plan, files: Files) -> str:
    return _STORY.format(
        origin=plan.origin,
        tokenizer=plan.tokenizer_origin,
        data=plan.data,
        trust=_TRUST.format(
            origin=plan.origin,
            tokenizer=plan.tokenizer_origin,
            authority=files.certificate.authority,
        )
        if files.certificate
        else "",
    )


_STORY: Final = """
  The application  {origin}
  The tokenizer    {tokenizer}  (never opened by hand: it serves the Secure Frames)
{trust}
  What to try
    1. Sign up at {origin}/sign-up, with a made-up SSN such as 123-45-6789.
    2. See it on your profile, and at {origin}/database what the application keeps of it.
    3. Run a script of your own in the page at {origin}/steal, and try to steal it.
    4. Log in as somebody else in a private window; {origin}/admin shows all tokens, no values.

  Keys and databases are in {data}: side by side, which is good
  enough for a demo and not for production. Ctrl-C stops both.
"""

_TRUST: Final = """
  The certificate is of the demo's own making, so your browser will warn. Either open both
    {tokenizer}/lunasec.js
    {origin}
  in this order and accept each warning once (a frame can't ask you), or let the browser trust
    {authority}
  which is good for names below localhost alone; nobody has its private key.
"""
