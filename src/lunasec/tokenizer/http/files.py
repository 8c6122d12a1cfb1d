"""What our frames ask of files: to begin one, to send and to read its segments, to give it up."""

import re
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lunasec.encoding import to_base64url
from lunasec.errors import MalformedRequest, NoSession, TooLarge
from lunasec.tokenizer.core.files import UPLOAD_SECONDS
from lunasec.tokenizer.core.ledger import Session
from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.files import Segment
from lunasec.tokenizer.http import answers, browser, caller, cookieless, limits, sealed, wire
from lunasec.tokenizer.http.answers import answer
from lunasec.tokenizer.http.budgets import Stored
from lunasec.tokenizer.http.services import FrameRequest, Services

SESSION_HEADER: Final = "lunasec-session"
"""Where a body is bytes, the session stands here that others name in their JSON."""

PART_BYTES: Final = 256 * 1024
"""Of a segment that is in memory at once on its way out."""

_UNKEPT: Final = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}

# What a browser could take for a page of ours, were it led here, it saves, and runs nothing of it.
_INERT: Final = {
    **_UNKEPT,
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
_REFERENCE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}")


async def plan(services: Services, frame: FrameRequest, body: wire.PlanUpload) -> Response:
    """Begin an upload."""
    who, session = await browser.proven(services, frame, body.session)
    most = frame.application.max_file_size
    if body.size > sealed_size(most):
        raise TooLarge(f"A file is at most {most} bytes.")
    stored = Stored(
        application=who.application,
        reference=who.reference,
        temporary=session.temporary,
        values=1,
        size=body.size,
    )
    services.budgets.charge_file(stored, services.clock())
    upload = await services.files.plan(who, body.size)
    return answer(
        answers.PlannedUpload(
            upload=to_base64url(upload.reveal()), segment=SEGMENT_BYTES, expires_in=UPLOAD_SECONDS
        )
    )


async def put(services: Services, request: Request) -> Response:
    """Keep a segment. Its sender has a session, an upload and a place before the body is read."""
    headers = caller.Fields(request.headers)
    frame = await browser.frame_request(services, headers, request.scope, caller.BYTES)
    request.scope["lunasec.application"] = frame.application.name
    reference = caller.only(headers, SESSION_HEADER) or ""
    index = request.path_params["index"]
    if not _REFERENCE.fullmatch(reference) or not _INDEX.fullmatch(index):
        raise MalformedRequest("The session or the segment's number can't be read.")
    upload = sealed.upload_id(request.path_params["upload"])
    async with AsyncExitStack() as stack:
        signed: bytearray | None = None
        if frame.signature is None:
            who, session = await browser.proven(services, frame, reference)
            await stack.enter_async_context(_place(services, session))
        else:
            # Who sends it, its own bytes have to say; but who has no session is told before.
            length = limits.announced(headers, SEGMENT_BYTES)
            session = await _named(services, frame, request)
            await stack.enter_async_context(_place(services, session))
            signed = await limits.segment(request, length)
            frame = await cookieless.proven(services, frame, request, signed)
            who, _ = await browser.proven(services, frame, reference)
        asked = services.refusals.reserve(who.application, who.reference, 1)
        await stack.enter_async_context(asked)
        size = await services.files.put(
            who, upload, int(index), lambda size: limits.segment(request, size, signed)
        )
    services.metrics.stored(size)
    return Response(status_code=204, headers=_UNKEPT)


async def _named(services: Services, frame: FrameRequest, request: Request) -> Session:
    """Find the session that a signature names, or refuse as if its body were a forged one."""
    session = await browser.named(services, frame)
    if session is None:
        await cookieless.proven(services, frame, request, b"")
        raise NoSession
    return session


def _place(services: Services, session: Session) -> AbstractAsyncContextManager[None]:
    return services.uploads.take(session.application, browser.holder(session))


async def missing(services: Services, frame: FrameRequest, body: wire.NamedUpload) -> Response:
    """Say which segments are not there yet."""
    who, session = await browser.proven(services, frame, body.session)
    upload = sealed.upload_id(body.upload)
    async with (
        services.refusals.reserve(who.application, who.reference, 1),
        services.downloads.take(who.application, browser.holder(session)),
    ):
        ranges = await services.files.missing(who, upload)
    return answer(answers.MissingSegments(missing=[[*each] for each in ranges]))


async def drop(services: Services, frame: FrameRequest, body: wire.NamedUpload) -> Response:
    """Give an upload up."""
    who, _ = await browser.proven(services, frame, body.session)
    upload = sealed.upload_id(body.upload)
    async with services.refusals.reserve(who.application, who.reference, 1):
        await services.files.cancel(who, upload)
    return answer(answers.Done())


async def read(services: Services, frame: FrameRequest, body: wire.ReadSegment) -> Response:
    """Answer a segment's bytes, as far as its file is granted."""
    who, session = await browser.proven(services, frame, body.session)
    token = Token.parse(body.token)
    async with AsyncExitStack() as stack:
        async with services.refusals.reserve(who.application, who.reference, 1):
            taken = services.downloads.take(who.application, browser.holder(session))
            await stack.enter_async_context(taken)
            segment = await services.files.find(who, token, body.segment)
            first = await services.files.read(segment, 0, PART_BYTES)
        return SegmentResponse(services, segment, first, stack.pop_all())


class SegmentResponse(Response):
    """A segment, read from the disk as the client takes it; its place is kept until then."""

    def __init__(
        self, services: Services, segment: Segment, first: bytes, place: AsyncExitStack
    ) -> None:
        """Begin with the first part, which shows that the segment is there."""
        headers = {**_INERT, "Content-Length": str(segment.size)}
        super().__init__(headers=headers, media_type=caller.BYTES)
        self._services = services
        self._segment = segment
        self._first = first
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. What can't be read on the way ends the connection, short of what it said."""
        del scope, receive
        async with self._place:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            part, sent, size = self._first, 0, self._segment.size
            while sent < size:
                sent += len(part)
                self._services.metrics.read(len(part))
                await send({"type": "http.response.body", "body": part, "more_body": sent < size})
                if sent < size:
                    part = await self._services.files.read(self._segment, sent, PART_BYTES)
